extension Client {
    /// Replaces the servers of a live client: python-memcached's `set_servers`.
    ///
    /// Connections are closed, and keys may live elsewhere than before. On an error nothing has changed.
    ///
    /// - Parameter servers: At least one server.
    /// - Throws: `.noServers`, `.invalidServer`, or `.invalidArguments` for what can't be combined.
    public final func setServers(_ servers: [Server]) throws(MemcachedError) {
        try replaceServers(servers)
        hasNewConfiguration = true
    }

    /// Replaces the servers on behalf of whoever lends the client.
    final func replaceServers(_ servers: [Server]) throws(MemcachedError) {
        var configuration = handle.configuration
        guard try servers.isBinary(unlessSaid: isBinary) == isBinary else {
            throw MemcachedError(
                code: .invalidArguments,
                operation: .setServers,
                detail: "an address says protocol=ascii, but the client speaks binary, and its protocol can't change"
            )
        }
        configuration.servers = servers.withoutProtocols
        try handle.reconfigure(configuration)
        observer?.happened(.serversChanged(self.servers))
    }

    /// Replaces the servers of a live client by servers given as text.
    ///
    /// - Parameter servers: At least one address; ``Server/init(parsing:)`` has the forms.
    /// - Throws: `.noServers`, `.invalidServer`, or `.invalidArguments` for what can't be combined.
    @_disfavoredOverload
    public final func setServers(_ servers: [String]) throws(MemcachedError) {
        var parsed: [Server] = []
        for text in servers { parsed.append(try Server(parsing: text)) }
        try setServers(parsed)
    }

    /// Adds a server to a live client, at the end of the list: pymemcache's `add_server`.
    ///
    /// A server that is there already stays at its place and gets the new weight.
    ///
    /// - Throws: `.invalidServer`, or `.invalidArguments` for what can't be combined.
    public final func addServer(_ server: Server) throws(MemcachedError) {
        try setServers(handle.configuration.servers.adding(server))
    }

    /// Takes a server out of a live client, whatever its weight: pymemcache's `remove_server`.
    ///
    /// - Throws: `.invalidArguments` if there is no such server, `.noServers` if it is the last one.
    public final func removeServer(_ server: Server) throws(MemcachedError) {
        try setServers(handle.configuration.servers.removing(server))
    }

    /// Asks all servers again, also those that have failed a moment ago: python-memcached's `forget_dead_hosts`.
    ///
    /// All connections are closed.
    public final func forgetDeadHosts() { handle.restart() }

    /// Closes all connections: `close` of pymemcache and memcached2, and pymemcache's `quit`; the same as
    /// ``disconnectAll()``.
    ///
    /// The next command connects again. A client needs no closing: its connections end with it.
    public final func close() { disconnectAll() }
}

extension [Server] {
    /// The list with a server at its end, or in the place that it has already.
    func adding(_ server: Server) -> Self {
        guard let index = firstIndex(where: { $0.transport == server.transport }) else { return self + [server] }
        var servers = self
        servers[index] = server
        return servers
    }

    /// The list without a server.
    func removing(_ server: Server) throws(MemcachedError) -> Self {
        let remaining = filter { $0.transport != server.transport }
        guard remaining.count < count else {
            throw MemcachedError(
                code: .invalidArguments,
                operation: .removeServer,
                detail: "\(server) is not among the servers of the client"
            )
        }
        return remaining
    }
}
