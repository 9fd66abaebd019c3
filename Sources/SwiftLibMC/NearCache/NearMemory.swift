/// The items that near caches keep in the process: share one among all that ask the same servers.
///
/// A ``NearCache`` belongs to a thread if its client does, and an ``AsyncNearCache`` asks a client of its own. With one
/// memory all of them see each other's writes:
///
/// ```swift
/// let memory = NearMemory(bytes: 32 << 20, timeToLive: .milliseconds(500))
/// let cache = NearCache(pool, memory: memory)
/// let tasks = AsyncNearCache(client, memory: memory)
/// ```
///
/// S3-FIFO decides which items are dropped to make room: it keeps those that are read most, and scans don't displace
/// them. Caches that return different values for the same key must not share a memory.
public final class NearMemory: Sendable {
    /// How many bytes it takes at most, including its keys and the overhead that grows with the items.
    public let byteLimit: Int
    /// How long a value is used, from when it was asked for.
    public let timeToLive: Duration

    let lifetime: Moment.Distance
    private let shards: [Monitor<NearShard>]
    /// An attacker who does not know it can't choose keys that collide.
    private let seed = UInt64.random(in: .min ... .max)

    /// Makes an empty memory.
    ///
    /// - Parameters:
    ///   - bytes: How many bytes it takes at most; an item of more than a 64th of it may be too large.
    ///   - timeToLive: How long a value is used, from when it was asked for. Nothing is kept if it is zero.
    public init(bytes: Int = 64 << 20, timeToLive: Duration = .seconds(1)) {
        byteLimit = max(0, bytes)
        self.timeToLive = timeToLive
        lifetime = Moment.Distance(timeToLive)
        // Each at least as large as the largest items of most servers.
        var count = 1
        while count < 16, byteLimit / (count * 2) >= 4 << 20 { count *= 2 }
        let capacity = byteLimit / count
        shards = (0..<count).map { _ in Monitor(NearShard(capacity: capacity)) }
    }

    /// How it has been used, since it was made.
    public var statistics: NearStatistics {
        var total = NearStatistics()
        for shard in shards {
            shard.withLock { shard in
                shard.checkProcess()
                total.hits += shard.counts.hits
                total.misses += shard.counts.misses
                total.evictions += shard.counts.evictions
                total.bytes += shard.bytes
                total.items += shard.itemCount
            }
        }
        return total
    }

    /// Drops the value of a key that is known to have been changed without this memory's caches.
    ///
    /// - Parameter key: The key as it is on the wire.
    public func remove<K: CacheKey>(_ key: K) {
        let keys = MemcachedRequest.Keys(.one(MemcachedRequest.Key(key)))
        endWrite(beginWrite(keys, 0), quietUntil: Moment(nanoseconds: 0))
    }

    /// Drops all values.
    public func removeAll() {
        beginFlush()
        endFlush(quietUntil: Moment(nanoseconds: 0), later: nil)
    }

    // MARK: - Parts

    @inline(__always)
    func withShard<R>(_ hash: UInt64, _ body: (inout NearShard) -> R) -> R {
        shards[Int(truncatingIfNeeded: hash >> 60) & (shards.count - 1)].withLock { shard in
            shard.checkProcess()
            return body(&shard)
        }
    }

    @inline(__always)
    func hash(_ key: RawSpan) -> UInt64 { key.quickHash(seed) }

    /// The value of a key, if it is fresh and suits the request.
    @inline(__always)
    func value(
        _ key: RawSpan,
        in group: [UInt8]? = nil,
        if isWanted: (MemcachedResponse.Value) -> Bool = { _ in true }
    ) -> MemcachedResponse.Value? {
        let (hash, now) = (hash(key), Moment.now)
        return withShard(hash) { $0.look(hash, key, group: group, now: now, if: isWanted) }
    }

    // MARK: - Writes

    /// A write to a key begins; its end has to follow.
    ///
    /// - Returns: Identifies the key when the write ends.
    func beginWrite(_ keys: MemcachedRequest.Keys, _ index: Int) -> UInt64 {
        keys.withKeyBytes(of: index) { key, _ in
            let hash = hash(key)
            withShard(hash) { shard in
                shard.stripes.beginWrite(hash)
                shard.drop(hash, key)
            }
            return hash
        }
    }

    func endWrite(_ hash: UInt64, quietUntil: Moment) {
        withShard(hash) { $0.stripes.endWrite(hash, quietUntil: quietUntil) }
    }

    /// A write to all keys begins; its end has to follow.
    func beginFlush() {
        for shard in shards {
            shard.withLock { shard in
                shard.checkProcess()
                shard.stripes.beginFlush()
                shard.removeAll()
            }
        }
    }

    func endFlush(quietUntil: Moment, later: Range<Moment>?) {
        for shard in shards { shard.withLock { $0.stripes.endFlush(quietUntil: quietUntil, later: later) } }
    }
}
