/// One value that many callers want, and only one of them should compute.
struct GuardedValue<K: CacheKey, V: Codable> {
    let key: K
    let time: Expiration
    let lock: Duration
    let stale: Duration

    /// What a caller is to do next.
    enum Step {
        case use(V)
        /// Compute it: it is the one, or has waited too long.
        case compute
        /// Ask again in a moment: another one computes.
        case wait
    }

    private enum State {
        case fresh(V)
        case stale(V)
        case missing
    }

    private let start = ContinuousClock.now
    private var patienceIsOver: Bool { start.duration(to: .now) >= lock }

    init(key: K, time: Expiration, lock: Duration, stale: Duration) {
        self.key = key
        self.time = time
        self.lock = lock
        self.stale = stale
    }

    /// Looks for the value, and tries to become the one who computes it.
    func step(in cache: some MemcachedCommands) throws(MemcachedError) -> Step {
        try cache.plainly { () throws(MemcachedError) in
            let state = try look(in: cache)
            if case .fresh(let value) = state { return .use(value) }
            if try takeLock(in: cache) {
                // The one before us may have finished since we looked.
                guard case .fresh(let value) = try look(in: cache) else { return .compute }
                release(in: cache)
                return .use(value)
            }
            if case .stale(let value) = state { return .use(value) }
            return patienceIsOver ? .compute : .wait
        }
    }

    /// Stores the computed value, and lets the others have it.
    func store(_ value: V, in cache: some MemcachedCommands) throws(MemcachedError) {
        try cache.plainly { () throws(MemcachedError) in
            let options = StoreOptions(time: stale > .zero ? time.extended(by: stale) : time)
            try cache.store(key, value, when: .always, with: options)
            if stale > .zero { try cache.store(freshnessKey, 1, when: .always, with: StoreOptions(time: time)) }
        }
        release(in: cache)
    }

    /// Gives the lock back, if it can still be ours.
    func release(in cache: some MemcachedCommands) {
        guard !patienceIsOver else { return }
        // If it can't be deleted it passes by itself.
        _ = try? cache.plainly { () throws(MemcachedError) in try cache.delete(lockKey, noreply: false) }
    }

    // MARK: -

    private func look(in cache: some MemcachedCommands) throws(MemcachedError) -> State {
        guard stale > .zero else {
            return try readable(in: cache) { () throws(MemcachedError) in try cache.get(key, as: V.self) }
                .map { .fresh($0) } ?? .missing
        }
        let items = try cache.items([GroupedKey(key), freshnessKey], keyPrefix: nil)
        guard let item = items[GroupedKey(key)],
            let value = try readable(in: cache, { () throws(MemcachedError) in try cache.decode(item, as: V.self) })
        else { return .missing }
        return items[freshnessKey] == nil ? .stale(value) : .fresh(value)
    }

    /// A value that can't be read, of an older version of the program perhaps, is a miss.
    private func readable(
        in cache: some MemcachedCommands,
        _ read: () throws(MemcachedError) -> V?
    ) throws(MemcachedError) -> V? {
        do throws(MemcachedError) {
            return try read()
        } catch {
            guard error.code == .deserialization || error.code == .notFound else { throw error }
            if error.code == .deserialization { cache.onError?(error) }
            return nil
        }
    }

    private func takeLock(in cache: some MemcachedCommands) throws(MemcachedError) -> Bool {
        // Without a time it would stay for ever.
        let options = StoreOptions(time: .duration(max(lock, .seconds(1))))
        return try cache.store(lockKey, 1, when: .ifAbsent, with: options)
    }

    // MARK: - The keys beside

    private var lockKey: GroupedKey { companion(":lock") }
    var freshnessKey: GroupedKey { companion(":fresh") }

    /// A key on the same server, short enough whatever the namespace is.
    private func companion(_ suffix: String) -> GroupedKey {
        var bytes = key.wireBytes
        if bytes.count > 100 {
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            bytes = bytes.prefix(80) + Array("~\(String(hash, radix: 16))".utf8)
        }
        let group = key.withKeyBytes { _, routing in Array(copying: routing) }
        return GroupedKey(group: group, key: bytes + Array(suffix.utf8))
    }
}

extension GuardedValue: Sendable where V: Sendable {}
extension GuardedValue.Step: Sendable where V: Sendable {}

/// The pauses between two looks for a value that another one computes.
struct Pauses {
    private var pause = Duration.milliseconds(5)

    mutating func next() -> Duration {
        defer { pause = min(pause * 1.5, .milliseconds(100)) }
        // Not all at the same moment.
        return pause * Double.random(in: 0.5...1.5)
    }
}
