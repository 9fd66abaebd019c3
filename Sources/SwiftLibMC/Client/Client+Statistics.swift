// Statistics with types, as memcached2 has them.

extension Client {
    /// Reads the general statistics of each server: memcached2's `stats`.
    ///
    /// - Returns: Those of the servers that answered; ``onError`` hears of the others.
    /// - Throws: If no server answered.
    public final func stats() throws(MemcachedError) -> [(server: Server, stats: ServerStatistics)] {
        try getStats().map { (server: $0.server, stats: ServerStatistics(values: $0.stats)) }
    }

    /// Reads statistics of the items of each server: memcached2's `stats_items`.
    ///
    /// - Returns: For each server that answered its slab classes by number; ``onError`` hears of the others.
    /// - Throws: If no server answered.
    public final func statsItems() throws(MemcachedError) -> [(server: Server, stats: [Int: ItemStatistics])] {
        try getStats("items").map { (server: $0.server, stats: ItemStatistics.bySlab($0.stats)) }
    }

    /// Reads statistics of the memory of each server: memcached2's `stats_slabs`.
    ///
    /// - Returns: Those of the servers that answered; ``onError`` hears of the others.
    /// - Throws: If no server answered.
    public final func statsSlabs() throws(MemcachedError) -> [(server: Server, stats: SlabOverview)] {
        try getStats("slabs").map { (server: $0.server, stats: SlabOverview(parsing: $0.stats)) }
    }

    /// Reads how each server is set up: memcached2's `stats_settings`.
    ///
    /// - Returns: The settings of the servers that answered; ``onError`` hears of the others.
    /// - Throws: If no server answered.
    public final func statsSettings() throws(MemcachedError) -> [(server: Server, stats: ServerSettings)] {
        try getStats("settings").map { (server: $0.server, stats: ServerSettings(values: $0.stats)) }
    }

    /// Reads how many items of each size each server has: memcached2's `stats_sizes`.
    ///
    /// - Returns: Those of the servers that answered; ``onError`` hears of the others.
    /// - Throws: If no server answered.
    public final func statsSizes() throws(MemcachedError) -> [(server: Server, stats: SizeStatistics)] {
        try getStats("sizes").map { (server: $0.server, stats: SizeStatistics(parsing: $0.stats)) }
    }
}
