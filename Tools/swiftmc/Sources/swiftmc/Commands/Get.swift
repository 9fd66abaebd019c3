import ArgumentParser
import Foundation
import SwiftLibMC

struct Get: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print values.",
        discussion: """
            A single value is printed as it is, several with their keys. Ends with 1 if any is missing, 3 if any \
            could not be asked for. With --json also \
            flags and versions; bytes that are not text are in Base64 then.
            """
    )

    @Argument(help: "The items' keys.")
    var keys: [String]

    @Flag(help: "Add no line end, and don't make binary values readable on a terminal.")
    var raw = false

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        // One by one: keys that are equal as text may be two, and a miss is none if the server was not asked.
        session.forEach(keys) { key in
            guard let item = try session.client.item(key) else {
                session.output.json(["key": .string(key), "found": false])
                if !session.output.isJSON { Terminal.complain("no such item: \(key)") }
                return false
            }
            let value = try bytes(of: item, session.client)
            if session.output.isJSON {
                session.output.json(Self.document(key, item, value))
            } else {
                if keys.count > 1 { session.output.write("\(Terminal.styled(readable(key), .bold))\t".utf8) }
                session.output.write(isReadable(value) ? value : Array(readable(value).utf8))
                if !raw { session.output.write([UInt8(ascii: "\n")]) }
            }
            return true
        }
    }

    /// The value as text where its format has numbers in another form, else as it is, inflated.
    private func bytes(of item: Item, _ client: Client) throws -> [UInt8] {
        if let text = try? client.decode(item, as: String.self) { return Array(text.utf8) }
        return try client.decode(item, as: [UInt8].self)
    }

    private func isReadable(_ value: [UInt8]) -> Bool {
        guard Terminal.hasOutput, !raw else { return true }
        guard let text = String(validating: value, as: UTF8.self) else { return false }
        return !text.unicodeScalars.contains { isControl($0) && $0 != "\n" && $0 != "\t" }
    }

    private static func document(_ key: String, _ item: Item, _ value: [UInt8]) -> JSONValue {
        var fields: [String: JSONValue] = [
            "key": .string(key), "found": true, "flags": .integer(Int64(item.flags.rawValue)),
            "cas": .unsigned(item.cas.rawValue), "size": .integer(Int64(item.bytes.count)),
        ]
        if let text = String(validating: value, as: UTF8.self) {
            fields["value"] = .string(text)
        } else {
            fields["base64"] = .string(Data(value).base64EncodedString())
        }
        return .object(fields)
    }
}
