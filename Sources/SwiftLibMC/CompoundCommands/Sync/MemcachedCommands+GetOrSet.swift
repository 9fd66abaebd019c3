extension MemcachedCommands {
    /// Reads a value, or computes and stores it if there is none, so that of many callers only one computes.
    ///
    /// ```swift
    /// let page = try client.getOrSet("page:home", time: .minutes(5)) { try render() }
    /// ```
    ///
    /// Callers in one process that use the same pool, or clones of one client, share one computation of a key: the
    /// others wait for its value, or its error. They do so even if no server can be reached. Among processes, a caller
    /// that finds nothing tries to take a lock, an item beside the value's; the one that gets it computes. A caller
    /// that has waited as long as `lock` computes the value without it. With `stale` no caller has to wait once there
    /// has been a value: for that long after its expiration the old one is returned while one caller makes the new one.
    ///
    /// The value is stored as `set` does it. The lock, and with `stale` a mark of the value's freshness, have the same
    /// key with `:lock` and `:fresh` appended, shortened if the key is long. A stored value that can't be read as
    /// `type` is computed anew. A failure of the cache is thrown; with ``Client/errorPolicy`` `.missing` the value is
    /// computed instead.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - time: When the value expires.
    ///   - type: What to read the value as.
    ///   - lock: How long others wait for the caller that computes, rounded up to whole seconds; it should be longer
    ///     than computing takes.
    ///   - stale: How long after its expiration the old value is returned while a new one is computed; zero for not at
    ///     all.
    ///   - compute: Makes the value.
    /// - Returns: The stored value, or the one that `compute` has made.
    /// - Throws: What `compute` throws, here or in the caller whose computation is shared, `.badKey`, `.serialization`,
    ///   or a failure of the server.
    public func getOrSet<K: CacheKey, V: Codable>(
        _ key: K,
        time: Expiration = .never,
        as type: V.Type = V.self,
        lock: Duration = .seconds(10),
        stale: Duration = .zero,
        _ compute: () throws -> V
    ) throws -> V {
        var value = ComputedValue<K, V>(key: key, time: time, lock: lock, stale: stale)
        defer { value.memory.keep() }
        let start = SharedComputations.beginCall()
        defer { SharedComputations.endCall() }
        do throws(MemcachedError) {
            try look(&value)
        } catch {
            try value.failed(error, policies)
        }
        // The case of nearly all calls.
        if case .use(let found) = value.step { return found }
        guard let place = (try? execute(value.share))?.place else { return try conclude(&value, nil, compute).value }
        // Stored bytes are shared, because a value need not be Sendable.
        let call = place.enter(MemcachedResponse.Value.self, start: start)
        defer { call.leave() }
        var role = call.roleNow
        if role == nil, let staleValue = value.staleValue { return staleValue }
        role = role ?? call.waitForRole(waitLimit: lock)
        if case .shared(let outcome) = role {
            let stored = try outcome.get() as? MemcachedResponse.Value
            if let stored, let found = try? codec.decode(stored, as: type, for: .getOrSet, key: value.keyText) {
                return found
            }
        }
        if case .leader = role { return try lead(&value, call, compute) }
        value.stopWaiting()
        return try conclude(&value, nil, compute).value
    }

    /// Gets the value for all callers that wait for it.
    private func lead<K, V: Codable>(
        _ value: inout ComputedValue<K, V>,
        _ call: SharedComputations.Call,
        _ compute: () throws -> V
    ) throws -> V {
        do {
            let (value, stored) = try conclude(&value, call, compute)
            if let stored { call.finish(.success(stored)) } else { call.abandon() }
            return value
        } catch {
            call.finish(.failure(error))
            throw error
        }
    }

    /// Waits for the callers in other processes, or else computes the value and stores it; returns the value and its
    /// stored form.
    private func conclude<K, V: Codable>(
        _ value: inout ComputedValue<K, V>,
        _ call: SharedComputations.Call?,
        _ compute: () throws -> V
    ) throws -> (value: V, stored: MemcachedResponse.Value?) {
        defer { giveLockBack(value) }
        do throws(MemcachedError) {
            if let found = try valueUnlessToBeComputed(&value) { return found }
        } catch {
            try value.failed(error, policies)
        }
        call?.begin()
        let computed = try compute()
        do throws(MemcachedError) {
            let payload = try codec.encode(computed, value.options, for: .getOrSet)
            if case .compute = value.step { try store(payload, value) }
            return (computed, MemcachedResponse.Value(bytes: payload.bytes, flags: payload.flags))
        } catch {
            throw value.named(error)
        }
    }

    /// The value; nil if the caller has to compute it.
    private func valueUnlessToBeComputed<K, V: Codable>(
        _ value: inout ComputedValue<K, V>
    ) throws(MemcachedError) -> (value: V, stored: MemcachedResponse.Value?)? {
        var stored: MemcachedResponse.Value?
        while true {
            switch value.step {
            case .look: stored = try look(&value)
            case .lock: value.locked(try performBypassingPolicies(value.takeLock()).results[0].succeeded)
            case .wait(let pause):
                sleepThread(for: pause)
                value.waited()
            case .use(let found): return (found, stored)
            case .compute, .computeOnly: return nil
            }
        }
    }

    /// Looks for the value; returns its stored form.
    @discardableResult
    private func look<K, V: Codable>(
        _ value: inout ComputedValue<K, V>
    ) throws(MemcachedError) -> MemcachedResponse.Value? {
        let request = value.lookAtBoth
        let response = try performBypassingPolicies(request)
        let found = try self.value(0, of: request, in: response, as: V.self, codec, policies.forgivingUnreadable)
        value.found(found, isFresh: response.results.count < 2 || response.results[1].succeeded)
        return response.results[0].value
    }

    private func store<K, V>(_ payload: Payload, _ value: ComputedValue<K, V>) throws(MemcachedError) {
        do throws(MemcachedError) {
            for request in value.stores(.bytes(payload)) { _ = try performBypassingPolicies(request) }
        } catch {
            try policies.forgive(value.named(error))
        }
    }

    /// Gives back the lock that a call holds, or may have taken without being told; if that fails, it expires by
    /// itself.
    private func giveLockBack<K, V>(_ value: ComputedValue<K, V>) {
        var value = value
        if let request = value.lookAtLock {
            guard let response = try? performBypassingPolicies(request) else { return }
            value.foundLock(response)
        }
        if let request = value.release { _ = try? execute(request) }
    }

    // MARK: - Without a lock

    /// Reads a value, or computes and stores it if there is none, without any lock.
    ///
    /// Where computing takes long and many callers want the same value, use ``getOrSet(_:time:as:lock:stale:_:)``.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - time: When the value expires.
    ///   - type: What to read the value as. Of an optional type a stored nil is a value, too.
    ///   - compute: Makes the value.
    /// - Returns: The stored value, or the one that `compute` has made.
    /// - Throws: What `compute` throws, and what reading and storing throw.
    public func cached<K: CacheKey, V: Codable>(
        _ key: K,
        time: Expiration = .never,
        as type: V.Type = V.self,
        _ compute: () throws -> V
    ) throws -> V {
        let cached = CachedValue(key: key, time: time)
        defer { cached.memory.keep() }
        let request = cached.look
        let response = try perform(request)
        // Not by `get`: of an optional type a stored nil is a value, too.
        if let value = try value(0, of: request, in: response, as: type, codec, policies.hidingMisses) { return value }
        let value = try compute()
        // There is no point in storing it when the cache has just failed.
        if response.results[0].isUnreachable { return value }
        let payload = try codec.encode(value, cached.options, for: .set)
        _ = try isDone(cached.store(.bytes(payload)))
        return value
    }

    /// Puts the cache in front of a function, which is then called only for results that are not stored: memcached2's
    /// `cache`.
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
}
