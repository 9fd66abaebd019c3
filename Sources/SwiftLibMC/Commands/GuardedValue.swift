/// One value that many callers want, and only one of them should compute.
struct GuardedValue<K: CacheKey, V: Codable> {
    let cache: any MemcachedCommands
    let key: K
    let time: Expiration
    let lock: Duration
    let stale: Duration

    private enum State {
        case fresh(V)
        case stale(V)
        case missing
    }

    private let start = ContinuousClock.now
    private var patienceIsOver: Bool { start.duration(to: .now) >= lock }

    init(cache: any MemcachedCommands, key: K, time: Expiration, lock: Duration, stale: Duration) {
        self.cache = cache
        self.key = key
        self.time = time
        self.lock = lock
        self.stale = stale
    }

    /// The value; nil for the one caller who is to compute it, and for those who have waited too long.
    func valueUnlessToBeComputed() throws(MemcachedError) -> V? {
        var pause = Duration.milliseconds(5)
        while true {
            let state = try look()
            if case .fresh(let value) = state { return value }
            if try takeLock() {
                // The one before us may have finished since we looked.
                guard case .fresh(let value) = try look() else { return nil }
                release()
                return value
            }
            if case .stale(let value) = state { return value }
            if patienceIsOver { return nil }
            // Not all at the same moment.
            sleepThread(for: pause * Double.random(in: 0.5...1.5))
            pause = min(pause * 1.5, .milliseconds(100))
        }
    }

    /// Stores the computed value, and lets the others have it.
    func store(_ value: V) throws(MemcachedError) {
        try plainly { cache throws(MemcachedError) in
            let options = StoreOptions(time: stale > .zero ? time.extended(by: stale) : time)
            try cache.store(key, value, when: .always, with: options)
            if stale > .zero { try cache.store(freshnessKey, 1, when: .always, with: StoreOptions(time: time)) }
        }
        release()
    }

    /// Gives the lock back, if it can still be ours.
    func release() {
        guard !patienceIsOver else { return }
        // If it can't be deleted it passes by itself.
        _ = try? plainly { cache throws(MemcachedError) in try cache.delete(lockKey, noreply: false) }
    }

    // MARK: -

    private func look() throws(MemcachedError) -> State {
        try plainly { cache throws(MemcachedError) in
            guard stale > .zero else {
                return try readable { () throws(MemcachedError) in try cache.get(key, as: V.self) }
                    .map { .fresh($0) } ?? .missing
            }
            let items = try cache.items([GroupedKey(prefix: nil, key), freshnessKey], keyPrefix: nil)
            guard let item = items[GroupedKey(prefix: nil, key)],
                let value = try readable({ () throws(MemcachedError) in try cache.decode(item, as: V.self) })
            else { return .missing }
            return items[freshnessKey] == nil ? .stale(value) : .fresh(value)
        }
    }

    /// A value that can't be read, of an older version of the program perhaps, is a miss.
    private func readable(_ read: () throws(MemcachedError) -> V?) throws(MemcachedError) -> V? {
        do throws(MemcachedError) {
            return try read()
        } catch {
            guard error.code == .deserialization || error.code == .notFound else { throw error }
            if error.code == .deserialization { cache.onError?(error) }
            return nil
        }
    }

    private func takeLock() throws(MemcachedError) -> Bool {
        try plainly { cache throws(MemcachedError) in
            // Without a time it would stay for ever.
            let options = StoreOptions(time: .duration(max(lock, .seconds(1))))
            return try cache.store(lockKey, 1, when: .ifAbsent, with: options)
        }
    }

    private func plainly<R>(
        _ command: (any MemcachedCommands) throws(MemcachedError) -> R
    ) throws(MemcachedError) -> R {
        try cache.plainly { () throws(MemcachedError) in try command(cache) }
    }

    // MARK: - The keys beside

    private var lockKey: GroupedKey { companion(":lock") }
    private var freshnessKey: GroupedKey { companion(":fresh") }

    /// A key on the same server, short enough whatever the namespace is.
    private func companion(_ suffix: String) -> GroupedKey {
        var bytes = key.wireBytes
        if bytes.count > 100 {
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            bytes = bytes.prefix(80) + Array("~\(String(hash, radix: 16))".utf8)
        }
        // An empty key stays wrong.
        let group = key.withKeyBytes { _, routing in Array(copying: routing) }
        return GroupedKey(group: group, key: key.wireBytes.isEmpty ? [] : bytes + Array(suffix.utf8))
    }
}
