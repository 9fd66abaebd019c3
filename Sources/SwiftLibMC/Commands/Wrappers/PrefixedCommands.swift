/// A cache all of whose keys have a prefix on the wire: pymemcache's `key_prefix`, for any cache.
///
/// For a whole ``Client`` the behavior ``Behaviors/namespace`` does the same at no cost; its bytes take no part in
/// choosing the server, while those of this prefix do.
///
/// Results have the callers' own keys, without the prefix. The prefix counts to a key's 250 bytes.
public struct PrefixedCommands: MemcachedCommands {
    /// The cache that is asked.
    public let cache: any MemcachedCommands
    /// What is put before each key.
    public let prefix: String

    /// Puts a prefix before the keys of a cache.
    public init(_ cache: any MemcachedCommands, prefix: String) {
        self.cache = cache
        self.prefix = prefix
    }

    private func prefixed(_ key: some CacheKey) -> GroupedKey { GroupedKey(prefix: prefix, key) }

    private func prefixed(_ keyPrefix: String?) -> String { prefix + (keyPrefix ?? "") }

    /// Hears of the errors that no call throws.
    public var onError: (@Sendable (MemcachedError) -> Void)? { cache.onError }
}

// MARK: - Reading

extension PrefixedCommands {
    /// Reads a value; nil on a miss.
    public func get<K: CacheKey, V: Decodable>(_ key: K, as type: V.Type) throws(MemcachedError) -> V? {
        try cache.get(prefixed(key), as: type)
    }

    /// Reads a value together with its version; nil on a miss.
    public func gets<K: CacheKey, V: Decodable>(
        _ key: K,
        as type: V.Type
    ) throws(MemcachedError) -> (value: V, cas: CAS)? {
        try cache.gets(prefixed(key), as: type)
    }

    /// Lends the bytes of a value, inflated; nil on a miss.
    public func withBytes<K: CacheKey, R>(_ key: K, _ body: (RawSpan) throws -> R) throws -> R? {
        try cache.withBytes(prefixed(key), body)
    }

    /// Reads an item as it is stored; nil on a miss.
    public func item<K: CacheKey>(_ key: K) throws(MemcachedError) -> Item? {
        try cache.item(prefixed(key))?.under(key)
    }

    /// Reads the value of an item.
    public func decode<V: Decodable>(_ item: Item, as type: V.Type) throws(MemcachedError) -> V {
        try cache.decode(item, as: type)
    }

    /// Whether an item exists.
    public func contains<K: CacheKey>(_ key: K) throws(MemcachedError) -> Bool {
        try cache.contains(prefixed(key))
    }

    /// Reads many values: those that were found, under the caller's own keys.
    public func getMulti<K: CacheKey, V: Decodable>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        as type: V.Type
    ) throws(MemcachedError) -> [K: V] {
        try cache.getMulti(keys, keyPrefix: prefixed(keyPrefix), as: type)
    }

    /// Reads many values: for each key, in order, its value or nil.
    public func getMultiArray<K: CacheKey, V: Decodable>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        as type: V.Type
    ) throws(MemcachedError) -> [V?] {
        try cache.getMultiArray(keys, keyPrefix: prefixed(keyPrefix), as: type)
    }

    /// Reads many values together with their versions.
    public func getsMulti<K: CacheKey, V: Decodable>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        as type: V.Type
    ) throws(MemcachedError) -> [K: (value: V, cas: CAS)] {
        try cache.getsMulti(keys, keyPrefix: prefixed(keyPrefix), as: type)
    }

    /// Reads many items as they are stored.
    public func items<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String?
    ) throws(MemcachedError) -> [K: Item] {
        try cache.items(keys, keyPrefix: prefixed(keyPrefix))
    }
}

// MARK: - Writing

extension PrefixedCommands {
    /// Stores a value under a condition; false if it was not met.
    @discardableResult
    public func store<K: CacheKey, V: Encodable>(
        _ key: K,
        _ value: V,
        when condition: StoreCondition,
        with options: StoreOptions
    ) throws(MemcachedError) -> Bool {
        try cache.store(prefixed(key), value, when: condition, with: options)
    }

