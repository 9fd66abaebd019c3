extension ForwardingCommands {
    /// Asks the other cache.
    @discardableResult
    public func store<K: CacheKey, V: Encodable>(
        _ key: K,
        _ value: V,
        when condition: StoreCondition,
        with options: StoreOptions
    ) throws(MemcachedError) -> Bool {
        try forward(condition.kind) { cache throws(MemcachedError) in
            try cache.store(key, value, when: condition, with: options)
        }
    }

    /// Asks the other cache.
    public func compareAndSwap<K: CacheKey, V: Encodable>(
        _ key: K,
        _ value: V,
        cas: CAS,
        with options: StoreOptions
    ) throws(MemcachedError) -> Bool {
        try forward(.changing) { cache throws(MemcachedError) in
            try cache.compareAndSwap(key, value, cas: cas, with: options)
        }
    }

    /// Asks the other cache.
    @discardableResult
    public func append<K: CacheKey, V: Appendable>(
        _ key: K,
        _ value: V,
        noreply: Bool
    ) throws(MemcachedError) -> Bool {
        try forward(.changing) { cache throws(MemcachedError) in try cache.append(key, value, noreply: noreply) }
    }

    /// Asks the other cache.
    @discardableResult
    public func prepend<K: CacheKey, V: Appendable>(
        _ key: K,
        _ value: V,
        noreply: Bool
    ) throws(MemcachedError) -> Bool {
        try forward(.changing) { cache throws(MemcachedError) in try cache.prepend(key, value, noreply: noreply) }
    }

    /// Asks the other cache.
    @discardableResult
    public func delete<K: CacheKey>(_ key: K, noreply: Bool) throws(MemcachedError) -> Bool {
        try forward(.writing) { cache throws(MemcachedError) in try cache.delete(key, noreply: noreply) }
    }

    /// Asks the other cache.
    @discardableResult
    public func touch<K: CacheKey>(_ key: K, time: Expiration) throws(MemcachedError) -> Bool {
        try forward(.writing) { cache throws(MemcachedError) in try cache.touch(key, time: time) }
    }

    /// Asks the other cache.
    @discardableResult
    public func count<K: CacheKey>(_ key: K, by step: CounterStep) throws(MemcachedError) -> UInt64 {
        try forward(.changing) { cache throws(MemcachedError) in try cache.count(key, by: step) }
    }

    // MARK: - Much at once

    /// Asks the other cache.
    public func storeMulti<K: CacheKey, V: Encodable>(
        _ mapping: [K: V],
        keyPrefix: String?,
        when condition: StoreCondition,
        with options: StoreOptions
    ) throws(MemcachedError) -> [K] {
        try forward(condition.kind) { cache throws(MemcachedError) in
            try cache.storeMulti(mapping, keyPrefix: keyPrefix, when: condition, with: options)
        }
    }

    /// Asks the other cache.
    public func storeMulti<K: CacheKey>(
        _ mapping: [K: any Encodable],
        keyPrefix: String?,
        when condition: StoreCondition,
        with options: StoreOptions
    ) throws(MemcachedError) -> [K] {
        try forward(condition.kind) { cache throws(MemcachedError) in
            try cache.storeMulti(mapping, keyPrefix: keyPrefix, when: condition, with: options)
        }
    }

    /// Asks the other cache.
    @discardableResult
    public func deleteMulti<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        noreply: Bool
    ) throws(MemcachedError) -> Bool {
        let keys = Array(keys)
        return try forward(.writing) { cache throws(MemcachedError) in
            try cache.deleteMulti(keys, keyPrefix: keyPrefix, noreply: noreply)
        }
    }

    /// Asks the other cache.
    @discardableResult
    public func touchMulti<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        time: Expiration
    ) throws(MemcachedError) -> [K] {
        let keys = Array(keys)
        return try forward(.writing) { cache throws(MemcachedError) in
            try cache.touchMulti(keys, keyPrefix: keyPrefix, time: time)
        }
    }

    /// Asks the other cache.
    public func countMulti<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        by step: CounterStep
    ) throws(MemcachedError) {
        let keys = Array(keys)
        try forward(.changing) { cache throws(MemcachedError) in
            try cache.countMulti(keys, keyPrefix: keyPrefix, by: step)
        }
    }

    // MARK: - Servers

    /// Asks the other cache.
    public func flushAll(time: Expiration) throws(MemcachedError) {
        try forward(.writing) { cache throws(MemcachedError) in try cache.flushAll(time: time) }
    }

    /// Asks the other cache.
    public func disconnectAll() {
        try? forward(.writing) { cache throws(MemcachedError) in cache.disconnectAll() }
    }

    /// Asks the other cache.
    public func getStats(
        _ args: String?
    ) throws(MemcachedError) -> [(server: Server, stats: [String: String])] {
        try forward(.reading) { cache throws(MemcachedError) in try cache.getStats(args) }
    }

    /// Asks the other cache.
    public func version() throws(MemcachedError) -> [(server: Server, version: String)] {
        try forward(.reading) { cache throws(MemcachedError) in try cache.version() }
    }

    /// Asks the other cache; nothing if the wrapper throws.
    public func ping() -> [(server: Server, error: MemcachedError?)] {
        (try? forward(.reading) { cache throws(MemcachedError) in cache.ping() }) ?? []
    }

    /// Whoever hears of the other cache's.
    public var onError: (@Sendable (MemcachedError) -> Void)? {
        (try? forward(.reading) { cache throws(MemcachedError) in cache.onError }) ?? nil
    }
}

extension StoreCondition {
    fileprivate var kind: CommandKind { self == .always ? .writing : .changing }
}
