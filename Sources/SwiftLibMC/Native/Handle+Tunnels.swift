// Servers that are reached through a forwarder, which knows why it does not reach them.

extension Configuration {
    /// Whether any server is reached by another way than its address.
    var hasTunnels: Bool { servers.contains { $0.tunnel != nil } }

    /// What decides where keys live: the same servers, at their own addresses.
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
    /// Makes a placement of what may be wrong.
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

    /// What is wrong with the way to a server, as far as it concerns the present connection.
    func tunnelTrouble(at position: Int) -> TunnelTrouble? {
        guard let tunnel = servers[position].tunnel else { return nil }
        return tunnel.trouble(since: tunnelCounts[position] ?? tunnel.connectionCount)
    }

    /// What the forwarder says in place of what was seen of it: that the connection has ended, or that nothing came.
    func explaining(_ error: MemcachedError, by trouble: TunnelTrouble, at position: Int) -> MemcachedError {
        guard error.isTimeout || error.isConnectionFailure || error.code == .protocolError else { return error }
        failedConnections[position] = FailedConnection(
            detail: trouble.detail,
            systemErrno: trouble.systemErrno,
            moment: .now
        )
        return error.explained(by: trouble)
    }
}
