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
        try getStats("items").map { server, stats in
            // `items:1:number`
            let classes = Self.numbered(stats, prefix: "items:").classes
            return (server: server, stats: classes.mapValues { ItemStatistics(values: $0) })
        }
    }

    /// Reads statistics of the memory of each server: memcached2's `stats_slabs`.
    ///
    /// - Returns: Those of the servers that answered; ``onError`` hears of the others.
    /// - Throws: If no server answered.
    public final func statsSlabs() throws(MemcachedError) -> [(server: Server, stats: SlabOverview)] {
        try getStats("slabs").map { server, stats in
            // `1:chunk_size` or `active_slabs`
            let (classes, rest) = Self.numbered(stats, prefix: "")
            return (
                server: server,
                stats: SlabOverview(values: rest, slabs: classes.mapValues { SlabStatistics(values: $0) })
            )
        }
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
        try getStats("sizes").map { server, stats in
            let sizes = stats.compactMap { name, count in
                if let size = Int(name), let count = Int(count) { (size, count) } else { nil }
            }
            return (
                server: server,
                stats: SizeStatistics(
                    isTracked: stats["sizes_status"] != "disabled",
                    items: Dictionary(sizes) { first, _ in first }
                )
            )
        }
    }

    /// Sorts statistics such as `1:chunk_size` by the numbers in their names.
    private static func numbered(
        _ stats: [String: String],
        prefix: String
    ) -> (classes: [Int: [String: String]], rest: [String: String]) {
        var classes: [Int: [String: String]] = [:]
        var rest: [String: String] = [:]
        for (name, value) in stats {
            let parts = name.dropFirst(name.hasPrefix(prefix) ? prefix.count : 0).split(separator: ":", maxSplits: 1)
            if parts.count == 2, let number = Int(parts[0]) {
                classes[number, default: [:]][String(parts[1])] = value
            } else {
                rest[name] = value
            }
        }
        return (classes, rest)
    }
}
