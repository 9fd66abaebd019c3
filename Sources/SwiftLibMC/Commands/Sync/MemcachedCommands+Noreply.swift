// Methods that take `noreply` in python-memcached and pymemcache. libmemcached can't send these without a reply and be
// sure that none is left over, so they wait for it, and ignore it.

extension MemcachedCommands {
    /// Sets when an item expires, for code that does not care for the reply.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - time: When the item expires, counted from now.
    ///   - noreply: Whether the reply does not matter. The call still waits for it.
    /// - Returns: False if there is no such item; with `noreply` always true.
    /// - Throws: `.badKey` or a failure of the server.
    @discardableResult
    public func touch<K: CacheKey>(_ key: K, time: Expiration, noreply: Bool) throws(MemcachedError) -> Bool {
        do throws(MemcachedError) {
            return try touch(key, time: time) || noreply
        } catch {
            guard noreply, error.code == .notFound else { throw error }
            return true
        }
    }

    /// Adds to a number, for code that does not care for the reply.
    ///
    /// - Parameters:
    ///   - key: The key of an item that is a decimal number.
    ///   - delta: What to add, 0 to 2⁶⁴ - 1.
    ///   - noreply: Whether the reply does not matter. The call still waits for it.
    /// - Returns: The new value; with `noreply` nil, also if there is no such item, or it is not a number.
    /// - Throws: `.invalidArguments` for a negative delta, `.badKey`, or a failure of the server; without `noreply`
    ///   also `.notFound` and `.notNumeric`.
    @discardableResult
    public func incr<K: CacheKey>(
        _ key: K,
        delta: some BinaryInteger = Int(1),
        noreply: Bool
    ) throws(MemcachedError) -> UInt64? {
        try count(key, by: CounterStep(.up, checking: delta), noreply: noreply)
    }

    /// Subtracts from a number, down to 0, for code that does not care for the reply.
    ///
    /// Parameters, result and errors are those of ``incr(_:delta:noreply:)``.
    @discardableResult
    public func decr<K: CacheKey>(
        _ key: K,
        delta: some BinaryInteger = Int(1),
        noreply: Bool
    ) throws(MemcachedError) -> UInt64? {
        try count(key, by: CounterStep(.down, checking: delta), noreply: noreply)
    }

    private func count<K: CacheKey>(
        _ key: K,
        by step: CounterStep,
        noreply: Bool
    ) throws(MemcachedError) -> UInt64? {
        do throws(MemcachedError) {
            let value = try count(key, by: step)
            return noreply ? nil : value
        } catch {
            guard noreply, error.code == .notFound || error.code == .notNumeric else { throw error }
            return nil
        }
    }
}
