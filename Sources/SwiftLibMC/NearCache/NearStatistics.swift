/// How a ``NearMemory`` has been used.
public struct NearStatistics: Hashable, Sendable {
    /// How many values were found in it.
    public internal(set) var hits = 0
    /// How many were not: the cache behind was asked, or another caller's request was awaited.
    public internal(set) var misses = 0
    /// How many items were dropped to make room.
    public internal(set) var evictions = 0
    /// How many bytes are in use, including keys and other costs of the items.
    public internal(set) var bytes = 0
    /// How many items have a value, fresh or not.
    public internal(set) var items = 0

    /// The share of the reads that were hits; zero if there were none.
    public var hitRatio: Double { hits + misses == 0 ? 0 : Double(hits) / Double(hits + misses) }
}
