// Methods that are here, and not only in the protocol, because they are called so often in a row that what a request and
// its response cost can be told. They do the same.

extension Client {
    /// Adds to a number: pylibmc's `incr`.
    ///
    /// At 2⁶⁴ it wraps to 0.
    ///
    /// - Parameters:
    ///   - key: The key of an item that is a decimal number.
    ///   - delta: What to add, 0 to 2⁶⁴ - 1.
    /// - Returns: The new value.
    /// - Throws: `.notFound` if there is no such item, `.notNumeric` if it is not a number, `.invalidArguments` for a
    ///   negative delta, `.badKey`, or a failure of the server.
    @inlinable
    @discardableResult
    public final func incr<K: CacheKey>(_ key: K, delta: some BinaryInteger = Int(1)) throws(MemcachedError) -> UInt64 {
        let step = try CounterStep(.up, checking: delta)
        return try key.withKeyBytes { key, routing throws(MemcachedError) in try _counted(key, routing, step) }
    }

    /// Subtracts from a number, down to 0: pylibmc's `decr`.
    ///
    /// - Parameters:
    ///   - key: The key of an item that is a decimal number.
    ///   - delta: What to subtract, 0 to 2⁶⁴ - 1.
    /// - Returns: The new value. The stored text keeps its length, padded with blanks.
    /// - Throws: `.notFound` if there is no such item, `.notNumeric` if it is not a number, `.invalidArguments` for a
    ///   negative delta, `.badKey`, or a failure of the server.
    @inlinable
    @discardableResult
    public final func decr<K: CacheKey>(_ key: K, delta: some BinaryInteger = Int(1)) throws(MemcachedError) -> UInt64 {
        let step = try CounterStep(.down, checking: delta)
        return try key.withKeyBytes { key, routing throws(MemcachedError) in try _counted(key, routing, step) }
    }

    @usableFromInline
    final func _counted(
        _ key: RawSpan,
        _ routing: RawSpan,
        _ step: CounterStep
    ) throws(MemcachedError) -> UInt64 {
        if _slowPath(isObserved) {
            let key = MemcachedRequest.Key(key, in: routing)
            let request = MemcachedRequest(step.operation, keys: .init(.one(key)), .count(step))
            return try perform(request).counted(request)
        }
        let change = Counting(step.operation, step)
        guard let value = try handle.count(change, key, routing: routing) else {
            throw handle.missing(change.operation, key, routing)
        }
        return value
    }

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
        let keys = Array(keys)
        if _isObserved {
            let cache: any MemcachedCommands = self
            return try cache.deleteMulti(keys, keyPrefix: keyPrefix, noreply: noreply)
        }
        return try _deleteMany(try _keyList(keys, keyPrefix, .deleteMulti), noreply: noreply)
    }

    @usableFromInline
    final func _deleteMany(_ keys: KeyList, noreply: Bool) throws(MemcachedError) -> Bool {
        if keys.isEmpty { return true }
        let outcome = deleted(keys, noreply: noreply)
        try conclude(outcome, keys)
        return outcome.failed.isEmpty
    }

    /// Deletes many items; the second of two keys for one item, which finds nothing left to delete, has not failed.
    final func deleted(_ keys: KeyList, noreply: Bool) -> ManyOutcome {
        var outcome = handle.deleteMany(keys, isQuiet: noreply || handle.traits.isQuiet)
        if _fastPath(outcome.failed.isEmpty) { return outcome }
        let repetitions = keys.repetitions(exceptAmong: outcome.failed, handle.position)
        if !repetitions.isEmpty { outcome.failed.removeAll { repetitions.contains($0) } }
        return outcome
    }
}
