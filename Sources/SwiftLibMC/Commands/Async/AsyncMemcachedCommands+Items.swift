// Deleting, touching and counting.

extension AsyncMemcachedCommands {
    /// Deletes an item.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - noreply: Whether not to wait for the server's reply. In the binary protocol the call still waits.
    /// - Returns: False if there was no such item.
    /// - Throws: As ``Client/delete(_:noreply:)`` does, and what every asynchronous call may throw.
    @discardableResult
    public func delete<K: CacheKey>(_ key: K, noreply: Bool = false) async throws(MemcachedError) -> Bool {
        try await isDone(.one(key, .delete(noreply: noreply), for: .delete))
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
        try await isDone(.one(key, .touch(time), for: .touch))
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
        try await count(key, by: CounterStep(.up, checking: delta))
    }

    /// Subtracts from a number, down to 0.
    ///
    /// Parameters and errors are those of ``incr(_:delta:)``.
    ///
    /// - Returns: The new value. The stored text keeps its length, padded with blanks.
    @discardableResult
    public func decr<K: CacheKey>(
        _ key: K,
        delta: some BinaryInteger = Int(1)
    ) async throws(MemcachedError) -> UInt64 {
        try await count(key, by: CounterStep(.down, checking: delta))
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
        try await count(key, by: CounterStep(.up, checking: delta, initial: initial, time: time))
    }

    /// Subtracts from a number, down to 0, or creates it.
    ///
    /// Parameters and errors are those of ``incr(_:delta:initial:time:)``; the delta is not subtracted from `initial`.
    ///
    /// - Returns: The new value. The stored text keeps its length, padded with blanks.
    @discardableResult
    public func decr<K: CacheKey>(
        _ key: K,
        delta: some BinaryInteger = Int(1),
        initial: UInt64,
        time: Expiration = .never
    ) async throws(MemcachedError) -> UInt64 {
        try await count(key, by: CounterStep(.down, checking: delta, initial: initial, time: time))
    }

    /// Counts up or down: `incr` and `decr` call this.
    ///
    /// - Returns: The new value.
    /// - Throws: `.notFound` if there is no such item and the step has no initial value.
    @discardableResult
    public func count<K: CacheKey>(_ key: K, by step: CounterStep) async throws(MemcachedError) -> UInt64 {
        let request = MemcachedRequest.one(key, .count(step), for: step.operation)
        return try await perform(request).counted(request)
    }

    /// Deletes many items.
    ///
    /// - Parameters:
    ///   - keys: The items' keys.
    ///   - keyPrefix: What to put before each key on the wire.
    ///   - noreply: Whether not to wait for the servers' replies; the binary protocol still waits.
    /// - Returns: Whether all were deleted: none was missing, and every server answered.
    /// - Throws: As ``Client/deleteMulti(_:keyPrefix:noreply:)`` does, and what every asynchronous call may throw.
    @discardableResult
    public func deleteMulti<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String? = nil,
        noreply: Bool = false
    ) async throws(MemcachedError) -> Bool {
        let keys = keys.distinct
        if keys.isEmpty { return true }
        let request = MemcachedRequest.many(keys, prefix: keyPrefix, .delete(noreply: noreply), for: .deleteMulti)
        return try await perform(request).failed(keys).isEmpty
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
        let keys = keys.distinct
        if keys.isEmpty { return [] }
        return try await perform(.many(keys, prefix: keyPrefix, .touch(time), for: .touchMulti)).failed(keys)
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
        try await countMulti(keys, keyPrefix: keyPrefix, by: CounterStep(.up, checking: delta))
    }

    /// Subtracts from many numbers, down to 0.
    ///
    /// Parameters and errors are those of ``incrMulti(_:keyPrefix:delta:)``.
    public func decrMulti<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String? = nil,
        delta: some BinaryInteger = Int(1)
    ) async throws(MemcachedError) {
        try await countMulti(keys, keyPrefix: keyPrefix, by: CounterStep(.down, checking: delta))
    }

    /// Counts many items up or down: `incrMulti` and `decrMulti` call this.
    ///
    /// - Throws: `.notFound`, with the keys, if any was missing, after doing the rest.
    public func countMulti<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        by step: CounterStep
    ) async throws(MemcachedError) {
        let keys = Array(keys)
        if keys.isEmpty { return }
        let request = MemcachedRequest.many(keys, prefix: keyPrefix, .count(step), for: step.multiOperation)
        try await perform(request).allCounted(request)
    }
}
