extension Server {
    /// The port of an address that names none, memcached's own.
    static let defaultPort = 11211
    /// The prefix of a UDP address.
    static let udpPrefix = "udp:"
    /// The prefix that the path of a unix socket may have, and must have if it does not begin with a slash.
    static let unixPrefix = "unix:"

    /// Reads an address as it is written in a configuration.
    ///
    /// | text | server |
    /// |---|---|
    /// | `host`, `host:port`, `host:port:weight` | TCP; the port is 11211 unless given, the weight 1 |
    /// | `[::1]`, `[::1]:port`, `[::1]:port:weight` | TCP to an IPv6 address |
    /// | `udp:` before any of these | UDP |
    /// | `/path/to.sock`, `/path/to.sock:weight` | a unix socket |
    /// | `unix:/path/to.sock`, `unix:/path/to.sock:weight` | the same |
    /// | `memcached://host:port/` | TCP, as memcached2 writes it; port and last slash may be missing |
    /// | `memcached://host:port/?protocol=ascii` | the same, for a client that speaks the ASCII protocol; also `text`, `binary` |
    ///
    /// The forms without scheme are those of pylibmc's `translate_server_spec`. Blanks and line ends around the text
    /// are ignored.
    ///
    /// - Throws: ``MemcachedError`` with code ``MemcachedError/Code/invalidServer``, quoting the text, if it has none
    ///   of these forms, if the port or weight is not from 1 to 65535, or if the host or path is empty, too long or
    ///   holds characters that can't be in one.
    public init(parsing text: String) throws(MemcachedError) {
        do throws(Malformed) {
            let server = try Self.parse(text.trimmed.utf8)
            if let problem = server.problem { throw Malformed(reason: problem) }
            self = server
        } catch {
            throw MemcachedError(
                code: .invalidServer,
                operation: "Server(parsing:)",
                detail: "\(Self.quoted(text)) is not a server address: \(error.reason)"
            )
        }
    }

    /// Why a text is not an address, as the end of a sentence.
    private struct Malformed: Error {
        var reason: String
    }

    // Bytes, not characters: a colon before a combining mark is still a colon.
    private typealias Bytes = Substring.UTF8View
    /// The scheme of a URI.
    static let scheme = "memcached://"
    private static let colon = UInt8(ascii: ":")

    private static func parse(_ text: Bytes) throws(Malformed) -> Server {
        if text.starts(with: "/".utf8) { return parseSocket(text) }
        if let path = text.after(unixPrefix) {
            // `unix:///path` is how URIs write `unix:/path`.
            return parseSocket(path.starts(with: "///".utf8) ? path.dropFirst(2) : path)
        }
        if let address = text.after(udpPrefix) { return try parseHost(address, Transport.udp) }
        if let uri = text.after(scheme) { return try parseURI(uri) }
        if text.after("memcacheds://") != nil {
            throw Malformed(
                reason: "libmemcached has no TLS; SwiftLibMCTLS has a forwarder for it (the trait TLS)"
            )
        }
        if Substring(text).firstRange(of: "://") != nil {
            throw Malformed(reason: "of URIs only those that begin with \(scheme) are known")
        }
        return try parseHost(text, Transport.tcp)
    }

    // MARK: URIs

    private static func parseURI(_ text: Bytes) throws(Malformed) -> Server {
        let parts = text.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        let address = parts[0].last == UInt8(ascii: "/") ? parts[0].dropLast() : parts[0]
        var server = try parseHost(address, Transport.tcp)
        if parts.count > 1 { server.wireProtocol = try parseQuery(Substring(parts[1])) }
        return server
    }

    private static func parseQuery(_ text: Substring) throws(Malformed) -> WireProtocol {
        let sides = text.split(separator: "=", omittingEmptySubsequences: false)
        guard sides.count == 2, sides[0] == "protocol", let value = WireProtocol(parsing: String(sides[1])) else {
            throw Malformed(reason: "after the question mark only protocol=binary or protocol=ascii may stand")
        }
        return value
    }

    // MARK: Unix sockets

