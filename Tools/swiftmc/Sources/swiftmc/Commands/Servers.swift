import ArgumentParser
import SwiftLibMC

struct Ping: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find out which servers answer.",
        discussion: "Exits with 3 if any does not."
    )

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        var outcome = Outcome.done
        for (server, error) in session.client.ping() {
            if error != nil { outcome = .failure }
            let state =
                error.map { Terminal.styled(readable($0.toolDetail), .red) } ?? Terminal.styled("alive", .green)
            session.output.show(
                "\(server)\t\(state)",
                [
                    "server": .string("\(server)"), "alive": .bool(error == nil),
                    "error": error.map { .string($0.toolDetail) } ?? .null,
                ]
            )
        }
        return outcome
    }
}

struct Version: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the servers' versions.",
        discussion: "Exits with 3 if any does not answer."
    )

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        for (server, version) in try session.client.version() {
            session.output.show(
                "\(server)\t\(readable(version))",
                ["server": .string("\(server)"), "version": .string(version)]
            )
        }
        return .done
    }
}

struct Flush: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Empty all servers.",
        discussion: "Asks first, unless told not to."
    )

    @Flag(name: [.short, .long], help: "Don't ask.")
    var yes = false

    @Option(help: ArgumentHelp("When: 90s, 5m.", valueName: "time"))
    var delay: Span?

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        let question = "Throw away everything on \(session.serverList)?"
        guard try Terminal.confirms(question, unless: yes) else { return .miss }
        try session.client.flushAll(time: delay.map { .duration($0.duration) } ?? .now)
        return session.done("flushed", ["flushed": true])
    }
}

struct Verbosity: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Set how much the servers write to their logs.",
        discussion: "Works only without a password. Exits with 3 if any did not do it."
    )

    @Argument(help: "0 for as little as possible, 1 and 2 for more, as -v and -vv of memcached.")
    var level: Int

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        try session.client.verbosity(level)
        return session.done("verbosity \(level)", ["verbosity": .integer(Int64(level))])
    }
}

struct CacheMemlimit: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "cache-memlimit",
        abstract: "Set how much memory the servers may use for items.",
        discussion: "Works only without a password. Exits with 3 if any did not do it.",
        aliases: ["cache_memlimit"]
    )

    @Argument(help: "As -m of memcached; at least 8. Less than before evicts items as new ones come.")
    var megabytes: Int

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        try session.client.cacheMemlimit(megabytes)
        return session.done("\(megabytes) megabytes", ["cacheMemlimit": .integer(Int64(megabytes))])
    }
}

struct Shutdown: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shut down all servers.",
        discussion: "Asks first, unless told not to. The servers have to be started with -A, and without a password."
    )

    @Flag(name: [.short, .long], help: "Don't ask.")
    var yes = false

    @Flag(help: "Let the servers save what they keep on disk.")
    var graceful = false

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        guard try Terminal.confirms("End \(session.serverList)?", unless: yes) else { return .miss }
        try session.client.shutdown(graceful: graceful)
        return session.done("ended", ["shutdown": true])
    }
}

extension Session {
    /// Says what has been done: in a line for people, or in a document.
    fileprivate func done(_ note: String, _ document: JSONValue) -> Outcome {
        output.json(document)
        output.note(note)
        return .done
    }
}
