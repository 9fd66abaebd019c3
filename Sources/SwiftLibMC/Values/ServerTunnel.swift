/// A way to a server that does not lead to its own address, such as a forwarder that speaks TLS with it.
///
/// Keys are placed by the server's own address, and errors and statistics name it; connections alone go this way.
///
/// `Mirror` shows nothing of it: servers are in errors and in clients, which debuggers, logs and Swift Testing look into
/// at any time, without a lock, and a tunnel's threads change what it holds meanwhile.
package protocol ServerTunnel: AnyObject, CustomReflectable, Sendable {
    /// The unix socket that leads to the server, of at most 107 bytes.
    var path: String { get }

    /// Whether it says a user name and a password to the server, which it can in the binary protocol only.
    var logsIn: Bool { get }

    /// How many connections have come in so far.
    var connectionCount: Int { get }

    /// What is wrong with the way to the server, as those show that have come in since there were so many.
    ///
    /// - Returns: nil if nothing is known to be wrong.
    func trouble(since count: Int) -> TunnelTrouble?

    /// The same servers, each with a tunnel of this one's kind.
    func reaching(_ servers: [Server]) throws(MemcachedError) -> [Server]
}

extension ServerTunnel {
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why a connection through a tunnel did not come about, or broke.
package struct TunnelTrouble: Sendable {
    /// What it is to the caller.
    package var code: MemcachedError.Code
    /// One sentence about the cause.
    package var detail: String
    /// The system's error number, where there is one.
    package var systemErrno: CInt?
    /// Whether nothing of what came in since then has been sent to the server.
    package var isUnsent: Bool

    package init(code: MemcachedError.Code, detail: String, systemErrno: CInt? = nil, isUnsent: Bool) {
        self.code = code
        self.detail = detail
        self.systemErrno = systemErrno
        self.isUnsent = isUnsent
    }
}

extension Server {
    /// Where connections to the server are made.
    var endpoint: Transport {
        guard let tunnel else { return transport }
        return .unix(path: tunnel.path)
    }

    /// The server at its own address.
    var withoutTunnel: Server {
        var server = self
        server.tunnel = nil
        return server
    }

    /// Servers are equal if they have the same address, weight and protocol, and are reached in the same way.
    public static func == (one: Server, other: Server) -> Bool {
        one.transport == other.transport && one.weight == other.weight && one.wireProtocol == other.wireProtocol
            && one.tunnel === other.tunnel
    }

    /// Hashes the address and the weight.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(transport)
        hasher.combine(weight)
    }
}

extension MemcachedError {
    /// What a forwarder says in place of what was seen of it: that the connection has ended, or that nothing came.
    func explained(by trouble: TunnelTrouble) -> MemcachedError {
        // A connection that is not there yet keeps others waiting; it does not break them.
        guard isTimeout || trouble.code != .timeout || trouble.isUnsent else { return self }
        var error = self
        error.code = trouble.code
        error.detail = trouble.detail
        error.systemErrno = trouble.systemErrno
        return error
    }
}
