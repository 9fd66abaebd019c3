import ArgumentParser
import SwiftLibMC

/// One client, and where results go, for one command or many.
final class Session {
    let client: Client
    let output: Output
    /// Whether commands come from the standard input, which is then not there for values.
    let isInteractive: Bool
    private let options: ConnectionOptions

    init(_ options: ConnectionOptions, isInteractive: Bool = false) throws {
        client = try options.makeClient()
        output = Output(isJSON: options.json)
        self.options = options
        self.isInteractive = isInteractive
    }

    private init(_ options: ConnectionOptions, _ client: Client, isInteractive: Bool) {
        self.client = client
        output = Output(isJSON: options.json)
        self.options = options
        self.isInteractive = isInteractive
    }

    /// The same client, for commands that come from the standard input.
    func interactive() -> Session { Session(options, client, isInteractive: true) }

    /// Runs a command, with another client if its options name one.
    func perform(_ command: any ClientCommand) throws -> Outcome {
        let session = try session(for: command.connection)
        defer { session.output.flush() }
        return try command.run(in: session)
    }

    private func session(for wanted: ConnectionOptions) throws -> Session {
        var wanted = wanted
        wanted.json = wanted.json || options.json
        if wanted.target == options.target || wanted.target == ConnectionOptions.none {
            return wanted.json == options.json ? self : Session(wanted, client, isInteractive: isInteractive)
        }
        return try Session(wanted, isInteractive: isInteractive)
    }
}

extension ConnectionOptions {
    /// The target of a command line without options.
    fileprivate static let none = ConnectionOptions.parseOrExit([]).target
}
