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
        let arguments = Array(CommandLine.arguments.dropFirst())
        Signals.run { exit(run(arguments).rawValue) }
    }

    private static func run(_ arguments: [String]) -> Outcome {
        var name: String?
        do {
            var command = try Swiftmc.parsed(arguments)
            name = type(of: command)._commandName
            if let shell = (command as? Swiftmc)?.installCompletion {
                print(try Completion.install(for: shell))
                return .done
            }
            guard let command = command as? any ClientCommand else {
                // What argument parsing does itself, such as help.
                try command.run()
                return .done
            }
            return try Session(command.connection).perform(command)
        } catch {
            return report(error, of: name)
        }
    }

    /// Tells why a command did not work, and what that means for scripts.
    static func report(_ error: any Error, of command: String?) -> Outcome {
        if let error = error as? MemcachedError {
            Terminal.complain(error.text(of: command))
            return [.invalidServer, .invalidArguments, .unknownStatKey].contains(error.code) ? .usage : .failure
        }
        if let error = error as? ValidationError {
            Terminal.complain(error.message)
            return .usage
        }
        if let error = error as? ToolError {
            Terminal.complain(error.description)
            return .failure
        }
        let text = Swiftmc.fullMessage(for: error)
        if Swiftmc.exitCode(for: error) == .success {
            print(text)
            return .done
        }
        Terminal.complain(usage: text.replacing(ConnectionOptions.usage, with: "[<connection options>]"))
        // Whatever is neither the arguments' fault nor a server's, such as an input that can't be read.
        return Swiftmc.exitCode(for: error) == .validationFailure ? .usage : .failure
    }
}

/// Something that is neither the arguments' fault nor a server's.
struct ToolError: Error, CustomStringConvertible {
    let description: String
}

extension MemcachedError {
    /// What is wrong in one sentence, in the words of the command that it happened to.
    func text(of command: String?) -> String {
        var text = ""
        if let command {
            // The program's name stands before it.
            text += command == Swiftmc._commandName ? "" : command
            if let key { text += " \(key)" }
            text += text.isEmpty ? "" : ": "
        }
        if let server { text += "\(server): " }
        text += toolDetail
        if isOutcomeUnknown { text += " (it may have been done all the same)" }
        return text
    }

    /// ``detail`` without the words of Swift code.
    var toolDetail: String {
        detail.replacing("`binary: false`", with: "use --ascii").replacing("`binary: true`", with: "leave out --ascii")
    }
}