    private static func parseSocket(_ text: Bytes) -> Server {
        guard let (path, weight) = splitWeight(of: text) else { return Server(.unix(path: String(Substring(text)))) }
        return Server(.unix(path: String(Substring(path))), weight: weight)
    }

    /// The path and the weight, if a number follows the last colon.
    static func splitWeight(of path: Substring.UTF8View) -> (path: Substring.UTF8View, weight: Int)? {
        guard let end = path.lastIndex(of: colon), let weight = number(path[end...].dropFirst()) else { return nil }
        return (path[..<end], weight)
    }

    // MARK: Hosts

    private static func parseHost(
        _ text: Bytes,
        _ transport: (_ host: String, _ port: Int) -> Transport
    ) throws(Malformed) -> Server {
        // This comes first, because the text before an @ would be taken for a port.
        if text.contains(UInt8(ascii: "@")) { throw Malformed(reason: credentialsProblem) }
        for (separator, name) in [(UInt8(ascii: ";"), "semicolon"), (UInt8(ascii: ","), "comma")]
        where text.contains(separator) {
            throw Malformed(
                reason: "it holds a \(name); each server is a text of its own, and in an environment variable commas "
                    + "or blanks stand between them"
            )
        }
        let (host, rest) = try splitHost(of: text)
        // The rest is empty or begins with a colon, so that the field before it is always empty.
        let fields = rest.split(separator: colon, omittingEmptySubsequences: false).dropFirst()
        guard fields.count <= 2, fields.count < 2 || !fields.contains(where: \.isEmpty) else {
            throw Malformed(reason: "after the host come a port and a weight; IPv6 addresses stand in brackets")
        }
        let port = try parseNumber(fields.first, called: "port") ?? defaultPort
        let weight = try parseNumber(fields.dropFirst().first, called: "weight") ?? 1
        return Server(transport(String(Substring(host)), port), weight: weight)
    }

    /// The host without its brackets, and what follows it: nothing, or a colon with the port.
    private static func splitHost(of text: Bytes) throws(Malformed) -> (host: Bytes, rest: Bytes) {
        guard text.first == UInt8(ascii: "[") else {
            let end = text.firstIndex(of: colon) ?? text.endIndex
            return (text[..<end], text[end...])
        }
        guard let bracket = text.firstIndex(of: UInt8(ascii: "]")) else {
            throw Malformed(reason: "the bracket is not closed")
        }
        let rest = text[bracket...].dropFirst()
        guard rest.isEmpty || rest.first == colon else {
            throw Malformed(reason: "only a colon and the port may follow the bracket")
        }
        return (text[..<bracket].dropFirst(), rest)
    }

    private static func parseNumber(_ text: Bytes?, called name: String) throws(Malformed) -> Int? {
        guard let text else { return nil }
        guard let number = number(text) else { throw Malformed(reason: "the \(name) is not a number") }
        return number
    }

    /// The number that the text is, if it is made of ASCII digits only.
    ///
    /// A number beyond `Int` counts as `Int.max`: it is a number, and out of every range here.
    private static func number(_ text: Bytes) -> Int? {
        let isDecimal = !text.isEmpty && text.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        return isDecimal ? Int(Substring(text)) ?? .max : nil
    }
}

extension Server {
    /// Whether a byte is a blank or a line end.
    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0D ~= byte }
}

extension StringProtocol where SubSequence == Substring {
    /// The text without blanks and line ends at both ends.
    var trimmed: Substring {
        let start = self[...].utf8.drop(while: Server.isBlank)
        guard let end = start.lastIndex(where: { !Server.isBlank($0) }) else { return Substring(start) }
        return Substring(start[...end])
    }
}

extension Substring.UTF8View {
    /// The text after the prefix, or nil if it does not begin with it.
    fileprivate func after(_ prefix: String) -> Self? {
        starts(with: prefix.utf8) ? dropFirst(prefix.utf8.count) : nil
    }
}

extension [Server] {
    /// Reads addresses; throws if any is wrong.
    init(parsing texts: [String]) throws(MemcachedError) {
        self = []
        for text in texts { append(try Server(parsing: text)) }
    }
}
