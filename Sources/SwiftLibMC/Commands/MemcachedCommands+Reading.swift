// The shorter forms of the reading commands. A requirement can't have default arguments, and a form with the same
// parameters would be the requirement itself, so that each of these has fewer.

extension MemcachedCommands {
    /// Reads a value; nil on a miss.
    @inlinable
    public func get<K: CacheKey, V: Decodable>(_ key: K) throws(MemcachedError) -> V? {
        try get(key, as: V.self)
    }

    /// Reads a value, or gives another one on a miss.
    @inlinable
    public func get<K: CacheKey, V: Decodable>(
        _ key: K,
        as type: V.Type = V.self,
        default: @autoclosure () -> V
    ) throws(MemcachedError) -> V {
        do throws(MemcachedError) {
            return try get(key, as: type) ?? `default`()
        } catch {
            if error.code == .noValue { return `default`() }
            throw error
        }
    }

    /// Reads a value together with its version; nil on a miss.
    @inlinable
    public func gets<K: CacheKey, V: Decodable>(_ key: K) throws(MemcachedError) -> (value: V, cas: CAS)? {
        try gets(key, as: V.self)
    }

    /// Reads the value of an item.
    @inlinable
    public func decode<V: Decodable>(_ item: Item) throws(MemcachedError) -> V { try decode(item, as: V.self) }

    /// Reads many values: those that were found, under the caller's own keys.
    @inlinable
    public func getMulti<K: CacheKey, V: Decodable>(
        _ keys: some Sequence<K>,
        as type: V.Type = V.self
    ) throws(MemcachedError) -> [K: V] {
        try getMulti(keys, keyPrefix: nil, as: type)
    }

    /// Reads many values: those that were found, under the caller's own keys, without the prefix.
    @inlinable
    public func getMulti<K: CacheKey, V: Decodable>(
        _ keys: some Sequence<K>,
        keyPrefix: String?
    ) throws(MemcachedError) -> [K: V] {
        try getMulti(keys, keyPrefix: keyPrefix, as: V.self)
    }

    /// Reads many values: for each key, in order, its value or nil.
    @inlinable
    public func getMultiArray<K: CacheKey, V: Decodable>(
        _ keys: some Sequence<K>,
        as type: V.Type = V.self
    ) throws(MemcachedError) -> [V?] {
        try getMultiArray(keys, keyPrefix: nil, as: type)
    }

    /// Reads many values: for each key, in order, its value or nil.
    @inlinable
    public func getMultiArray<K: CacheKey, V: Decodable>(
        _ keys: some Sequence<K>,
        keyPrefix: String?
    ) throws(MemcachedError) -> [V?] {
        try getMultiArray(keys, keyPrefix: keyPrefix, as: V.self)
    }

    /// Reads many values together with their versions.
    @inlinable
    public func getsMulti<K: CacheKey, V: Decodable>(
        _ keys: some Sequence<K>,
        as type: V.Type = V.self
    ) throws(MemcachedError) -> [K: (value: V, cas: CAS)] {
        try getsMulti(keys, keyPrefix: nil, as: type)
    }

    /// Reads many values together with their versions.
    @inlinable
    public func getsMulti<K: CacheKey, V: Decodable>(
        _ keys: some Sequence<K>,
        keyPrefix: String?
    ) throws(MemcachedError) -> [K: (value: V, cas: CAS)] {
        try getsMulti(keys, keyPrefix: keyPrefix, as: V.self)
    }

    /// Reads many items as they are stored.
    @inlinable
    public func items<K: CacheKey>(_ keys: some Sequence<K>) throws(MemcachedError) -> [K: Item] {
        try items(keys, keyPrefix: nil)
    }

    /// Reads the statistics of each server that answers.
    @inlinable
    public func getStats() throws(MemcachedError) -> [(server: Server, stats: [String: String])] {
        try getStats(nil)
    }
}
