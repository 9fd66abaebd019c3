import ArgumentParser
import Foundation
import SwiftLibMC

struct Get: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print values.",
        discussion: """
            A single value is printed as it is, several with their keys. Exits with 1 if any is missing, 3 if any \
            could not be asked for. With --json also flags and versions; bytes that are not text are in Base64 then.
            """
    )

    @Argument(help: "The items' keys.")
    var keys: [String]

    @Flag(help: "Add no line end, and don't make binary values readable on a terminal.")
    var raw = false

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        try session.showValues(of: keys, isRaw: raw) { key, _ in keys.count > 1 ? [key] : [] }
    }
}

struct Gets: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print values with their versions.",
        discussion: """
            cas takes this version. It is printed before the value, and after the key if there are several. Exits as get does.
            """
    )

    @Argument(help: "The items' keys.")
    var keys: [String]

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        try session.showValues(of: keys, isRaw: false) { key, item in (keys.count > 1 ? [key] : []) + ["\(item.cas)"] }
    }
}

extension Session {
    /// Prints values, with something before each of them.
    fileprivate func showValues(
        of keys: [String],
        isRaw: Bool,
        _ titles: (String, Item) -> [String]
    ) throws -> Outcome {
        // One by one: keys that are equal as text may be two, and a miss is none if the server was not asked.
        forEach(keys) { key in
            guard let item = try client.item(key) else { return missing(key) }
            let value = try bytes(of: item)
            if output.isJSON {
                output.json(Self.document(key, item, value))
            } else {
                for title in titles(key, item) { output.write("\(Terminal.styled(readable(title), .bold))\t".utf8) }
                output.write(isRaw || isReadable(value) ? value : Array(readable(value).utf8))
                if !isRaw { output.write([UInt8(ascii: "\n")]) }
            }
            return .done
        }
    }

    /// The value as text where its format has numbers in another form, else as it is, inflated.
    private func bytes(of item: Item) throws -> [UInt8] {
        if let text = try? client.decode(item, as: String.self) { return Array(text.utf8) }
        return try client.decode(item, as: [UInt8].self)
    }

    private func isReadable(_ value: [UInt8]) -> Bool {
        guard Terminal.hasOutput else { return true }
        guard let text = String(validating: value, as: UTF8.self) else { return false }
        return !text.unicodeScalars.contains { isControl($0) && $0 != "\n" && $0 != "\t" }
    }

    private static func document(_ key: String, _ item: Item, _ value: [UInt8]) -> JSONValue {
        var fields: [String: JSONValue] = [
            "key": .string(key), "found": true, "flags": .integer(Int64(item.flags.rawValue)),
            "cas": .unsigned(item.cas.rawValue), "size": .integer(Int64(item.bytes.count)),
        ]
        fields.addBytes(value, text: "value", base64: "base64")
        return .object(fields)
    }
}

struct TTL: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "ttl",
        abstract: "Print in how many seconds items expire, or never.",
        discussion: """
            Exits with 1 if any is missing, 3 if a server can't say: that needs memcached 1.6, and no password. It counts as \
            a read of the items. With --json also size, flags and version, and when the item was last used.
            """
    )

    @Argument(help: "The items' keys.")
    var keys: [String]

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        session.forEach(keys) { key in
            guard let metadata = try session.client.metadata(key) else { return session.missing(key) }
            let life = metadata.timeToLive.map { "\($0.components.seconds)" } ?? "never"
            session.output.show(
                keys.count > 1 ? "\(Terminal.styled(readable(key), .bold))\t\(life)" : life,
                [
                    "key": .string(key), "found": true, "size": .integer(Int64(metadata.size)),
                    "seconds": metadata.timeToLive.map { .integer($0.components.seconds) } ?? .null,
                    "flags": .integer(Int64(metadata.flags.rawValue)), "cas": .unsigned(metadata.cas.rawValue),
                    "idleSeconds": .integer(metadata.sinceLastAccess.components.seconds),
                    "wasRead": .bool(metadata.wasRead),
                ]
            )
            return .done
        }
    }
}

struct ServerOf: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "server",
        abstract: "Print which server has a key.",
        discussion: "It depends on the servers and the behaviors. No server is asked."
    )

    @Argument(help: "The items' keys.")
    var keys: [String]

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        session.forEach(keys) { key in
            let server = try session.client.server(for: key)
            session.output.show(
                keys.count > 1 ? "\(Terminal.styled(readable(key), .bold))\t\(server)" : "\(server)",
                ["key": .string(key), "server": .string("\(server)")]
            )
            return .done
        }
    }
}
