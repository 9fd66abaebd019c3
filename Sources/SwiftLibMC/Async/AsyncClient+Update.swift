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
            let present = try await gets(key, as: type)
            guard let new = try body(present?.value) else { return nil }
            if let present {
                if try await swap(key, new, present.cas, time) { return new }
            } else if try await add(key, new, time: time) {
                return new
            }
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

    /// One swap; an item that has been deleted meanwhile is a lost round, too.
    private func swap<K: CacheKey, V: Encodable & Sendable>(
        _ key: K,
        _ value: V,
        _ token: CAS,
        _ time: Expiration
    ) async throws(MemcachedError) -> Bool {
        do throws(MemcachedError) {
            return try await cas(key, value, cas: token, time: time)
        } catch {
            if error.code == .notFound { return false }
            throw error
        }
    }
}
