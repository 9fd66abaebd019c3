import ArgumentParser
import Foundation
import SwiftLibMC

/// What a value is.
enum Kind: String, CaseIterable, ExpressibleByArgument {
    case text, bytes, int, bool, json
}

/// A value, and how it is stored.
struct ValueOptions: ParsableArguments {
    @Argument(help: "The value; what comes from the standard input if it is missing.")
    var value: String?

    @Option(name: [.short, .long], help: Time.help)
    var time: Time?

    @Option(help: "What the value is; it decides on the flags.")
    var type: Kind?

    @Flag(help: "Compress it, if that makes it smaller.")
    var compress = false

    /// How to store it.
    var options: StoreOptions {
        StoreOptions(time: time?.expiration ?? .never, minCompressLen: compress ? 1 : nil)
    }

    /// The value, of its type.
    func typed(_ session: Session) throws -> any Encodable {
        let bytes = try session.bytes(of: value)
        let text = String(validating: bytes, as: UTF8.self)
        switch type {
        case nil: return text ?? bytes as any Encodable
        case .bytes: return bytes
        case .text:
            guard let text else { throw ValidationError("the value is not text in UTF-8") }
            return text
        case .int:
            let digits = (text ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
            if let number = Int(digits) { return number }
            guard let number = UInt64(digits) else { throw ValidationError("the value is not a whole number") }
            return number
        case .bool:
            switch text?.trimmingCharacters(in: .whitespacesAndNewlines) {
            case "true", "1": return true
            case "false", "0": return false
            default: throw ValidationError("the value is neither true nor false")
            }
        case .json:
            guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes)) else {
                throw ValidationError("the value is not JSON")
            }
            return value
        }
    }
}

/// An item, and what is added to its value.
struct AdditionOptions: ParsableArguments {
    @Argument(help: "The item's key.")
    var key: String

    @Argument(help: "What to add; what comes from the standard input if it is missing.")
    var value: String?

    /// Adds it, and tells whether there was such an item.
    func add(_ session: Session, _ body: ([UInt8]) throws -> Bool) throws -> Outcome {
        session.stored(try body(session.bytes(of: value)), key, else: "no such item")
    }
}

extension Session {
    /// The bytes of an argument, or of the standard input if there is none.
    fileprivate func bytes(of argument: String?) throws -> [UInt8] {
        if let argument { return Array(argument.utf8) }
        guard !isInteractive else { throw ValidationError("the value is missing") }
        return try FileHandle.standardInput.readToEnd().map { Array($0) } ?? []
    }

    /// Stores a value under a condition, whose want has a reason.
    fileprivate func store(
        _ key: String,
        _ value: ValueOptions,
        when condition: StoreCondition,
        else reason: String
    ) throws -> Outcome {
        stored(try client.store(key, value.typed(self), when: condition, with: value.options), key, else: reason)
    }

    /// Tells whether a value was stored, and why not.
    fileprivate func stored(_ isStored: Bool, _ key: String, else reason: String) -> Outcome {
        output.json(["key": .string(key), "stored": .bool(isStored)])
        if isStored {
            output.note("stored")
        } else if !output.isJSON {
            Terminal.complain("\(reason): \(key)")
        }
        return isStored ? .done : .miss
    }
}

struct Set: ClientCommand {
    static let configuration = CommandConfiguration(abstract: "Store a value.")

    @Argument(help: "The item's key.")
    var key: String

    @OptionGroup var value: ValueOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        try session.store(key, value, when: .always, else: "not stored")
    }
}

struct Add: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Store a value unless the key has one.",
        discussion: "Exits with 1 if it has."
    )

    @Argument(help: "The item's key.")
    var key: String

    @OptionGroup var value: ValueOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        try session.store(key, value, when: .ifAbsent, else: "the item exists")
    }
}

struct Replace: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Store a value if the key has one.",
        discussion: "Exits with 1 if it has none."
    )

    @Argument(help: "The item's key.")
    var key: String

    @OptionGroup var value: ValueOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        try session.store(key, value, when: .ifPresent, else: "no such item")
    }
}

struct Cas: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Store a value unless the item has changed.",
        discussion: "Exits with 1 if it has, or has gone. gets prints the version."
    )

    @Argument(help: "The item's key.")
    var key: String

    @Argument(help: "The version that the item must still have.")
    var version: UInt64

    @OptionGroup var value: ValueOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        let value = try value.typed(session)
        do throws(MemcachedError) {
            let version = CAS(rawValue: version)
            let isStored = try session.client.compareAndSwap(key, value, cas: version, with: self.value.options)
            return session.stored(isStored, key, else: "the item has changed")
        } catch {
            guard error.code == .notFound else { throw error }
            return session.stored(false, key, else: "no such item")
        }
    }
}

struct Append: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Add to the end of a value.",
        discussion: "Exits with 1 if there is no such item. Don't add to compressed values: readers would not see it."
    )

    @OptionGroup var addition: AdditionOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        try addition.add(session) { try session.client.append(addition.key, $0) }
    }
}

struct Prepend: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Add to the beginning of a value.",
        discussion: "Exits with 1 if there is no such item. Don't add to compressed values: readers would not see it."
    )

    @OptionGroup var addition: AdditionOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        try addition.add(session) { try session.client.prepend(addition.key, $0) }
    }
}
