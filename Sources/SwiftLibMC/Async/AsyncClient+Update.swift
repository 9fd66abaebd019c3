extension AsyncClient {
    /// Changes a value by a compare-and-swap loop: reads it, lets `body` make a new one, and stores that if nobody else
    /// has changed the item meanwhile; else again.
    ///
    /// ``commandTimeout`` limits each of its commands, not the loop.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - type: What to read the value as.
    ///   - time: When the item expires.
    ///   - retries: How many times to try again after losing to another writer.
    ///   - body: Makes the new value of the present one, which is nil on a miss. It runs in the calling task, perhaps
    ///     several times. nil leaves the item alone.
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
        for _ in 0...max(0, retries) {
            let present = try await value(.gets, key, as: type, plainly: true)
            guard let new = try body(present?.value) else { return nil }
            if try await swap(key, new, present?.cas, time) { return new }
        }
        throw MemcachedError(
            code: .casConflict,
            operation: .update,
            detail: "other writers changed the item \(max(0, retries) + 1) times in a row",
            key: QueuedKey(key).text
        )
    }

    /// Changes a value by a compare-and-swap loop, taking `default` for a missing one.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - type: What to read the value as.
    ///   - time: When the item expires.
    ///   - retries: How many times to try again after losing to another writer.
    ///   - default: What `body` gets on a miss.
    ///   - body: Makes the new value of the present one. It runs in the calling task, perhaps several times. nil leaves
    ///     the item alone.
    /// - Returns: The value that is stored now, or nil if `body` left it alone.
    /// - Throws: `.casConflict` if others won every time, what `body` throws, and what reading and storing throw.
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

    /// Stores a value if the item is still at a version, or still missing; one that has been deleted meanwhile is a
    /// lost round, too.
    private func swap<K: CacheKey, V: Encodable & Sendable>(
        _ key: K,
        _ value: V,
        _ token: CAS?,
        _ time: Expiration
    ) async throws(MemcachedError) -> Bool {
        do throws(MemcachedError) {
            return try await perform(token == nil ? .add : .cas, key) { client throws(MemcachedError) in
                try client.withoutPolicies { () throws(MemcachedError) in
                    if let token { return try client.cas(key, value, cas: token, time: time) }
                    return try client.add(key, value, time: time)
                }
            }
        } catch {
            if error.code.isOutcome { return false }
            throw error
        }
    }
}
