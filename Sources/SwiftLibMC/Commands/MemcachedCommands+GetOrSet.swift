extension MemcachedCommands {
    /// Reads a value, or computes and stores it if there is none, so that of many callers only one computes.
    ///
    /// ```swift
    /// let page = try client.getOrSet("page:home", time: .minutes(5)) { try render() }
    /// ```
    ///
    /// Whoever finds nothing tries to take a lock, an item beside the value's. The one who gets it computes; the others
    /// wait for the value, each for `lock` at most, and then compute it themselves. With `stale` nobody has to wait
    /// once there has been a value: for so long after its expiration the old one is given while one caller makes the
    /// new one.
    ///
    /// The value is stored as `set` does it. The lock, and with `stale` a mark of the value's freshness, have the same
    /// key with `:lock` and `:fresh` behind it, shortened if the key is long. A stored value that can't be read as
    /// `type` is computed anew. A failure of the cache is thrown; with ``Client/errorPolicy`` `.missing` the value is
    /// computed instead.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - time: When the value expires.
    ///   - type: What to read the value as.
    ///   - lock: How long others wait for the one who computes, rounded up to whole seconds; it should be more than
    ///     that takes.
    ///   - stale: How long after its expiration the old value is given while a new one is computed; zero for not at
    ///     all.
    ///   - compute: Makes the value.
    /// - Returns: The stored value, or the one that `compute` has made.
    /// - Throws: What `compute` throws, `.badKey`, `.serialization`, or a failure of the server.
    public func getOrSet<K: CacheKey, V: Codable>(
        _ key: K,
        time: Expiration = .never,
        as type: V.Type = V.self,
        lock: Duration = .seconds(10),
        stale: Duration = .zero,
        _ compute: () throws -> V
    ) throws -> V {
        let guarded = GuardedValue<K, V>(key: key, time: time, lock: lock, stale: stale)
        do throws(MemcachedError) {
            if let value = try valueUnlessToBeComputed(guarded) { return value }
        } catch {
            try pass(over: error)
            return try compute()
        }
        let value: V
        do {
            value = try compute()
        } catch {
            guarded.release(in: self)
            throw error
        }
        do throws(MemcachedError) {
            try guarded.store(value, in: self)
        } catch {
            try pass(over: error)
        }
        return value
    }

    /// Reads a value, or computes and stores it if there is none, without any lock.
    ///
    /// Where computing takes long and many ask for the same, use ``getOrSet(_:time:as:lock:stale:_:)``.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - time: When the value expires.
    ///   - type: What to read the value as.
    ///   - compute: Makes the value.
    /// - Returns: The stored value, or the one that `compute` has made.
    /// - Throws: What `compute` throws, and what reading and storing throw.
    public func cached<K: CacheKey, V: Codable>(
        _ key: K,
        time: Expiration = .never,
        as type: V.Type = V.self,
        _ compute: () throws -> V
    ) throws -> V {
        if let value = try get(key, as: V?.self, default: nil) { return value }
        let value = try compute()
        try set(key, value, time: time)
        return value
    }

    /// Puts the cache in front of a function, which is then called only for what is not stored: memcached2's `cache`.
    ///
    /// ```swift
    /// let square = client.caching(time: .hours(1), key: { "square:\($0)" }) { (number: Int) in number * number }
    /// let sixteen = try square(4)
    /// ```
    ///
    /// - Parameters:
    ///   - time: When results expire.
    ///   - key: Makes the key of a result from the function's argument.
    ///   - function: The function.
    /// - Returns: The same function, with the cache in front.
    public func caching<Input, Output: Codable, K: CacheKey>(
        time: Expiration = .never,
        key: @escaping (Input) -> K,
        _ function: @escaping (Input) throws -> Output
    ) -> (Input) throws -> Output {
        { input in try self.cached(key(input), time: time) { try function(input) } }
    }

    /// The value; nil for the one caller who is to compute it, and for those who have waited too long.
    private func valueUnlessToBeComputed<K, V>(_ guarded: GuardedValue<K, V>) throws(MemcachedError) -> V? {
        var pauses = Pauses()
        while true {
            switch try guarded.step(in: self) {
            case .use(let value): return value
            case .compute: return nil
            case .wait: sleepThread(for: pauses.next())
            }
        }
    }

    /// Throws a failure of the cache, unless it is to count as a miss.
    private func pass(over error: MemcachedError) throws(MemcachedError) {
        guard let client = self as? Client else { throw error }
        try client.forgiving(error, ())
    }
}
