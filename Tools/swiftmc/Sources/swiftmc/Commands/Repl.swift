import ArgumentParser
import Foundation
import SwiftLibMC

struct Repl: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Execute commands, line by line.",
        discussion: """
            The commands are those of the command line, and help and quit. Put values with blanks in quotes. Input that \
            is not a terminal is read as a script, which exits with the status of its worst command.
            """
    )

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run(in session: Session) throws -> Outcome {
        guard !session.isInteractive else { throw ValidationError("that is where you are") }
        return try Self.interact(session)
    }

    static func interact(_ outer: Session) throws -> Outcome {
        let session = outer.interactive()
        let isConversation = Terminal.hasInput && Terminal.hasOutput
        if isConversation {
            session.output.line(session.serverList)
            let names = Swiftmc.commandNames.filter { $0 != Self._commandName }
            session.output.line("Commands: \(names.joined(separator: " "))")
            session.output.line("help COMMAND explains one; quit or Ctrl-D ends.")
        }
        var worst = Outcome.done
        while true {
            if isConversation { session.output.write(Terminal.styled("swiftmc> ", .bold).utf8) }
            session.output.flush()
            guard let line = readLine() else { break }
            guard let words = words(of: line) else {
                Terminal.complain("a quote is not closed")
                worst = .usage
                continue
            }
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            if first == "quit" || first == "exit" { return isConversation ? .done : worst }
            let outcome = perform(words, session)
            worst = worst.worse(outcome)
        }
        if isConversation { session.output.line("") }
        session.output.flush()
        return isConversation ? .done : worst
    }

    private static func perform(_ words: [String], _ session: Session) -> Outcome {
        var name: String?
        do {
            var command = try Swiftmc.parsed(words)
            guard let command = command as? any ClientCommand, !(command is Swiftmc) else {
                // The only other command is help, which says what it has to say by an error.
                try command.run()
                return .done
            }
            name = type(of: command)._commandName
            return try session.perform(command)
        } catch {
            return Entry.report(error, of: name)
        }
    }

    /// Splits a line at blanks that are not in quotes; a backslash takes the next character as it is.
    static func words(of line: String) -> [String]? {
        // Not characters: a quote with an accent behind it is one of them.
        var words: [String] = []
        var word = ""
        var hasWord = false
        var quote: Unicode.Scalar?
        var rest = line.unicodeScalars[...]
        while let character = rest.popFirst() {
            if character == quote {
                quote = nil
                continue
            }
            if quote == nil, character == "\"" || character == "'" {
                quote = character
            } else if quote == nil, character.properties.isWhitespace {
                if hasWord { words.append(word) }
                (word, hasWord) = ("", false)
                continue
            } else {
                let isEscape = character == "\\" && quote != "'"
                word.unicodeScalars.append(isEscape ? rest.popFirst() ?? character : character)
            }
            hasWord = true
        }
        guard quote == nil else { return nil }
        return hasWord ? words + [word] : words
    }
}
