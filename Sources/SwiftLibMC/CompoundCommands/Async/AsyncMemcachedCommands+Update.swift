extension AsyncMemcachedCommands {
    /// Changes a value by a compare-and-swap loop: reads it, lets `body` make a new one, and stores that if the item
    /// has not changed meanwhile; otherwise it starts again.
    ///
    /// The parameters are those of ``MemcachedCommands/update(_:as:time:retries:_:)``; `body` runs in the calling task.
    /// ``AsyncClient/commandTimeout`` limits each of its commands, not the loop.
    ///
    /// - Returns: The value that is stored now, or nil if `body` left it alone.
    /// - Throws: `.casConflict` if others won every time, what `body` throws, and what reading and storing throw.
    @discardableResult
    public func update<K: CacheKey, V: Codable & Sendable>(
        _ key: K,
        as type: V.Type = V.self,
        time: Expiration = .never,
        retries: Int = 16,
        _ body: (V?) throws -> V?
    ) async throws -> V? {
        var loop = UpdateLoop(key: key, time: time, retries: retries)
        defer { loop.memory?.keep() }
        for _ in loop.rounds {
            let request = wanting(type, loop.look())
            let response = try await performBypassingPolicies(request)
            let present = try await value(0, of: request, response, as: type, .init())
            guard let new = try body(present) else { return nil }
            // Also that of a value which the format makes a miss.
            let version = response.results[0].value?.cas
            let stored = try stored(new, loop.options, for: .update)
            if try await performBypassingPolicies(loop.store(stored, over: version)).results[0].succeeded { return new }
        }
        throw loop.conflict
    }

    /// Changes a value by a compare-and-swap loop; on a miss `body` gets `default`.
    ///
    /// The other parameters, the result and errors are those of ``update(_:as:time:retries:_:)``.
    @discardableResult
    public func update<K: CacheKey, V: Codable & Sendable>(
        _ key: K,
        as type: V.Type = V.self,
        time: Expiration = .never,
        retries: Int = 16,
        default: V,
        _ body: (V) throws -> V?
    ) async throws -> V? {
        try await update(key, as: type, time: time, retries: retries) { try body($0 ?? `default`) }
    }
}