    /// Stores a value if the item is still at a version; false if it has changed.
    public func compareAndSwap<K: CacheKey, V: Encodable>(
        _ key: K,
        _ value: V,
        cas: CAS,
        with options: StoreOptions
    ) throws(MemcachedError) -> Bool {
        try cache.compareAndSwap(prefixed(key), value, cas: cas, with: options)
    }

    /// Adds bytes at the end of a value; false if there is no such item.
    @discardableResult
    public func append<K: CacheKey, V: Appendable>(
        _ key: K,
        _ value: V,
        noreply: Bool
    ) throws(MemcachedError) -> Bool {
        try cache.append(prefixed(key), value, noreply: noreply)
    }

    /// Adds bytes in front of a value; false if there is no such item.
    @discardableResult
    public func prepend<K: CacheKey, V: Appendable>(
        _ key: K,
        _ value: V,
        noreply: Bool
    ) throws(MemcachedError) -> Bool {
        try cache.prepend(prefixed(key), value, noreply: noreply)
    }

    /// Deletes an item; false if there was none.
    @discardableResult
    public func delete<K: CacheKey>(_ key: K, noreply: Bool) throws(MemcachedError) -> Bool {
        try cache.delete(prefixed(key), noreply: noreply)
    }

    /// Sets when an item expires; false if there is none.
    @discardableResult
    public func touch<K: CacheKey>(_ key: K, time: Expiration) throws(MemcachedError) -> Bool {
        try cache.touch(prefixed(key), time: time)
    }

    /// Counts up or down, and gives the new value.
    @discardableResult
    public func count<K: CacheKey>(_ key: K, by step: CounterStep) throws(MemcachedError) -> UInt64 {
        try cache.count(prefixed(key), by: step)
    }

    /// Stores many values under a condition; the keys that were not stored.
    public func storeMulti<K: CacheKey, V: Encodable>(
        _ mapping: [K: V],
        keyPrefix: String?,
        when condition: StoreCondition,
        with options: StoreOptions
    ) throws(MemcachedError) -> [K] {
        try cache.storeMulti(mapping, keyPrefix: prefixed(keyPrefix), when: condition, with: options)
    }

    /// Stores many values of different types under a condition; the keys that were not stored.
    public func storeMulti<K: CacheKey>(
        _ mapping: [K: any Encodable],
        keyPrefix: String?,
        when condition: StoreCondition,
        with options: StoreOptions
    ) throws(MemcachedError) -> [K] {
        try cache.storeMulti(mapping, keyPrefix: prefixed(keyPrefix), when: condition, with: options)
    }

    /// Deletes many items; true if all were there.
    @discardableResult
    public func deleteMulti<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        noreply: Bool
    ) throws(MemcachedError) -> Bool {
        try cache.deleteMulti(keys, keyPrefix: prefixed(keyPrefix), noreply: noreply)
    }

    /// Sets when many items expire; the keys that were not found.
    @discardableResult
    public func touchMulti<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        time: Expiration
    ) throws(MemcachedError) -> [K] {
        try cache.touchMulti(keys, keyPrefix: prefixed(keyPrefix), time: time)
    }

    /// Counts many items up or down.
    public func countMulti<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        by step: CounterStep
    ) throws(MemcachedError) {
        try cache.countMulti(keys, keyPrefix: prefixed(keyPrefix), by: step)
    }
}

// MARK: - Servers

extension PrefixedCommands {
    /// Refuses: a server can't drop the keys of one prefix, and would drop everybody's.
    ///
    /// A ``VersionedNamespace`` can be emptied.
    ///
    /// - Throws: `.notSupported`.
    public func flushAll(time: Expiration) throws(MemcachedError) {
        throw MemcachedError(
            code: .notSupported,
            operation: .flushAll,
            detail: "a prefix can't be emptied alone; flushAll of the cache itself would drop everybody's items"
        )
    }

    /// Closes the connections of the cache.
    public func disconnectAll() { cache.disconnectAll() }

    /// Reads the statistics of the cache's servers.
    public func getStats(_ args: String?) throws(MemcachedError) -> [(server: Server, stats: [String: String])] {
        try cache.getStats(args)
    }

    /// Asks the cache's servers for their versions.
    public func version() throws(MemcachedError) -> [(server: Server, version: String)] { try cache.version() }

    /// Asks the cache's servers whether they answer.
    public func ping() -> [(server: Server, error: MemcachedError?)] { cache.ping() }
}
