extension AsyncClient {
    /// Reads a value, or computes and stores it if there is none, so that of many callers only one computes.
    ///
    /// ```swift
    /// let page = try await cache.getOrSet("page:home", time: .minutes(5)) { try await render() }
    /// ```
    ///
    /// It does what ``MemcachedCommands/getOrSet(_:time:as:lock:stale:_:)`` does, together with synchronous clients and
    /// other programs: whoever finds nothing tries to take a lock, an item beside the value's. The one who gets it
    /// computes; the others wait, without blocking a thread, for `lock` at most, and then compute the value themselves.
    ///
    /// ``commandTimeout`` limits each of its commands, not the whole.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - time: When the value expires.
    ///   - type: What to read the value as.
    ///   - lock: How long others wait for the one who computes, rounded up to whole seconds; it should be more than
    ///     that takes.
    ///   - stale: How long after its expiration the old value is given while a new one is computed; zero for not at
    ///     all.
    ///   - compute: Makes the value, in the calling task.
    /// - Returns: The stored value, or the one that `compute` has made.
    /// - Throws: What `compute` throws, `.badKey`, `.serialization`, a failure of the server unless the client's
    ///   ``Client/errorPolicy`` is `.missing`, and what every asynchronous call may throw.
    public func getOrSet<K: CacheKey, V: Codable & Sendable>(
        _ key: K,
        time: Expiration = .never,
        as type: V.Type = V.self,
        lock: Duration = .seconds(10),
        stale: Duration = .zero,
        _ compute: () async throws -> V
    ) async throws -> V {
        let guarded = GuardedValue<K, V>(key: key, time: time, lock: lock, stale: stale)
        do throws(MemcachedError) {
            if let value = try await valueUnlessToBeComputed(guarded) { return value }
        } catch {
            try forgiving(error, ())
            return try await compute()
        }
        let value: V
        do {
            value = try await compute()
        } catch {
            // Also when the calling task has been cancelled.
            Task { try await perform(.getOrSet, key) { client in guarded.release(in: client) } }
            throw error
        }
        do throws(MemcachedError) {
            try await store(value, guarded)
        } catch {
            // The value is there all the same, and others wait for it.
            if error.code == .cancelled { Task { try await store(value, guarded) } } else { try forgiving(error, ()) }
        }
        return value
    }

    private func store<K, V: Sendable>(_ value: V, _ guarded: GuardedValue<K, V>) async throws(MemcachedError) {
        try await perform(.getOrSet, guarded.key) { client throws(MemcachedError) in
            try guarded.store(value, in: client)
        }
    }

    /// The value; nil for the one caller who is to compute it, and for those who have waited too long.
    private func valueUnlessToBeComputed<K, V: Sendable>(
        _ guarded: GuardedValue<K, V>
    ) async throws(MemcachedError) -> V? {
        if let value = try await valueIfFresh(guarded) { return value }
        var pauses = Pauses()
        while true {
            let step = try await perform(.getOrSet, guarded.key) { client throws(MemcachedError) in
                try guarded.step(in: client)
            }
            switch step {
            case .use(let value): return value
            case .compute: return nil
            // Whoever is cancelled meanwhile hears of it at the next step.
            case .wait: try? await Task.sleep(for: pauses.next())
            }
        }
    }

    /// What nearly all callers come for, in a way that goes out together with other reads.
    private func valueIfFresh<K, V: Sendable>(_ guarded: GuardedValue<K, V>) async throws(MemcachedError) -> V? {
        do throws(MemcachedError) {
            if guarded.stale > .zero, try await !contains(guarded.freshnessKey) { return nil }
            return try await value(.get, guarded.key, as: V.self, plainly: true)?.value
        } catch {
            guard error.code == .deserialization else { throw error }
            return nil
        }
    }
}
