import ArgumentParser
import Foundation
import SwiftLibMC

/// How the program ends, for scripts.
enum Outcome: Int32 {
    /// Everything was done.
    case done = 0
    /// There is no such item, or the server declined to store one.
    case miss = 1
    /// The arguments make no sense.
    case usage = 2
    /// A server could not be reached, or something else went wrong.
    case failure = 3

    /// The one that counts, of two.
    func worse(_ other: Outcome) -> Outcome { other.rawValue > rawValue ? other : self }
}

@main
enum Entry {
    static func main() {
        exit(run(Array(CommandLine.arguments.dropFirst())).rawValue)
    }

    private static func run(_ arguments: [String]) -> Outcome {
        do {
            let command = try Swiftmc.parseAsRoot(arguments)
            guard let command = command as? any ClientCommand else {
                // What argument parsing does itself, such as help.
                var command = command
                try command.run()
                return .done
            }
            return try Session(command.connection).perform(command)
        } catch {
            return report(error)
        }
    }

    /// Tells why a command did not work, and what that means for scripts.
    static func report(_ error: any Error) -> Outcome {
        if let error = error as? MemcachedError {
            Terminal.complain("\(error)")
            return [.invalidServer, .invalidArguments, .unknownStatKey].contains(error.code) ? .usage : .failure
        }
        if let error = error as? ValidationError {
            Terminal.complain(error.message)
            return .usage
        }
        let text = Swiftmc.fullMessage(for: error)
        if Swiftmc.exitCode(for: error) == .success {
            print(text)
            return .done
        }
        Terminal.complain(text, named: false)
        // Whatever is neither the arguments' fault nor a server's, such as an input that can't be read.
        return Swiftmc.exitCode(for: error) == .validationFailure ? .usage : .failure
    }
}

/// The program; with no command it is interactive.
struct Swiftmc: ParsableCommand, ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "swiftmc",
        abstract: "Talks to memcached servers.",
        usage: "swiftmc [<connection options>] <command> …",
        discussion: """
            Without a command, on a terminal, it is interactive.

            The servers are those of --server; else those of the environment, in MEMCACHED_SERVERS and its relatives; else \
            127.0.0.1:11211.

            It ends with 0 if all went well, 1 if an item was missing or not stored, 2 if the arguments make no sense, and \
            3 if something went wrong. Colours are left out where NO_COLOR is set, or the output is not a terminal.
            """,
        version: "swiftmc \(buildInfo.version), libmemcached \(buildInfo.libmemcachedLoaded)",
        subcommands: [
            Get.self, Set.self, Add.self, Delete.self, Incr.self, Decr.self, Touch.self, Stats.self, Ping.self,
            Version.self, Flush.self, Dump.self, Bench.self, Repl.self,
        ]
    )

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        guard Terminal.hasInput else { throw ValidationError("There is no command.") }
        return try Repl.interact(session)
    }
}

/// A command that needs a client.
protocol ClientCommand: ParsableCommand {
    var connection: ConnectionOptions { get }

    /// Does it.
    func run(in session: Session) throws -> Outcome
}
