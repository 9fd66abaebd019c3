// Deleting, touching and counting single items. Deletes go out together with others that wait at the same time.

extension AsyncClient {
    /// Deletes an item.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - noreply: Whether not to wait for the server's reply. In the binary protocol the call waits all the same.
    /// - Returns: False if there was no such item.
    /// - Throws: As ``Client/delete(_:noreply:)`` does, and what every asynchronous call may throw.
    @discardableResult
    public func delete<K: CacheKey>(_ key: K, noreply: Bool = false) async throws(MemcachedError) -> Bool {
        if noreply {
            return try await perform(.delete, key) { client throws(MemcachedError) in
                try client.delete(key, noreply: true)
            }
        }
        return try await send(.delete, .delete, QueuedKey(key)).isPositive
    }

    /// Sets when an item expires, without reading or changing its value.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - time: When the item expires, counted from now.
    /// - Returns: False if there is no such item.
    /// - Throws: As ``Client/touch(_:time:)`` does, and what every asynchronous call may throw.
    @discardableResult
    public func touch<K: CacheKey>(_ key: K, time: Expiration) async throws(MemcachedError) -> Bool {
        try await perform(.touch, key) { client throws(MemcachedError) in try client.touch(key, time: time) }
    }

    /// Adds to a number; at 2⁶⁴ it wraps to 0.
    ///
    /// - Parameters:
    ///   - key: The key of an item that is a decimal number.
    ///   - delta: What to add, 0 to 2⁶⁴ - 1.
    /// - Returns: The new value.
    /// - Throws: As ``Client/incr(_:delta:)`` does, and what every asynchronous call may throw.
    @discardableResult
    public func incr<K: CacheKey>(
        _ key: K,
        delta: some BinaryInteger = Int(1)
    ) async throws(MemcachedError) -> UInt64 {
        try await count(.incr, key, by: CounterStep(.up, checking: delta))
    }

    /// Subtracts from a number, down to 0.
    ///
    /// - Parameters:
    ///   - key: The key of an item that is a decimal number.
    ///   - delta: What to subtract, 0 to 2⁶⁴ - 1.
    /// - Returns: The new value. The stored text keeps its length, padded with blanks.
    /// - Throws: As ``Client/decr(_:delta:)`` does, and what every asynchronous call may throw.
    @discardableResult
    public func decr<K: CacheKey>(
        _ key: K,
        delta: some BinaryInteger = Int(1)
    ) async throws(MemcachedError) -> UInt64 {
        try await count(.decr, key, by: CounterStep(.down, checking: delta))
    }

    /// Adds to a number, or creates it.
    ///
    /// - Parameters:
    ///   - key: The key of a decimal number, or of no item.
    ///   - delta: What to add, 0 to 2⁶⁴ - 1.
    ///   - initial: What to store if there is no such item. The delta is not added to it.
    ///   - time: When a counter that is created expires.
    /// - Returns: The new value.
    /// - Throws: As ``Client/incr(_:delta:initial:time:)`` does, and what every asynchronous call may throw.
    @discardableResult
    public func incr<K: CacheKey>(
        _ key: K,
        delta: some BinaryInteger = Int(1),
        initial: UInt64,
        time: Expiration = .never
    ) async throws(MemcachedError) -> UInt64 {
        try await count(.incr, key, by: CounterStep(.up, checking: delta, initial: initial, time: time))
    }

    /// Subtracts from a number, down to 0, or creates it.
    ///
    /// - Parameters:
    ///   - key: The key of a decimal number, or of no item.
    ///   - delta: What to subtract, 0 to 2⁶⁴ - 1.
    ///   - initial: What to store if there is no such item. The delta is not subtracted from it.
    ///   - time: When a counter that is created expires.
    /// - Returns: The new value.
    /// - Throws: As ``Client/decr(_:delta:initial:time:)`` does, and what every asynchronous call may throw.
    @discardableResult
    public func decr<K: CacheKey>(
        _ key: K,
        delta: some BinaryInteger = Int(1),
        initial: UInt64,
        time: Expiration = .never
    ) async throws(MemcachedError) -> UInt64 {
        try await count(.decr, key, by: CounterStep(.down, checking: delta, initial: initial, time: time))
    }

    private func count<K: CacheKey>(
        _ operation: Operation,
        _ key: K,
        by step: CounterStep
    ) async throws(MemcachedError) -> UInt64 {
        try await perform(operation, key) { client throws(MemcachedError) in try client.count(key, by: step) }
    }
}
