extension AsyncClient {
    // MARK: - Where keys live

    /// The servers, in the order that libmemcached keeps them.
    public var servers: [Server] { routes.current.servers }

    /// The number of the server that a key lives on.
    ///
    /// - Throws: `.badKey`.
    public func hash<K: CacheKey>(_ key: K) async throws(MemcachedError) -> UInt32 {
        UInt32(try position(.hash, key, in: routes.current))
    }

    /// The server that a key lives on.
    ///
    /// - Throws: `.badKey`.
    public func server<K: CacheKey>(for key: K) async throws(MemcachedError) -> Server {
        let table = routes.current
        return table.servers[try position(.server, key, in: table)]
    }

    private func position<K: CacheKey>(
        _ operation: Operation,
        _ key: K,
        in table: RouteTable
    ) throws(MemcachedError) -> Int {
        try key.withKeyBytes { key, routing throws(MemcachedError) in
            try keyRules.check(key, for: operation)
            return table.position(of: routing)
        }
    }

    // MARK: - Changing servers

    /// Replaces the servers of a live client: python-memcached's `set_servers`.
    ///
    /// Each thread switches to them before its next command, and closes its old connections then. Keys may live
    /// elsewhere than before. How many threads there are does not change.
    ///
    /// - Parameter servers: At least one server.
    /// - Throws: As ``Client/setServers(_:)-([Server])`` does; then nothing has changed.
    public func setServers(_ servers: [Server]) throws(MemcachedError) {
        try change { _ in servers }
    }

    /// Adds a server to a live client, at the end of the list: pymemcache's `add_server`.
    ///
    /// - Throws: As ``Client/addServer(_:)`` does; then nothing has changed.
    public func addServer(_ server: Server) throws(MemcachedError) {
        try change { $0.adding(server) }
    }

    /// Takes a server out of a live client, whatever its weight: pymemcache's `remove_server`.
    ///
    /// - Throws: As ``Client/removeServer(_:)`` does; then nothing has changed.
    public func removeServer(_ server: Server) throws(MemcachedError) {
        try change { servers throws(MemcachedError) in try servers.removing(server) }
    }

    private func change(_ change: ([Server]) throws(MemcachedError) -> [Server]) throws(MemcachedError) {
        try routes.change(change)
        observer?.happened(.serversChanged(servers))
    }

    /// Asks all servers again, including those that failed a moment ago: python-memcached's `forget_dead_hosts`.
    ///
    /// All connections are closed.
    ///
    /// - Throws: What every asynchronous call may throw.
    public func forgetDeadHosts() async throws(MemcachedError) {
        try await onEveryThread(.forgetDeadHosts) { client in client.forgetDeadHosts() }
    }
}
