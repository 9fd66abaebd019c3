// Deleting and expiring in their shorter forms.

extension MemcachedCommands {
    /// Deletes an item; false if there was none.
    @inlinable
    @discardableResult
    public func delete<K: CacheKey>(_ key: K) throws(MemcachedError) -> Bool { try delete(key, noreply: false) }

    /// Deletes many items; true if all were there.
    @inlinable
    @discardableResult
    public func deleteMulti<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String? = nil
    ) throws(MemcachedError) -> Bool {
        try deleteMulti(keys, keyPrefix: keyPrefix, noreply: false)
    }

    /// Deletes many items; true if all were there.
    @inlinable
    @discardableResult
    public func deleteMulti<K: CacheKey>(_ keys: some Sequence<K>, noreply: Bool) throws(MemcachedError) -> Bool {
        try deleteMulti(keys, keyPrefix: nil, noreply: noreply)
    }

    /// Sets when many items expire; the keys that were not found.
    @inlinable
    @discardableResult
    public func touchMulti<K: CacheKey>(_ keys: some Sequence<K>, time: Expiration) throws(MemcachedError) -> [K] {
        try touchMulti(keys, keyPrefix: nil, time: time)
    }

    /// Empties all servers at once.
    @inlinable
    public func flushAll() throws(MemcachedError) { try flushAll(time: .now) }
}
