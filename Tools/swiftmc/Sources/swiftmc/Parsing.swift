import ArgumentParser

// Words that are no command, answered with the one that is perhaps meant.

extension Swiftmc {
    /// The names of all commands, in the order of the help.
    static let commandNames = configuration.subcommands.map { $0._commandName } + ["help"]

    /// Makes a command of a line's words.
    static func parsed(_ words: [String]) throws -> any ParsableCommand {
        do {
            let command = try parseAsRoot(words)
            // Help for a word that is none is help for nothing in particular.
            if !(command is any ClientCommand), let wrong = wrongCommand(in: words) { throw complaint(about: wrong) }
            return command
        } catch {
            guard exitCode(for: error) == .validationFailure, !(error is ValidationError) else { throw error }
            if words.contains(where: { $0 == "--tls" || $0.hasPrefix("--tls=") }) {
                throw ValidationError("there is no TLS; put a tunnel such as stunnel before the server")
            }
            if let wrong = wrongCommand(in: words) { throw complaint(about: wrong) }
            throw error
        }
    }

    private static func complaint(about wrong: String) -> ValidationError {
        let known = NearestWord.of(wrong, among: commandNames, synonyms)
        let advice = known.map { "did you mean \($0)?" } ?? "swiftmc --help lists them"
        return ValidationError("there is no command \(wrong); \(advice)")
    }

    /// The first word that is neither an option nor an option's value, if it is no command.
    private static func wrongCommand(in words: [String]) -> String? {
        var rest = words[...]
        while let word = rest.popFirst() {
            if word.hasPrefix("-"), word != "--" {
                // `-s=…` and `-slocalhost` have their value with them; what follows a flag is no value of it.
                let isShort = !word.hasPrefix("--")
                let hasValue = word.contains("=") || isShort && word.count > 2 || flags.contains(word)
                if !hasValue { rest = rest.dropFirst() }
                continue
            }
            let names = commandNames + configuration.subcommands.flatMap { $0.configuration.aliases }
            if word == "help", let next = rest.first, !next.hasPrefix("-") { return names.contains(next) ? nil : next }
            return names.contains(word) ? nil : word
        }
        return nil
    }

    private static let flags: Swift.Set = ["--ascii", "--json", "--help", "-h", "--version", "--install-completion"]

    /// What other tools, and memcached's protocol, call the commands.
    private static let synonyms = [
        "del": "delete", "rm": "delete", "unlink": "delete", "mget": "get", "cat": "get", "put": "set", "setex": "set",
        "setnx": "add", "increment": "incr", "decrement": "decr", "expire": "touch", "gat": "touch", "keys": "dump",
        "ls": "dump", "scan": "dump", "metadump": "dump", "info": "stats", "monitor": "watch", "flush_all": "flush",
        "flushall": "flush", "load": "restore", "import": "restore", "benchmark": "bench", "shell": "repl",
        "hash": "server", "mn": "ping", "mg": "get", "ms": "set", "md": "delete", "ma": "incr", "pttl": "ttl",
        "memlimit": "cache-memlimit", "verbose": "verbosity",
    ]
}

/// The word that somebody may have meant.
enum NearestWord {
    /// The one of the words that differs least, if that is little for its length.
    static func of(_ wrong: String, among words: [String], _ synonyms: [String: String] = [:]) -> String? {
        let wrong = wrong.lowercased()
        if let word = synonyms[wrong] { return word }
        let distances = words.map { (word: $0, distance: distance(Array(wrong.utf8.prefix(64)), Array($0.utf8))) }
        guard let best = distances.min(by: { $0.distance < $1.distance }) else { return nil }
        if best.distance <= max(1, min(wrong.count, best.word.count) / 3) { return best.word }
        // A beginning is enough, if it is that of one word only.
        let longer = words.filter { wrong.count > 1 && $0.hasPrefix(wrong) }
        return longer.count == 1 ? longer[0] : nil
    }

    /// How many bytes have to be changed, added, left out, or exchanged with their neighbours.
    private static func distance(_ first: [UInt8], _ second: [UInt8]) -> Int {
        var rows = [Array(0...second.count)]
        for row in first.indices {
            var next = [row + 1]
            for column in second.indices {
                let isSame = first[row] == second[column]
                var best = min(rows[row][column + 1] + 1, next[column] + 1, rows[row][column] + (isSame ? 0 : 1))
                if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
                    best = min(best, rows[row - 1][column - 1] + 1)
                }
                next.append(best)
            }
            rows.append(next)
        }
        return rows[first.count][second.count]
    }
}
