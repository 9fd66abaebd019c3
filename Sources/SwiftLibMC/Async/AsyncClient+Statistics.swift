// Typed statistics, and the check of a key, as in the synchronous client.

extension AsyncClient {
    /// Reads the general statistics of each server.
    ///
    /// - Returns: Those of the servers that answered.
    /// - Throws: As ``Client/stats()`` does, and what every asynchronous call may throw.
    public func stats() async throws(MemcachedError) -> [(server: Server, stats: ServerStatistics)] {
        try await getStats().map { (server: $0.server, stats: ServerStatistics(values: $0.stats)) }
    }

    /// Reads statistics of the items of each server.
    ///
    /// - Returns: For each server that answered, its slab classes by number.
    /// - Throws: As ``Client/statsItems()`` does, and what every asynchronous call may throw.
    public func statsItems() async throws(MemcachedError) -> [(server: Server, stats: [Int: ItemStatistics])] {
        try await getStats("items").map { (server: $0.server, stats: ItemStatistics.bySlab($0.stats)) }
    }

    /// Reads statistics of the memory of each server.
    ///
    /// - Returns: Those of the servers that answered.
    /// - Throws: As ``Client/statsSlabs()`` does, and what every asynchronous call may throw.
    public func statsSlabs() async throws(MemcachedError) -> [(server: Server, stats: SlabOverview)] {
        try await getStats("slabs").map { (server: $0.server, stats: SlabOverview(parsing: $0.stats)) }
    }

    /// Reads how each server is set up.
    ///
    /// - Returns: The settings of the servers that answered.
    /// - Throws: As ``Client/statsSettings()`` does, and what every asynchronous call may throw.
    public func statsSettings() async throws(MemcachedError) -> [(server: Server, stats: ServerSettings)] {
        try await getStats("settings").map { (server: $0.server, stats: ServerSettings(values: $0.stats)) }
    }

    /// Reads how many items of each size each server has.
    ///
    /// - Returns: Those of the servers that answered.
    /// - Throws: As ``Client/statsSizes()`` does, and what every asynchronous call may throw.
    public func statsSizes() async throws(MemcachedError) -> [(server: Server, stats: SizeStatistics)] {
        try await getStats("sizes").map { (server: $0.server, stats: SizeStatistics(parsing: $0.stats)) }
    }

    /// Checks a key without sending anything.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - keyPrefix: What a multi-key call would put before it.
    /// - Throws: As ``Client/checkKey(_:keyPrefix:)`` does.
    public func checkKey<K: CacheKey>(_ key: K, keyPrefix: String? = nil) throws(MemcachedError) {
        try source.read { client throws(MemcachedError) in try client.checkKey(key, keyPrefix: keyPrefix) }
    }
}
