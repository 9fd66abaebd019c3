/// The address of one memcached server, with its share of the keys.
///
/// pylibmc takes servers as text, which ``init(parsing:)`` reads.
public struct Server: Hashable, Sendable {
    /// How a server is reached.
    public enum Transport: Hashable, Sendable {
        /// A TCP connection to a host, by name or address without brackets, and a port from 1 to 65535.
        case tcp(host: String, port: Int)
        /// UDP datagrams to a host and a port.
        ///
        /// libmemcached can do little over UDP: it stores and deletes without an answer, and can't read.
        case udp(host: String, port: Int)
        /// A unix socket at a path of 1 to 107 bytes.
        case unix(path: String)
    }

    /// How the server is reached.
    public var transport: Transport

    /// The server's share of the keys relative to the other servers', from 1 to 65535.
    ///
    /// Only the ketama distributions heed it.
    public var weight: Int

    /// The protocol that the address asks for, such as `memcached://host/?protocol=ascii`; nil where it does not.
    ///
    /// A client with such servers speaks it with all of them; its own ``Client/servers`` don't have it.
    public internal(set) var wireProtocol: WireProtocol?

    /// The tunnel to the server, if it is not reached at its own address.
    package var tunnel: (any ServerTunnel)?

    /// Makes an address from its parts.
    ///
    /// The parts are checked when a client is made with them, which throws ``MemcachedError/Code/invalidServer``.
    ///
    /// - Parameters:
    ///   - transport: How the server is reached.
    ///   - weight: The server's share of the keys, from 1 to 65535.
    public init(_ transport: Transport, weight: Int = 1) {
        self.transport = transport
        self.weight = weight
    }
}

// MARK: - Description

extension Server: CustomStringConvertible {
    /// The address in a form that ``init(parsing:)`` reads, such as `127.0.0.1:11211` or `/run/memcached.sock:2`.
    ///
    /// It always has the port, the weight only if it is not 1, and IPv6 addresses in brackets.
    public var description: String {
        switch transport {
        case .tcp(let host, let port): inURI(Self.hostAndPort(host, port) + weightSuffix)
        case .udp(let host, let port): Self.udpPrefix + Self.hostAndPort(host, port) + weightSuffix
        case .unix(let path):
            (path.utf8.starts(with: "/".utf8) ? path : Self.unixPrefix + path)
                // A path that ends like a weight or with a blank has to be followed by one, to be read back as it is.
                + (Self.keepsItsEnd(path) ? weightSuffix : ":\(weight)")
        }
    }

    private var weightSuffix: String { weight == 1 ? "" : ":\(weight)" }

    private func inURI(_ address: String) -> String {
        guard let wireProtocol else { return address }
        return "\(Self.scheme)\(address)/?protocol=\(wireProtocol)"
    }

    private static func keepsItsEnd(_ path: String) -> Bool {
        splitWeight(of: path[...].utf8) == nil && path.utf8.last.map(isBlank) != true
    }

    private static func hostAndPort(_ host: String, _ port: Int) -> String {
        // A host that happens to have the name of a prefix needs the brackets too.
        let isPlain = !host.utf8.contains(UInt8(ascii: ":")) && !["udp", "unix"].contains(host)
        return isPlain ? "\(host):\(port)" : "[\(host)]:\(port)"
    }
}

// MARK: - Validation

extension Server {
    /// Throws unless libmemcached handles this address correctly.
    ///
    /// libmemcached itself turns port 0 and an empty host into other servers, wraps large ports around, and cuts or
    /// crashes on long hosts.
    ///
    /// - Parameter operation: The method to name in the error.
    /// - Throws: ``MemcachedError`` with code ``MemcachedError/Code/invalidServer``.
    func validate(operation: String = "Client(servers:)") throws(MemcachedError) {
        guard let problem else { return }
        throw MemcachedError(
            code: .invalidServer,
            operation: operation,
            detail: "\(Self.quoted(description)) is not a usable server address: \(problem)"
        )
    }

    /// What is wrong with the address, as the end of a sentence.
    var problem: String? {
        let addressProblem =
            switch transport {
            case .tcp(let host, let port), .udp(let host, let port):
                Self.problem(host: host) ?? Self.problem(number: port, called: "port")
            case .unix(let path): Self.problem(path: path)
            }
        return addressProblem ?? Self.problem(number: weight, called: "weight")
    }

    /// The longest host that libmemcached can keep, one byte less than `NI_MAXHOST`.
    private static let maxHostLength = 1024
    /// The longest path that fits into `sockaddr_un` with its final NUL.
    private static let maxPathLength = 107

    private static func problem(host: String) -> String? {
        if host.isEmpty { return "the host is empty; IPv6 addresses stand in brackets" }
        if host.utf8.count > maxHostLength { return "the host is longer than \(maxHostLength) bytes" }
        if host.utf8.contains(UInt8(ascii: "@")) { return credentialsProblem }
        if host.utf8.contains(UInt8(ascii: "?")) { return "the host holds a question mark" }
        let isBroken = host.utf8.contains { byte in byte <= 0x20 || byte == 0x7F || "/[]".utf8.contains(byte) }
        return isBroken ? "the host holds a blank, a slash, a bracket or a control character" : nil
    }

    /// What is wrong with `user:password@host`.
    static let credentialsProblem =
        "it holds an @; credentials are not part of an address: give them as username and password of the client"

    private static func problem(path: String) -> String? {
        if path.isEmpty { return "the path is empty" }
        if path.utf8.count > maxPathLength { return "the path is longer than \(maxPathLength) bytes" }
        return path.utf8.contains(0) ? "the path holds a NUL byte" : nil
    }

    private static func problem(number: Int, called name: String) -> String? {
        1...65535 ~= number ? nil : "the \(name) is not from 1 to 65535"
    }

    /// The text in quotation marks, with control characters made visible and an end put to overlong ones.
    ///
    /// The text before an `@` may be a password, as in `memcached://user:password@host`, and is left out.
    static func quoted(_ text: String) -> String {
        let isPath = text.utf8.starts(with: "/".utf8) || text.utf8.starts(with: unixPrefix.utf8)
        let shown = isPath ? text[...] : text[(text.utf8.lastIndex(of: UInt8(ascii: "@")) ?? text.startIndex)...]
        let limit = 120
        return String(shown.prefix(limit)).quoted + (shown.count > limit ? "…" : "")
    }
}
