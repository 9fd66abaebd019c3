// Commands for a server as a whole, in the text protocol.

extension AdminConnection {
    /// The version that the server reports, such as `1.6.18` or `mcrouter 0.41.0`.
    ///
    /// - Throws: `.authFailure` for a server that wants credentials first, `.protocolError` for one that does not speak
    ///   this protocol, and any error of waiting.
    mutating func textVersion() throws(MemcachedError) -> String {
        try sendText("version")
        let reply = try readLine()
        guard reply.hasPrefix("VERSION ") else { throw refusal(reply) }
        return String(reply.dropFirst("VERSION ".count))
    }

    /// Empties the server, now or after a number of seconds.
    mutating func textFlush(delay: UInt32) throws(MemcachedError) {
        let reply: String
        do throws(MemcachedError) {
            try sendText(delay == 0 ? "flush_all" : "flush_all \(delay)")
            reply = try readLine()
        } catch {
            throw error.ofWrite
        }
        guard reply == "OK" else { throw refusal(reply) }
    }

    /// The server's statistics.
    ///
    /// - Throws: `.unknownStatKey` if the server knows no such group.
    mutating func textStatistics(_ group: String?) throws(MemcachedError) -> [String: String] {
        try sendText(group.map { "stats \($0)" } ?? "stats")
        var statistics: [String: String] = [:]
        while true {
            let line = try readLineBytes()
            switch TextStatistic(line) {
            case .entry(let name, let value):
                // Of two names that are equal as text the first keeps its own value.
                if statistics[name] == nil { statistics[name] = value }
            case .end:
                if statistics.isEmpty { try expectVersion() }
                return statistics
            case nil:
                // memcached forgets the end after `sizes_enable`; then the answer to the next command shows it.
                let text = String(decoding: line, as: UTF8.self)
                if text.hasPrefix("VERSION "), !statistics.isEmpty { return statistics }
                if text == "ERROR", group != nil { throw unknownGroup() }
                throw refusal(text)
            }
        }
    }

    /// Makes sure that what follows is the reply to `version`, or that there is no such command: a server that answers
    /// `END` to everything proves nothing.
    private mutating func expectVersion() throws(MemcachedError) {
        let reply = try readLine()
        guard reply.hasPrefix("VERSION ") || reply.hasPrefix("ERROR") else { throw notMemcached() }
    }

    /// The error for a group of statistics that the server does not know.
    func unknownGroup() -> MemcachedError {
        failure(.unknownStatKey, "the server has no statistics of that name")
    }

    /// Sends a command, and `version` behind it.
    ///
    /// The reply to `version` shows the end of a reply that has no end of its own. And a server that only speaks the
    /// binary protocol does not answer, or hang up, before it has got 24 bytes.
    func sendText(_ command: String) throws(MemcachedError) {
        var lines = command == "version" ? command : "\(command)\r\nversion"
        while lines.utf8.count < 24 { lines += "\r\nversion" }
        guard !command.hasControlBytes else { throw controlBytes() }
        try send(Array("\(lines)\r\n".utf8))
    }

    /// Throws if a server does not do anything for this connection: it has too many of them, or wants credentials.
    func throwIfTurnedAway(_ reply: String) throws(MemcachedError) {
        let error = refusal(reply)
        if error.isConnectionFailure || error.isAuthenticationFailure { throw error }
    }

    /// The error for an unexpected reply.
    func refusal(_ reply: String) -> MemcachedError {
        let detail = "the server refuses: \(reply)"
        if Self.refusesConnections(reply) { return failure(.connectionFailure, detail) }
        if reply == "CLIENT_ERROR unauthenticated" {
            return failure(.authFailure, MemcachedError.wantsTextCredentials)
        }
        for (beginning, code) in Self.refusals where reply.hasPrefix(beginning) { return failure(code, detail) }
        return notMemcached()
    }

    /// Whether this is the answer of a server that takes no more connections, in either protocol.
    static func refusesConnections(_ words: String) -> Bool {
        let words = words.lowercased()
        return words.hasPrefix("error") && words.contains("connection")
    }

    private static let refusals: [(String, MemcachedError.Code)] = [
        ("ERROR", .notSupported), ("SERVER_ERROR", .serverError), ("CLIENT_ERROR", .clientError),
        ("MEMLIMIT_", .clientError),
    ]
}

/// One line of statistics.
enum TextStatistic: Equatable {
    case entry(name: String, value: String)
    case end

    /// Reads `STAT pid 1`, `ITEM key [1 b; 0 s]`, `PREFIX name get 1 hit 1 set 1 del 0`, or an end; nil for other
    /// lines.
    init?(_ line: [UInt8]) {
        let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
        let words = parts.map { String(decoding: $0, as: UTF8.self) }
        switch words[0] {
        case "STAT" where words.count > 1, "ITEM" where words.count > 1, "PREFIX" where words.count > 1:
            self = .entry(name: words[1], value: words.count > 2 ? words[2] : "")
        case "END" where words.count == 1, "RESET" where words.count == 1, "OK" where words.count == 1: self = .end
        default: return nil
        }
    }
}

extension Server {
    /// The version that the server reports in the text protocol, over a connection of its own.
    ///
    /// - Throws: As ``AdminConnection/textVersion()`` does, and what connecting may throw.
    func textVersion(_ patience: Patience, for operation: Operation) throws(MemcachedError) -> String {
        var connection = try AdminConnection(to: self, patience, for: operation)
        return try connection.textVersion()
    }
}
