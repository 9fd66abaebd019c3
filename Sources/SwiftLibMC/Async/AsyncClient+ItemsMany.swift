extension AsyncClient {
    /// Deletes many items.
    ///
    /// - Parameters:
    ///   - keys: The items' keys.
    ///   - keyPrefix: What to put before each key on the wire.
    ///   - noreply: Whether not to wait for the servers' replies; the binary protocol waits all the same.
    /// - Returns: Whether all were deleted: none was missing, and every server answered.
    /// - Throws: As ``Client/deleteMulti(_:keyPrefix:noreply:)`` does, and what every asynchronous call may throw.
    @discardableResult
    public func deleteMulti<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String? = nil,
        noreply: Bool = false
    ) async throws(MemcachedError) -> Bool {
        let keys = Array(keys)
        return try await perform(.deleteMulti) { client throws(MemcachedError) in
            try client.deleteMulti(keys, keyPrefix: keyPrefix, noreply: noreply)
        }
    }

    /// Sets when many items expire.
    ///
    /// - Parameters:
    ///   - keys: The items' keys.
    ///   - keyPrefix: What to put before each key on the wire.
    ///   - time: When the items expire, counted from now.
    /// - Returns: The keys that were not found, or whose server did not answer.
    /// - Throws: As ``Client/touchMulti(_:keyPrefix:time:)`` does, and what every asynchronous call may throw.
    @discardableResult
    public func touchMulti<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String? = nil,
        time: Expiration
    ) async throws(MemcachedError) -> [K] {
        let keys = Array(keys)
        return try await perform(.touchMulti) { client throws(MemcachedError) in
            try client.touchMulti(keys, keyPrefix: keyPrefix, time: time)
        }
    }

    /// Adds to many numbers.
    ///
    /// - Parameters:
    ///   - keys: The items' keys.
    ///   - keyPrefix: What to put before each key on the wire.
    ///   - delta: What to add to each, 0 to 2⁶⁴ - 1.
    /// - Throws: As ``Client/incrMulti(_:keyPrefix:delta:)`` does, and what every asynchronous call may throw.
    public func incrMulti<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String? = nil,
        delta: some BinaryInteger = Int(1)
    ) async throws(MemcachedError) {
        let keys = Array(keys)
        let step = try CounterStep(.up, checking: delta)
        try await perform(.incrMulti) { client throws(MemcachedError) in
            try client.countMulti(keys, keyPrefix: keyPrefix, by: step)
        }
    }

    /// Subtracts from many numbers, down to 0.
    ///
    /// Parameters and errors are those of ``incrMulti(_:keyPrefix:delta:)``.
    public func decrMulti<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String? = nil,
        delta: some BinaryInteger = Int(1)
    ) async throws(MemcachedError) {
        let keys = Array(keys)
        let step = try CounterStep(.down, checking: delta)
        try await perform(.decrMulti) { client throws(MemcachedError) in
            try client.countMulti(keys, keyPrefix: keyPrefix, by: step)
        }
    }
}
