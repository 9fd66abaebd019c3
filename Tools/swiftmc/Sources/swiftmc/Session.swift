import ArgumentParser
import Foundation
import SwiftLibMC
import Synchronization

/// One client, and where results go, for one command or many.
final class Session {
    let client: Client
    let output: Output
    /// Whether commands come from the standard input, which is then not there for values.
    let isInteractive: Bool
    let complaints: Complaints
    private let options: ConnectionOptions

    init(_ options: ConnectionOptions, isInteractive: Bool = false) throws {
        client = try options.makeClient()
        complaints = Complaints()
        client.onError = complaints.note
        output = Output(isJSON: options.json)
        self.options = options
        self.isInteractive = isInteractive
    }

    private init(_ options: ConnectionOptions, sharing other: Session, isInteractive: Bool) {
        client = other.client
        complaints = other.complaints
        output = Output(isJSON: options.json)
        self.options = options
        self.isInteractive = isInteractive
    }

    /// The same client, for commands that come from the standard input.
    func interactive() -> Session { Session(options, sharing: self, isInteractive: true) }

    /// Runs a command, with another client if its options name one.
    func perform(_ command: any ClientCommand) throws -> Outcome {
        let session = try session(for: command.connection)
        session.complaints.begin(type(of: command)._commandName)
        defer { session.output.flush() }
        let outcome = try command.run(in: session)
        return session.complaints.end() ? outcome.worse(.failure) : outcome
    }

    private func session(for wanted: ConnectionOptions) throws -> Session {
        var wanted = wanted
        wanted.json = wanted.json || options.json
        if wanted.target == options.target || wanted.target == ConnectionOptions.none {
            return wanted.json == options.json ? self : Session(wanted, sharing: self, isInteractive: isInteractive)
        }
        return try Session(wanted, isInteractive: isInteractive)
    }

    // MARK: - What commands have in common

    /// How long to wait for a server that lists what it has.
    var patience: Duration { options.timeout?.duration ?? .seconds(5) }

    /// The client's servers, as text.
    var serverList: String { client.servers.map(\.description).joined(separator: ", ") }

    /// Tells of an error, in the words of the command, and what it means for scripts.
    func report(_ error: any Error) -> Outcome { Entry.report(error, of: complaints.command) }

    /// Tells that there is no such item.
    func missing(_ key: String, _ advice: String = "") -> Outcome {
        output.json(["key": .string(key), "found": false])
        if !output.isJSON { Terminal.complain("no such item: \(key)\(advice)") }
        return .miss
    }

    /// Does something to each item, whose failure does not keep it from the others.
    func forEach(_ keys: [String], _ body: (String) throws -> Outcome) -> Outcome {
        var outcome = Outcome.done
        for key in keys {
            do {
                outcome = outcome.worse(try body(key))
            } catch {
                outcome = outcome.worse(report(error))
                let detail = (error as? MemcachedError)?.toolDetail ?? "\(error)"
                output.json(["key": .string(key), "error": .string(detail)])
            }
        }
        return outcome
    }

    /// Does something with many keys at once; where that fails because of a key that the protocol has no way to say, with
    /// one after the other, and tells of those.
    ///
    /// - Returns: How many that are.
    @discardableResult
    func forAll<E>(_ elements: [E], _ body: ([E]) throws -> Void) throws -> Int {
        do {
            try body(elements)
            return 0
        } catch let error as MemcachedError {
            guard error.code == .badKey else { throw error }
            if elements.count == 1 {
                complaints.note(error)
                return 1
            }
            return try elements.reduce(0) { try $0 + forAll([$1], body) }
        }
    }

    /// Talks to each server, whose failure does not keep it from the others: through a client of that server alone,
    /// which takes keys as the server has them.
    func forEachServer(_ body: (Client, Server) throws -> Outcome) -> Outcome {
        var outcome = Outcome.done
        for server in client.servers {
            do {
                outcome = outcome.worse(try body(client.alone(with: server), server))
            } catch {
                outcome = outcome.worse(report(error))
            }
        }
        return outcome
    }
}

extension Client {
    /// A client of one server, or of the same ones, that puts no namespace before keys.
    func alone(with server: Server? = nil) throws -> sending Client {
        let client = try clone()
        client.onError = nil
        if let server { try client.setServers([server]) }
        try client.setBehaviors(Behaviors(namespace: ""))
        return client
    }
}

/// The failures that a client tells of beside its results, such as those of some servers among many.
final class Complaints: Sendable {
    private struct State {
        var command = ""
        var hasSome = false
    }

    private let state = Mutex(State())

    /// The command that runs.
    var command: String { state.withLock { $0.command } }

    /// Begins with a command.
    func begin(_ command: String) { state.withLock { $0 = State(command: command) } }

    /// Hears of a failure.
    @Sendable func note(_ error: MemcachedError) {
        let command = state.withLock { state in
            state.hasSome = true
            return state.command
        }
        Terminal.complain(error.text(of: command))
    }

    /// Whether there have been any.
    func end() -> Bool {
        state.withLock { state in
            defer { state.hasSome = false }
            return state.hasSome
        }
    }
}

extension ConnectionOptions {
    /// The target of a command line without options.
    fileprivate static let none = ConnectionOptions.parseOrExit([]).target
}
