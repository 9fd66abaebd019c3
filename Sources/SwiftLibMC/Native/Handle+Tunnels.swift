// Servers that are reached through a forwarder, which knows why it can't reach them.

extension Configuration {
    /// Whether any server is reached through a forwarder instead of at its address.
    var hasTunnels: Bool { servers.contains { $0.tunnel != nil } }

    /// The same configuration with the servers at their own addresses, which decide where keys live.
    var withoutTunnels: Configuration {
        Configuration(
            servers: servers.map(\.withoutTunnel),
            choice: choice,
            credentials: nil,
            behaviors: behaviors
        )
    }
}

extension Placement {
    /// Makes a placement from a configuration that may be invalid.
    convenience init(validated configuration: Configuration) throws(MemcachedError) {
        try configuration.validate()
        try self.init(configuration)
    }
}

extension Handle {
    /// Notes that connections to these servers are about to be made.
    func noteTunnels(_ positions: [Int]) {
        for position in positions {
            guard let tunnel = servers[position].tunnel else { continue }
            tunnelCounts[position] = tunnel.connectionCount
        }
    }

    /// The forwarder's problem with a server, if it concerns the present connection.
    func tunnelProblem(at position: Int) -> TunnelProblem? {
        guard let tunnel = servers[position].tunnel else { return nil }
        return tunnel.problem(since: tunnelCounts[position] ?? tunnel.connectionCount)
    }

    /// The forwarder's explanation in place of the visible failure: that the connection has ended, or that nothing
    /// arrived.
    func explaining(_ error: MemcachedError, by problem: TunnelProblem, at position: Int) -> MemcachedError {
        guard error.isTimeout || error.isConnectionFailure || error.code == .protocolError else { return error }
        failedConnections[position] = FailedConnection(
            detail: problem.detail,
            systemErrno: problem.systemErrno,
            moment: .now
        )
        return error.explained(by: problem)
    }
}
