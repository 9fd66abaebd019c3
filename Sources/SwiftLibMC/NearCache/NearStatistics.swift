/// What a ``NearMemory`` has been good for.
public struct NearStatistics: Hashable, Sendable {
    /// How many values were found in it.
    public internal(set) var hits = 0
    /// How many were not: the cache behind was asked, or a request that another caller had sent was waited for.
    public internal(set) var misses = 0
    /// How many items were dropped for want of room.
    public internal(set) var evictions = 0
    /// How many bytes are in use, keys and what the items cost otherwise included.
    public internal(set) var bytes = 0
    /// How many items have a value, fresh or not.
    public internal(set) var items = 0

    /// Which part of the reads was a hit; zero if there were none.
    public var hitRatio: Double { hits + misses == 0 ? 0 : Double(hits) / Double(hits + misses) }
}
