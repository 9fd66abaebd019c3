/// The items of one slab class, which are of about the same size: an entry of memcached's `stats items`.
public struct ItemStatistics: StatisticsTable, Hashable {
    /// The server's answer, by memcached's names without `items:` and number.
    public let values: [String: String]

    /// Makes statistics from a server's answer.
    public init(values: [String: String]) { self.values = values }

    /// How many items there are.
    public var number: Int? { integer("number") }
    /// How long ago the oldest item was last used.
    public var age: Duration? { integer("age").map { .seconds($0) } }
    /// How many items have been dropped before their time, for lack of memory.
    public var evicted: Int? { integer("evicted") }
    /// How many of those had an expiration.
    public var evictedNonzero: Int? { integer("evicted_nonzero") }
    /// How long before its eviction the last of them had been used.
    public var evictedTime: Duration? { integer("evicted_time").map { .seconds($0) } }
    /// How many times no memory was found for an item.
    public var outofmemory: Int? { integer("outofmemory") }
    /// How many items have been stored in the memory of expired ones.
    public var reclaimed: Int? { integer("reclaimed") }
    /// How many items expired without having been read.
    public var expiredUnfetched: Int? { integer("expired_unfetched") }
    /// How many items were dropped without having been read.
    public var evictedUnfetched: Int? { integer("evicted_unfetched") }
}

/// The memory for items of about the same size: a numbered entry of memcached's `stats slabs`.
public struct SlabStatistics: StatisticsTable, Hashable {
    /// The server's answer, by memcached's names without the number.
    public let values: [String: String]

    /// Makes statistics from a server's answer.
    public init(values: [String: String]) { self.values = values }

    /// The largest size of an item here, in bytes.
    public var chunkSize: Int? { integer("chunk_size") }
    /// How many items a page has room for.
    public var chunksPerPage: Int? { integer("chunks_per_page") }
    /// How many pages there are.
    public var totalPages: Int? { integer("total_pages") }
    /// How many items there is room for.
    public var totalChunks: Int? { integer("total_chunks") }
    /// How many of those places are taken.
    public var usedChunks: Int? { integer("used_chunks") }
    /// How many of those places are free.
    public var freeChunks: Int? { integer("free_chunks") }
    /// How many keys that were asked for had an item here.
    public var getHits: Int? { integer("get_hits") }
    /// How many times a value was stored here.
    public var cmdSet: Int? { integer("cmd_set") }
}

/// The memory of a server for items of all sizes: memcached's `stats slabs`.
public struct SlabOverview: StatisticsTable, Hashable {
    /// The part of the server's answer that is not about one class, by memcached's names.
    public let values: [String: String]
    /// The slab classes by their numbers.
    public let slabs: [Int: SlabStatistics]

    /// Makes statistics from a server's answer.
    public init(values: [String: String], slabs: [Int: SlabStatistics]) {
        self.values = values
        self.slabs = slabs
    }

    /// How many slab classes have memory.
    public var activeSlabs: Int? { integer("active_slabs") }
    /// How many bytes all of them have.
    public var totalMalloced: Int? { integer("total_malloced") }
}

/// How many items there are of each size: memcached's `stats sizes`.
public struct SizeStatistics: Hashable, Sendable {
    /// Whether the server counts; it does with the option `-o track_sizes` only.
    public let isTracked: Bool
    /// How many items there are, by their size in bytes rounded up to a multiple of 32.
    public let items: [Int: Int]

    /// Makes statistics from a server's answer.
    public init(isTracked: Bool, items: [Int: Int]) {
        self.isTracked = isTracked
        self.items = items
    }
}
