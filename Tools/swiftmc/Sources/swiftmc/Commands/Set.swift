import ArgumentParser
import Foundation
import SwiftLibMC

/// What a value is.
enum Kind: String, CaseIterable, ExpressibleByArgument {
    case text, bytes, int, bool, json
}

/// What commands that store have in common.
struct StoringOptions: ParsableArguments {
    @Argument(help: "The item's key.")
    var key: String

    @Argument(help: "The value; what comes from the standard input if it is missing.")
    var value: String?

    @Option(name: [.short, .long], help: Time.help)
    var time: Time?

    @Option(help: "What the value is; it decides on the flags.")
    var type: Kind?

    @Flag(help: "Compress it, if that makes it smaller.")
    var compress = false

    /// Stores the value with one of the client's calls.
    func store(_ session: Session, _ call: (any Encodable) throws -> Bool) throws -> Outcome {
        let isStored = try call(read(session))
        session.output.json(["key": .string(key), "stored": .bool(isStored)])
        if isStored { session.output.note("stored") }
        return isStored ? .done : .miss
    }

    private func read(_ session: Session) throws -> any Encodable {
        let bytes: [UInt8]
        if let value {
            bytes = Array(value.utf8)
        } else {
            guard !session.isInteractive else { throw ValidationError("The value is missing.") }
            guard let input = try FileHandle.standardInput.readToEnd() else { return try typed([]) }
            bytes = Array(input)
        }
        return try typed(bytes)
    }

    private func typed(_ bytes: [UInt8]) throws -> any Encodable {
        let text = String(validating: bytes, as: UTF8.self)
        switch type {
        case nil: return text ?? bytes as any Encodable
        case .bytes: return bytes
        case .text:
            guard let text else { throw ValidationError("The value is not text in UTF-8.") }
            return text
        case .int:
            let digits = (text ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
            if let number = Int(digits) { return number }
            guard let number = UInt64(digits) else { throw ValidationError("The value is not a whole number.") }
            return number
        case .bool:
            switch text?.trimmingCharacters(in: .whitespacesAndNewlines) {
            case "true", "1": return true
            case "false", "0": return false
            default: throw ValidationError("The value is neither true nor false.")
            }
        case .json:
            guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes)) else {
                throw ValidationError("The value is not JSON.")
            }
            return value
        }
    }
}

struct Set: ClientCommand {
    static let configuration = CommandConfiguration(abstract: "Store a value.")

    @OptionGroup var item: StoringOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        try item.store(session) { value in
            try session.client.set(
                item.key,
                value,
                time: item.time?.expiration ?? .never,
                minCompressLen: item.compress ? 1 : nil
            )
        }
    }
}

struct Add: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Store a value unless the key has one.",
        discussion: "Ends with 1 if it has."
    )

    @OptionGroup var item: StoringOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        try item.store(session) { value in
            let isStored = try session.client.add(
                item.key,
                value,
                time: item.time?.expiration ?? .never,
                minCompressLen: item.compress ? 1 : nil
            )
            if !isStored, !session.output.isJSON { Terminal.complain("the item exists: \(item.key)") }
            return isStored
        }
    }
}
