import ArgumentParser
import SwiftLibMC
import Synchronization

/// One client, and where results go, for one command or many.
final class Session {
    let client: Client
    let output: Output
    /// Whether commands come from the standard input, which is then not there for values.
    let isInteractive: Bool
    private let options: ConnectionOptions
    private let failures: Failures

    init(_ options: ConnectionOptions, isInteractive: Bool = false) throws {
        client = try options.makeClient()
        failures = Failures()
        client.onError = failures.note
        output = Output(isJSON: options.json)
        self.options = options
        self.isInteractive = isInteractive
    }

    private init(_ options: ConnectionOptions, sharing other: Session, isInteractive: Bool) {
        client = other.client
        failures = other.failures
        output = Output(isJSON: options.json)
        self.options = options
        self.isInteractive = isInteractive
    }

    /// The same client, for commands that come from the standard input.
    func interactive() -> Session { Session(options, sharing: self, isInteractive: true) }

    /// Runs a command, with another client if its options name one.
    func perform(_ command: any ClientCommand) throws -> Outcome {
        let session = try session(for: command.connection)
        defer { session.output.flush() }
        let outcome = try command.run(in: session)
        return session.failures.take() ? outcome.worse(.failure) : outcome
    }

    private func session(for wanted: ConnectionOptions) throws -> Session {
        var wanted = wanted
        wanted.json = wanted.json || options.json
        if wanted.target == options.target || wanted.target == ConnectionOptions.none {
            return wanted.json == options.json ? self : Session(wanted, sharing: self, isInteractive: isInteractive)
        }
        return try Session(wanted, isInteractive: isInteractive)
    }
}

/// The failures that a client tells of beside its results, such as those of some servers among many.
private final class Failures: Sendable {
    private let hasSome = Atomic(false)

    /// Hears of one.
    @Sendable func note(_ error: MemcachedError) {
        Terminal.complain("\(error)")
        hasSome.store(true, ordering: .relaxed)
    }

    /// Whether there have been any since the last call.
    func take() -> Bool { hasSome.exchange(false, ordering: .relaxed) }
}

extension ConnectionOptions {
    /// The target of a command line without options.
    fileprivate static let none = ConnectionOptions.parseOrExit([]).target
}
