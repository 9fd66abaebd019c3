import ArgumentParser
import SwiftLibMC

struct Delete: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Delete items.",
        discussion: "Ends with 1 if any was missing."
    )

    @Argument(help: "The items' keys.")
    var keys: [String]

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        try session.forEach(keys, "deleted") { key in try session.client.delete(key) }
    }
}

struct Touch: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Set when items expire.",
        discussion: "Ends with 1 if any was missing."
    )

    @Argument(help: "The items' keys.")
    var keys: [String]

    @Option(name: [.short, .long], help: Time.help)
    var time: Time

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        try session.forEach(keys, "touched") { key in try session.client.touch(key, time: time.expiration) }
    }
}

extension Session {
    /// Does something to each item, and tells which were there.
    fileprivate func forEach(_ keys: [String], _ word: String, _ body: (String) throws -> Bool) throws -> Outcome {
        forEach(keys) { key in
            let wasThere = try body(key)
            output.json(["key": .string(key), word: .bool(wasThere)])
            if wasThere {
                output.note("\(word) \(readable(key))")
            } else if !output.isJSON {
                Terminal.complain("no such item: \(key)")
            }
            return wasThere
        }
    }

    /// Does something to each item, whose failure does not keep it from the others; `body` says whether it was there.
    func forEach(_ keys: [String], _ body: (String) throws -> Bool) -> Outcome {
        var outcome = Outcome.done
        for key in keys {
            do {
                outcome = outcome.worse(try body(key) ? .done : .miss)
            } catch {
                outcome = outcome.worse(Entry.report(error))
                output.json(["key": .string(key), "error": .string((error as? MemcachedError)?.detail ?? "\(error)")])
            }
        }
        return outcome
    }
}

/// What commands that count have in common.
struct CountingOptions: ParsableArguments {
    @Argument(help: "The item's key.")
    var key: String

    @Argument(help: "By how much.")
    var delta: UInt64 = 1

    @Option(help: "What to store if there is no such item.")
    var initial: UInt64?

    @Option(name: [.short, .long], help: Time.help)
    var time: Time?

    func validate() throws {
        if time != nil, initial == nil { throw ValidationError("--time is for counters that --initial creates.") }
    }

    /// Prints the new value that `call` gives.
    func count(_ session: Session, _ call: () throws -> UInt64) throws -> Outcome {
        do {
            let value = try call()
            session.output.json(["key": .string(key), "value": .unsigned(value)])
            if !session.output.isJSON { session.output.line("\(value)") }
            return .done
        } catch let error as MemcachedError {
            guard error.code == .notFound else { throw error }
            session.output.json(["key": .string(key), "found": false])
            if !session.output.isJSON { Terminal.complain("no such item: \(key)") }
            return .miss
        }
    }
}

struct Incr: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Add to a number, and print it.",
        discussion: "Ends with 1 if there is no such item."
    )

    @OptionGroup var counter: CountingOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        try counter.count(session) {
            guard let initial = counter.initial else {
                return try session.client.incr(counter.key, delta: counter.delta)
            }
            let time = counter.time?.expiration ?? .never
            return try session.client.incr(counter.key, delta: counter.delta, initial: initial, time: time)
        }
    }
}

struct Decr: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Subtract from a number, down to 0, and print it.",
        discussion: "Ends with 1 if there is no such item."
    )

    @OptionGroup var counter: CountingOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        try counter.count(session) {
            guard let initial = counter.initial else {
                return try session.client.decr(counter.key, delta: counter.delta)
            }
            let time = counter.time?.expiration ?? .never
            return try session.client.decr(counter.key, delta: counter.delta, initial: initial, time: time)
        }
    }
}
