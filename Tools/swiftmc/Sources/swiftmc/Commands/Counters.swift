import ArgumentParser
import SwiftLibMC

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
        if time != nil, initial == nil { throw ValidationError("--time is for counters that --initial creates") }
    }

    /// Prints the new value that a call gives.
    func count(
        _ session: Session,
        _ call: () throws -> UInt64,
        creating: (_ initial: UInt64, _ time: Expiration) throws -> UInt64
    ) throws -> Outcome {
        do {
            let value = try initial.map { try creating($0, time?.expiration ?? .never) } ?? call()
            session.output.show("\(value)", ["key": .string(key), "value": .unsigned(value)])
            return .done
        } catch let error as MemcachedError {
            guard error.code == .notFound else { throw error }
            return session.missing(key, "; --initial creates it")
        }
    }
}

struct Incr: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Add to a number, and print it.",
        discussion: "Exits with 1 if there is no such item."
    )

    @OptionGroup var counter: CountingOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        try counter.count(session) {
            try session.client.incr(counter.key, delta: counter.delta)
        } creating: { initial, time in
            try session.client.incr(counter.key, delta: counter.delta, initial: initial, time: time)
        }
    }
}

struct Decr: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Subtract from a number, down to 0, and print it.",
        discussion: "Exits with 1 if there is no such item."
    )

    @OptionGroup var counter: CountingOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        try counter.count(session) {
            try session.client.decr(counter.key, delta: counter.delta)
        } creating: { initial, time in
            try session.client.decr(counter.key, delta: counter.delta, initial: initial, time: time)
        }
    }
}
