import ArgumentParser
import SwiftLibMC

/// The program; with no command it is interactive.
struct Swiftmc: ParsableCommand, ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "swiftmc",
        abstract: "Talks to memcached servers.",
        usage: "swiftmc [<connection options>] <command> …",
        discussion: """
            Without a command, on a terminal, it is interactive.

            The servers are those of --server; else those of the environment, in MEMCACHED_SERVERS and related variables; else \
            127.0.0.1:11211. There is no TLS: put a tunnel such as stunnel before the server, and name the tunnel.

            It exits with 0 if all went well, 1 if an item was missing or not stored, 2 if the arguments make no sense, and \
            3 if something went wrong. Colours are left out where NO_COLOR is set, or the output is not a terminal.
            """,
        version: "swiftmc \(buildInfo.version), libmemcached \(buildInfo.libmemcachedLoaded)",
        groupedSubcommands: [
            CommandGroup(name: "Items", subcommands: [Get.self, Gets.self, TTL.self, Delete.self, Touch.self]),
            CommandGroup(
                name: "Storing",
                subcommands: [
                    Set.self, Add.self, Replace.self, Append.self, Prepend.self, Cas.self, Incr.self, Decr.self,
                ]
            ),
            CommandGroup(
                name: "Looking at servers",
                subcommands: [
                    Ping.self, Version.self, ServerOf.self, Stats.self, Slabs.self, Top.self, Watch.self, Bench.self,
                ]
            ),
            CommandGroup(
                name: "Running servers",
                subcommands: [Dump.self, Restore.self, Flush.self, Verbosity.self, CacheMemlimit.self, Shutdown.self]
            ),
            CommandGroup(name: "Many commands", subcommands: [Repl.self]),
        ]
    )

    @Option(
        defaultAsFlag: Completion.shellOfUser,
        parsing: .next,
        help: ArgumentHelp("Install completion for bash, zsh or fish; for $SHELL if none is named.", valueName: "shell")
    )
    var installCompletion: String?

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        guard Terminal.hasInput else { throw ValidationError("there is no command; swiftmc --help lists them") }
        return try Repl.interact(session)
    }
}

/// A command that needs a client.
protocol ClientCommand: ParsableCommand {
    var connection: ConnectionOptions { get }

    /// Does it.
    func run(in session: Session) throws -> Outcome
}
