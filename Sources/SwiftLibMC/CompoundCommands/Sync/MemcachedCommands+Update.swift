extension MemcachedCommands {
    /// Changes a value by a compare-and-swap loop: reads it, lets `body` make a new one, and stores that if the item
    /// has not changed meanwhile; otherwise it starts again.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - type: What to read the value as.
    ///   - time: When the item expires.
    ///   - retries: How many times to try again after losing to another writer.
    ///   - body: Makes the new value of the present one, which is nil on a miss. It may run several times. nil leaves
    ///     the item alone.
    /// - Returns: The value that is stored now, or nil if `body` left it alone.
    /// - Throws: `.casConflict` if others won every time, what `body` throws, and what reading and storing throw,
    ///   whatever ``Client/errorPolicy`` is.
    @discardableResult
    public func update<K: CacheKey, V: Codable>(
        _ key: K,
        as type: V.Type = V.self,
        time: Expiration = .never,
        retries: Int = 16,
        _ body: (V?) throws -> V?
    ) throws -> V? {
        var loop = UpdateLoop(key: key, time: time, retries: retries)
        defer { loop.memory?.keep() }
        for _ in loop.rounds {
            let request = loop.look()
            let response = try performBypassingPolicies(request)
            let present = try self.value(0, of: request, in: response, as: type, codec, .init())
            guard let new = try body(present) else { return nil }
            // Also that of a value which the format makes a miss.
            let version = response.results[0].value?.cas
            let stored = MemcachedRequest.Value.bytes(try codec.encode(new, loop.options, for: .update))
            if try performBypassingPolicies(loop.store(stored, over: version)).results[0].succeeded { return new }
        }
        throw loop.conflict
    }

    /// Changes a value by a compare-and-swap loop; on a miss `body` gets `default`.
    ///
    /// The other parameters, the result and errors are those of ``update(_:as:time:retries:_:)``.
    @discardableResult
    public func update<K: CacheKey, V: Codable>(
        _ key: K,
        as type: V.Type = V.self,
        time: Expiration = .never,
        retries: Int = 16,
        default: V,
        _ body: (V) throws -> V?
    ) throws -> V? {
        try update(key, as: type, time: time, retries: retries) { try body($0 ?? `default`) }
    }
}
