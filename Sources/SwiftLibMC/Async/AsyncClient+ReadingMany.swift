// Reading many items. These calls go out alone: they are batches already.

extension AsyncClient {
    /// Reads many values.
    ///
    /// - Parameters:
    ///   - keys: The items' keys.
    ///   - keyPrefix: What to put before each key on the wire.
    ///   - type: What to read the values as.
    /// - Returns: The values that were found, under the caller's own keys.
    /// - Throws: As ``Client/getMulti(_:keyPrefix:as:)`` does, and what every asynchronous call may throw.
    public func getMulti<K: CacheKey, V: Decodable & Sendable>(
        _ keys: some Sequence<K>,
        keyPrefix: String? = nil,
        as type: V.Type = V.self
    ) async throws(MemcachedError) -> [K: V] {
        let keys = Array(keys)
        return try await perform(.getMulti) { client throws(MemcachedError) in
            try client.getMulti(keys, keyPrefix: keyPrefix, as: type)
        }
    }

    /// Reads many values into an array: cheaper than a dictionary.
    ///
    /// - Parameters:
    ///   - keys: The items' keys.
    ///   - keyPrefix: What to put before each key on the wire.
    ///   - type: What to read the values as.
    /// - Returns: For each key, in order, its value, or nil on a miss.
    /// - Throws: As ``Client/getMultiArray(_:keyPrefix:as:)`` does, and what every asynchronous call may throw.
    public func getMultiArray<K: CacheKey, V: Decodable & Sendable>(
        _ keys: some Sequence<K>,
        keyPrefix: String? = nil,
        as type: V.Type = V.self
    ) async throws(MemcachedError) -> [V?] {
        let keys = Array(keys)
        return try await perform(.getMultiArray) { client throws(MemcachedError) in
            try client.getMultiArray(keys, keyPrefix: keyPrefix, as: type)
        }
    }

    /// Reads many values together with their versions, for `cas`.
    ///
    /// - Returns: The values that were found and their CAS tokens, under the caller's own keys.
    /// - Throws: As ``Client/getsMulti(_:keyPrefix:as:)`` does, and what every asynchronous call may throw.
    public func getsMulti<K: CacheKey, V: Decodable & Sendable>(
        _ keys: some Sequence<K>,
        keyPrefix: String? = nil,
        as type: V.Type = V.self
    ) async throws(MemcachedError) -> [K: (value: V, cas: CAS)] {
        let keys = Array(keys)
        return try await perform(.getsMulti) { client throws(MemcachedError) in
            try client.getsMulti(keys, keyPrefix: keyPrefix, as: type)
        }
    }

    /// Reads many items as the servers keep them.
    ///
    /// - Returns: The items that were found, under the caller's own keys.
    /// - Throws: As ``Client/items(_:keyPrefix:)`` does, and what every asynchronous call may throw.
    public func items<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String? = nil
    ) async throws(MemcachedError) -> [K: Item] {
        let keys = Array(keys)
        return try await perform(.items) { client throws(MemcachedError) in
            try client.items(keys, keyPrefix: keyPrefix)
        }
    }
}
