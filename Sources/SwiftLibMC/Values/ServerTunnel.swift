/// A connection to a server other than to its own address, such as through a forwarder that speaks TLS with it.
///
/// Keys are placed by the server's own address, and errors and statistics name it; only connections go through the
/// tunnel.
///
/// `Mirror` shows none of its content: servers are in errors and in clients, which debuggers, logs and Swift Testing
/// look into at any time, without a lock, and a tunnel's threads change what it holds meanwhile.
package protocol ServerTunnel: AnyObject, CustomReflectable, Sendable {
    /// The unix socket that leads to the server, of at most 107 bytes.
    var path: String { get }

    /// Whether it logs in to the server with a user name and a password, which only the binary protocol has.
    var logsIn: Bool { get }

    /// How many connections it has accepted so far.
    var connectionCount: Int { get }

    /// The problem with the server, as shown by the connections after the first `count`.
    ///
    /// - Returns: nil if nothing is known to be wrong.
    func problem(since count: Int) -> TunnelProblem?

    /// The same servers, each with a tunnel of this one's kind.
    func reaching(_ servers: [Server]) throws(MemcachedError) -> [Server]
}

extension ServerTunnel {
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why a connection through a tunnel failed or broke.
package struct TunnelProblem: Sendable {
    /// The code for the caller.
    package var code: MemcachedError.Code
    /// One sentence about the cause.
    package var detail: String
    /// The system's error number, where there is one.
    package var systemErrno: CInt?
    /// Whether nothing that was received since then has been sent to the server.
    package var isUnsent: Bool

    package init(code: MemcachedError.Code, detail: String, systemErrno: CInt? = nil, isUnsent: Bool) {
        self.code = code
        self.detail = detail
        self.systemErrno = systemErrno
        self.isUnsent = isUnsent
    }
}

extension Server {
    /// The address to which connections are made.
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
    /// A forwarder's explanation in place of the visible failure: that the connection has ended, or that nothing
    /// arrived.
    func explained(by problem: TunnelProblem) -> MemcachedError {
        // A pending connection makes others wait; it does not break them.
        guard isTimeout || problem.code != .timeout || problem.isUnsent else { return self }
        var error = self
        error.code = problem.code
        error.detail = problem.detail
        error.systemErrno = problem.systemErrno
        return error
    }
}
