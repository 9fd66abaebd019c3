extension AsyncMemcachedCommands {
    /// Reads a value, or computes and stores it if there is none, so that of many callers only one computes.
    ///
    /// ```swift
    /// let page = try await cache.getOrSet("page:home", time: .minutes(5)) { try await render() }
    /// ```
    ///
    /// It does what ``MemcachedCommands/getOrSet(_:time:as:lock:stale:_:)`` does, together with synchronous clients and
    /// other programs: a caller that finds nothing tries to take a lock, an item beside the value's. The caller that
    /// gets it computes; the others wait, without blocking a thread, for `lock` at most, and then compute the value
    /// themselves. Callers in the same process share one computation, or its error, whether the server answers or not.
    ///
    /// The parameters are the same; `compute` runs in the calling task. ``AsyncClient/commandTimeout`` limits each of
    /// its commands, not the whole.
    ///
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
        try await getOrSet(key, as: type, lock: lock, stale: stale) { (try await compute(), time) }
    }

    /// The same where computing the value also determines when it expires.
    package func getOrSet<K: CacheKey, V: Codable & Sendable>(
        _ key: K,
        as type: V.Type,
        lock: Duration,
        stale: Duration,
        _ compute: () async throws -> (value: V, time: Expiration)
    ) async throws -> V {
        var value = ComputedValue<K, V>(key: key, lock: lock, stale: stale)
        defer { value.memory.keep() }
        let start = SharedComputations.beginCall()
        defer { SharedComputations.endCall() }
        do throws(MemcachedError) {
            try await look(&value)
        } catch {
            try value.failed(error, policies)
        }
        // The case of nearly all calls.
        if case .use(let found) = value.step { return found }
        guard let place = (try? await execute(value.share))?.place else {
            return try await conclude(&value, nil, compute)
        }
        let call = place.enter(type, start: start)
        defer { call.leave() }
        var role = call.roleNow
        if role == nil {
            if let staleValue = value.staleValue { return staleValue }
            role = await call.role(waitLimit: lock)
        }
        switch role {
        case .leader: return try await lead(&value, call, compute)
        case .shared(let outcome):
            guard let found = try outcome.get() as? V else { preconditionFailure("computed for another type") }
            return found
        case .alone:
            value.stopWaiting()
            return try await conclude(&value, nil, compute)
        case nil:
            throw value.named(
                MemcachedError(code: .cancelled, operation: .getOrSet, detail: "the task was cancelled")
            )
        }
    }

    /// Gets the value for all callers that wait for it.
    private func lead<K, V: Codable & Sendable>(
        _ value: inout ComputedValue<K, V>,
        _ call: SharedComputations.Call,
        _ compute: () async throws -> (value: V, time: Expiration)
    ) async throws -> V {
        do {
            let computed = try await conclude(&value, call, compute)
            call.finish(.success(computed))
            return computed
        } catch {
            // The others have not been cancelled.
            if Task.isCancelled { call.abandon() } else { call.finish(.failure(error)) }
            throw error
        }
    }

    /// Waits for the callers in other processes, or else computes the value and stores it.
    private func conclude<K, V: Codable & Sendable>(
        _ value: inout ComputedValue<K, V>,
        _ call: SharedComputations.Call?,
        _ compute: () async throws -> (value: V, time: Expiration)
    ) async throws -> V {
        let computed: V
        do {
            do throws(MemcachedError) {
                if let found = try await valueUnlessToBeComputed(&value) {
                    await giveLockBack(value)
                    return found
                }
            } catch {
                try value.failed(error, policies)
            }
            call?.begin()
            (computed, value.time) = try await compute()
            if case .compute = value.step { try await store(computed, &value) }
        } catch {
            giveLockBackLater(value)
            throw error
        }
        await giveLockBack(value)
        return computed
    }

    /// The value; nil if the caller has to compute it.
    private func valueUnlessToBeComputed<K, V: Codable & Sendable>(
        _ value: inout ComputedValue<K, V>
    ) async throws(MemcachedError) -> V? {
        while true {
            switch value.step {
            case .look: try await look(&value)
            case .lock: value.locked(try await performBypassingPolicies(value.takeLock()).results[0].succeeded)
            case .wait(let pause):
                // A task that is cancelled meanwhile gets the error from the next request.
                try? await Task.sleep(for: pause)
                value.waited()
            case .use(let found): return found
            case .compute, .computeOnly: return nil
            }
        }
    }

    // Requests for one key each, which are sent together with others.
    private func look<K, V: Codable & Sendable>(_ value: inout ComputedValue<K, V>) async throws(MemcachedError) {
        var isFresh = true
        if let request = value.lookForMark {
            isFresh = try await performBypassingPolicies(request).results[0].succeeded
        }
        let request = wanting(V.self, value.look)
        let response = try await performBypassingPolicies(request)
        value.found(
            try await self.value(0, of: request, response, as: V.self, policies.forgivingUnreadable),
            isFresh: isFresh
        )
    }

    private func store<K, V: Codable & Sendable>(
        _ computed: V,
        _ value: inout ComputedValue<K, V>
    ) async throws(MemcachedError) {
        do throws(MemcachedError) {
            let stored = try stored(computed, value.options, for: .getOrSet)
            let requests = value.stores(stored)
            do throws(MemcachedError) {
                for request in requests { _ = try await performBypassingPolicies(request) }
            } catch {
                guard error.code == .cancelled else { throw error }
                // The value has been computed in any case, and others wait for it.
                let heir = value.handOver()
                Task {
                    for request in requests { _ = try? await performBypassingPolicies(request) }
                    await giveLockBack(heir)
                }
            }
        } catch {
            giveLockBackLater(value.handOver())
            try policies.forgive(value.named(error))
        }
    }

    /// Gives back the lock that a call holds, or may have taken without being told; if that fails, it expires by
    /// itself.
    private func giveLockBack<K, V: Sendable>(_ value: ComputedValue<K, V>) async {
        var held = value
        do throws(MemcachedError) {
            if let request = held.lookAtLock { held.foundLock(try await performBypassingPolicies(request)) }
            if let request = held.release { _ = try await execute(request) }
        } catch {
            // The calling task has been cancelled, but others still depend on the lock.
            if error.code == .cancelled, Task.isCancelled { giveLockBackLater(value) }
        }
    }

    /// The same for a caller that does not wait for it, or has been cancelled.
    private func giveLockBackLater<K, V: Sendable>(_ value: ComputedValue<K, V>) {
        if value.mayHoldLock { Task { await giveLockBack(value) } }
    }

    // MARK: - Without a lock

    /// Reads a value, or computes and stores it if there is none, without any lock.
    ///
    /// Where computing takes long and many callers want the same value, use ``getOrSet(_:time:as:lock:stale:_:)``. The
    /// parameters are those of ``MemcachedCommands/cached(_:time:as:_:)``; `compute` runs in the calling task.
    ///
    /// - Returns: The stored value, or the one that `compute` has made.
    /// - Throws: What `compute` throws, and what reading and storing throw.
    public func cached<K: CacheKey, V: Codable & Sendable>(
        _ key: K,
        time: Expiration = .never,
        as type: V.Type = V.self,
        _ compute: () async throws -> V
    ) async throws -> V {
        let cached = CachedValue(key: key, time: time)
        defer { cached.memory.keep() }
        let request = wanting(type, cached.look)
        let response = try await perform(request)
        // Not by `get`: of an optional type a stored nil is a value, too.
        if let value = try await value(0, of: request, response, as: type, policies.hidingMisses) { return value }
        let value = try await compute()
        // There is no point in storing it when the cache has just failed.
        if response.results[0].isUnreachable { return value }
        _ = try await isDone(cached.store(try stored(value, cached.options, for: .set)))
        return value
    }

    /// Computes a value and stores it, whether or not there is one.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - type: What is stored.
    ///   - compute: Makes the value, and says when it expires; nil if it should not be stored.
    /// - Throws: What `compute` throws, and what reading and storing throw.
    package func recompute<K: CacheKey, V: Encodable & Sendable>(
        _ key: K,
        as type: V.Type,
        _ compute: () async throws -> (value: V, time: Expiration)?
    ) async throws {
        var cached = CachedValue(key: key)
        defer { cached.memory.keep() }
        // A value has to be older than an `invalidate()` that happens meanwhile.
        let response = try await perform(cached.lookWhetherThere)
        guard let (value, time) = try await compute(), !response.results[0].isUnreachable else { return }
        cached.options = StoreOptions(time: time)
        _ = try await isDone(cached.store(try stored(value, cached.options, for: .set)))
    }

    /// Puts the cache in front of a function, which is then called only for results that are not stored: memcached2's
    /// `cache`.
    ///
    /// ```swift
    /// let square = cache.caching(time: .hours(1), key: { "square:\($0)" }) { (number: Int) in number * number }
    /// let sixteen = try await square(4)
    /// ```
    ///
    /// The parameters are those of ``MemcachedCommands/caching(time:key:_:)``.
    ///
    /// - Returns: The same function, with the cache in front.
    public func caching<Input, Output: Codable & Sendable, K: CacheKey>(
        time: Expiration = .never,
        key: @escaping (Input) -> K,
        _ function: @escaping (Input) async throws -> Output
    ) -> (Input) async throws -> Output {
        { input in try await self.cached(key(input), time: time) { try await function(input) } }
    }
}

extension CommandPolicies {
    /// The same policies, except that a miss is not an error.
    var hidingMisses: CommandPolicies {
        var policies = self
        policies.outcomes = .results
        return policies
    }

    /// The policies under which a value that can't be read is a miss, reported to ``onError``.
    var forgivingUnreadable: CommandPolicies { CommandPolicies(errors: .missing, onError: onError) }
}
