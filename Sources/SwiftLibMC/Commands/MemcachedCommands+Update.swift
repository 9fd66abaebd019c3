extension MemcachedCommands {
    /// Changes a value by a compare-and-swap loop: reads it, lets `body` make a new one, and stores that if nobody else
    /// has changed the item meanwhile; else again.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - type: What to read the value as.
    ///   - time: When the item expires.
    ///   - retries: How many times to try again after losing to another writer.
    ///   - body: Makes the new value of the present one, which is nil on a miss. It may run several times. nil leaves
    ///     the item alone.
    /// - Returns: The value that is stored now, or nil if `body` left it alone.
    /// - Throws: `.casConflict` if others won every time, what `body` throws, and what reading and storing throw.
    @discardableResult
    public func update<K: CacheKey, V: Codable>(
        _ key: K,
        as type: V.Type = V.self,
        time: Expiration = .never,
        retries: Int = 16,
        _ body: (V?) throws -> V?
    ) throws -> V? {
        for _ in 0...max(0, retries) {
            let present = try unlessDeclined { () throws(MemcachedError) in try gets(key, as: type) } ?? nil
            guard let new = try body(present?.value) else { return nil }
            let isStored = try unlessDeclined { () throws(MemcachedError) in
                if let present { return try cas(key, new, cas: present.cas, time: time) }
                return try add(key, new, time: time)
            }
            if isStored == true { return new }
        }
        throw MemcachedError(
            code: .casConflict,
            operation: .update,
            detail: "other writers changed the item \(max(0, retries) + 1) times in a row",
            key: key.withKeyBytes { bytes, _ in bytes.text }
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
    ///   - body: Makes the new value of the present one. It may run several times. nil leaves the item alone.
    /// - Returns: The value that is stored now, or nil if `body` left it alone.
    /// - Throws: `.casConflict` if others won every time, what `body` throws, and what reading and storing throw.
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

    /// What a command returns; nil if it says by an error that there is no item, or another one.
    private func unlessDeclined<R>(_ command: () throws(MemcachedError) -> R) throws(MemcachedError) -> R? {
        do throws(MemcachedError) {
            return try plainly(command)
        } catch {
            if error.code.isOutcome { return nil }
            throw error
        }
    }
}
