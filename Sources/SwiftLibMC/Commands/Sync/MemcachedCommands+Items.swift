// Deleting, expiring, counting.

extension MemcachedCommands {
    /// Deletes an item: pylibmc's `delete`.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - noreply: Whether not to wait for the server's reply. In the binary protocol a client still waits, because
    ///     the reply to a quiet delete of a missing item could be taken for that of the next command.
    /// - Returns: False if there was no such item.
    /// - Throws: `.badKey` or a failure of the server.
    @discardableResult
    public func delete<K: CacheKey>(_ key: K, noreply: Bool = false) throws(MemcachedError) -> Bool {
        try isDone(.one(key, .delete(noreply: noreply), for: .delete))
    }

    /// Deletes many items: pylibmc's `delete_multi`, without a round trip per key in the binary protocol.
    ///
    /// - Parameters:
    ///   - keys: The items' keys.
    ///   - keyPrefix: What to put before each key on the wire.
    ///   - noreply: Whether not to wait for the servers' replies; the binary protocol still waits.
    /// - Returns: Whether all were deleted: none was missing, and every server answered.
    /// - Throws: `.badKey` before anything is sent, or a failure if no server answered.
    @discardableResult
    public func deleteMulti<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> Bool {
        // The second of two equal keys would find nothing left to delete.
        let keys = keys.distinct
        if keys.isEmpty { return true }
        let request = MemcachedRequest.many(keys, prefix: keyPrefix, .delete(noreply: noreply), for: .deleteMulti)
        return try perform(request).results.allSatisfy(\.succeeded)
    }

    /// Sets when an item expires, without reading or changing its value: pylibmc's `touch`.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - time: When the item expires, counted from now.
    /// - Returns: False if there is no such item.
    /// - Throws: `.badKey` or a failure of the server.
    @discardableResult
    public func touch<K: CacheKey>(_ key: K, time: Expiration) throws(MemcachedError) -> Bool {
        try isDone(.one(key, .touch(time), for: .touch))
    }

    /// Sets when many items expire.
    ///
    /// - Parameters:
    ///   - keys: The items' keys.
    ///   - keyPrefix: What to put before each key on the wire.
    ///   - time: When the items expire, counted from now.
    /// - Returns: The keys that were not found, or whose server did not answer.
    /// - Throws: `.badKey` before anything is sent, or a failure if no server answered.
    @discardableResult
    public func touchMulti<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String? = nil,
        time: Expiration
    ) throws(MemcachedError) -> [K] {
        let keys = keys.distinct
        if keys.isEmpty { return [] }
        return try perform(.many(keys, prefix: keyPrefix, .touch(time), for: .touchMulti)).failed(keys)
    }

    /// Counts up or down: `incr` and `decr` call this.
    ///
    /// - Parameters:
    ///   - key: The key of an item that is a decimal number.
    ///   - step: The change.
    /// - Returns: The new value.
    /// - Throws: `.notFound` if there is no such item and the step has no initial value, `.notNumeric` if the item is
    ///   not a number, `.badKey`, or a failure of the server.
    @discardableResult
    public func count<K: CacheKey>(_ key: K, by step: CounterStep) throws(MemcachedError) -> UInt64 {
        let request = MemcachedRequest.one(key, .count(step), for: step.operation)
        return try perform(request).counted(request)
    }

    /// Counts many items up or down: `incrMulti` and `decrMulti` call this.
    ///
    /// - Parameters:
    ///   - keys: The items' keys.
    ///   - keyPrefix: What to put before each key on the wire.
    ///   - step: The change.
    /// - Throws: After having done the rest: `.notFound`, with the keys, if any was missing, `.notNumeric` if any is
    ///   not a number. Before: `.badKey`. A failure if no server answered.
    public func countMulti<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        by step: CounterStep
    ) throws(MemcachedError) {
        let keys = Array(keys)
        if keys.isEmpty { return }
        let request = MemcachedRequest.many(keys, prefix: keyPrefix, .count(step), for: step.multiOperation)
        try perform(request).allCounted(request)
    }
}
