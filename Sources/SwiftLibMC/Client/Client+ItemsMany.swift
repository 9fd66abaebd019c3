extension Client {
    /// Deletes many items: pylibmc's `delete_multi`, without a round trip per key in the binary protocol.
    ///
    /// - Parameters:
    ///   - keys: The items' keys.
    ///   - keyPrefix: What to put before each key on the wire.
    ///   - noreply: Whether not to wait for the servers' replies; the binary protocol waits all the same.
    /// - Returns: Whether all were deleted: none was missing, and every server answered.
    /// - Throws: `.badKey` before anything is sent, or a failure if no server answered.
    @inlinable
    @discardableResult
    public final func deleteMulti<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> Bool {
        try _deleteMany(try _keyList(Array(keys), keyPrefix, .deleteMulti), noreply: noreply)
    }

    @usableFromInline
    final func _deleteMany(_ keys: KeyList, noreply: Bool) throws(MemcachedError) -> Bool {
        if keys.isEmpty { return true }
        let outcome = handle.deleteMany(keys, isQuiet: isQuiet(StoreOptions(noreply: noreply)))
        try conclude(outcome, keys)
        // The second of two equal keys finds nothing left to delete.
        return outcome.failed.isEmpty
            || outcome.failed.allSatisfy(keys.repetitions(exceptAmong: outcome.failed, handle.position).contains)
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
    public final func touchMulti<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String? = nil,
        time: Expiration
    ) throws(MemcachedError) -> [K] {
        let keys = keys.distinct
        let list = try _keyList(keys, keyPrefix, .touchMulti)
        if list.isEmpty { return [] }
        let outcome = handle.touchMany(list, expiration: time.wireValue())
        try conclude(outcome, list)
        return outcome.failed.map { keys[$0] }
    }
}
