extension AsyncMemcachedCommands {
    /// Reads a value.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - type: What to read the value as.
    /// - Returns: The value, or nil on a miss.
    /// - Throws: As ``Client/get(_:as:)`` does, and what every asynchronous call may throw.
    @inlinable
    @inline(__always)
    public func get<K: CacheKey, V: Decodable & Sendable>(
        _ key: K,
        as type: V.Type = V.self
    ) async throws(MemcachedError) -> V? {
        let key = MemcachedRequest.Key(key)
        if V.self == [UInt8].self { return recast(try await _bytes(key), as: V?.self) }
        if V.self == String.self { return recast(try await _text(key), as: V?.self) }
        return try await _value(key, as: type)
    }

    /// Reads a value, or gives another one on a miss.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - type: What to read the value as.
    ///   - default: What to return on a miss.
    /// - Returns: The value, or `default`.
    /// - Throws: As ``Client/get(_:as:)`` does, and what every asynchronous call may throw.
    public func get<K: CacheKey, V: Decodable & Sendable>(
        _ key: K,
        as type: V.Type = V.self,
        default: @autoclosure () -> V
    ) async throws(MemcachedError) -> V {
        do throws(MemcachedError) {
            return try await get(key, as: type) ?? `default`()
        } catch {
            guard error.code == .noValue else { throw error }
            return `default`()
        }
    }

    /// Reads a value together with its version, for ``cas(_:_:cas:time:minCompressLen:compressLevel:noreply:)``.
    ///
    /// - Returns: The value and its CAS token, or nil on a miss.
    /// - Throws: As ``Client/gets(_:as:)`` does, and what every asynchronous call may throw.
    public func gets<K: CacheKey, V: Decodable & Sendable>(
        _ key: K,
        as type: V.Type = V.self
    ) async throws(MemcachedError) -> (value: V, cas: CAS)? {
        try await read(.one(key, .fetch(.withVersion), for: .gets), as: type)
    }

    /// Reads a value, and sets when the item expires, so that items in use stay.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - time: When the item is to expire from now on.
    ///   - type: What to read the value as.
    /// - Returns: The value, or nil on a miss.
    /// - Throws: As ``Client/gat(_:time:as:)`` does, and what every asynchronous call may throw.
    public func gat<K: CacheKey, V: Decodable & Sendable>(
        _ key: K,
        time: Expiration,
        as type: V.Type = V.self
    ) async throws(MemcachedError) -> V? {
        try await read(.one(key, .fetch(.init(touching: time)), for: .gat), as: type)?.value
    }

    /// Lends the bytes of a value, inflated.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - body: What to do with the bytes. It runs in the calling task.
    /// - Returns: What `body` returns, or nil on a miss.
    /// - Throws: As ``Client/withBytes(_:_:)`` does, and what every asynchronous call may throw.
    public func withBytes<K: CacheKey, R>(_ key: K, _ body: (RawSpan) throws -> R) async throws -> R? {
        let request = MemcachedRequest.one(key, .fetch(.init()), for: .withBytes)
        guard let codec else {
            return try await read(request, as: InflatedBytes.self)?.value.value.withBytes { try body($0) }
        }
        let response = try await perform(request)
        let value: MemcachedResponse.Value?
        do throws(MemcachedError) {
            value = try response.inflated(0, of: request, codec, policies)
        } catch {
            try policies.forgive(await located(error, 0, of: request, response))
            return nil
        }
        return try value?.withBytes { try body($0) }
    }

    /// Reads an item as the server keeps it, with flags and version.
    ///
    /// - Returns: The item, or nil on a miss.
    /// - Throws: As ``Client/item(_:)`` does, and what every asynchronous call may throw.
    public func item<K: CacheKey>(_ key: K) async throws(MemcachedError) -> Item? {
        let request = MemcachedRequest.one(key, .fetch(.withVersion), for: .item)
        let response = try await perform(request)
        if let item = response.item(0, of: request) { return item }
        try policies.miss(response.results[0], of: request)
        return nil
    }

    /// Reads the value of an item, as the client's class does.
    ///
    /// - Throws: As ``Client/decode(_:as:)`` does, and what every asynchronous call may throw.
    public func decode<V: Decodable & Sendable>(
        _ item: Item,
        as type: V.Type = V.self
    ) async throws(MemcachedError) -> V {
        let key = MemcachedRequest.Key(item.cacheKey)
        let request = MemcachedRequest(.decode, keys: .init(.one(key)), .decode(item.stored, as: type))
        let response = MemcachedResponse(.one(.found(item.stored)))
        if let value = try await value(0, of: request, response, as: type, .init()) { return value }
        throw request.decodesToNothing
    }

    /// Whether an item exists; it has no effect on the item.
    ///
    /// - Throws: As ``Client/contains(_:)`` does, and what every asynchronous call may throw.
    public func contains<K: CacheKey>(_ key: K) async throws(MemcachedError) -> Bool {
        try await perform(.one(key, .fetch(.existence), for: .contains)).results[0].succeeded
    }

    // MARK: - Many items

    /// Reads many values.
    ///
    /// - Parameters:
    ///   - keys: The items' keys.
    ///   - keyPrefix: What to put before each key on the wire.
    ///   - type: What to read the values as.
    /// - Returns: The values that were found, under the caller's own keys.
    /// - Throws: As ``Client/getMulti(_:keyPrefix:as:)`` does, and what every asynchronous call may throw.
    @inlinable
    @inline(__always)
    public func getMulti<K: CacheKey, V: Decodable & Sendable>(
        _ keys: some Sequence<K>,
        keyPrefix: String? = nil,
        as type: V.Type = V.self
    ) async throws(MemcachedError) -> [K: V] {
        let keys = Array(keys)
        let values = try await _values(.many(keys, prefix: keyPrefix, .fetch(.init()), for: .getMulti), as: type)
        return Dictionary(keys, values)
    }

    /// Reads many values into an array: cheaper than a dictionary.
    ///
    /// - Parameters:
    ///   - keys: The items' keys.
    ///   - keyPrefix: What to put before each key on the wire.
    ///   - type: What to read the values as.
    /// - Returns: For each key, in order, its value, or nil on a miss.
    /// - Throws: As ``Client/getMultiArray(_:keyPrefix:as:)`` does, and what every asynchronous call may throw.
    @inlinable
    @inline(__always)
    public func getMultiArray<K: CacheKey, V: Decodable & Sendable>(
        _ keys: some Sequence<K>,
        keyPrefix: String? = nil,
        as type: V.Type = V.self
    ) async throws(MemcachedError) -> [V?] {
        try await _values(.many(Array(keys), prefix: keyPrefix, .fetch(.init()), for: .getMultiArray), as: type)
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
        if keys.isEmpty { return [:] }
        let request = wanting(type, .many(keys, prefix: keyPrefix, .fetch(.withVersion), for: .getsMulti))
        let response = try await perform(request)
        var found: [(value: V, cas: CAS)?] = []
        for index in keys.indices {
            let value = try await self.value(index, of: request, response, as: type, policies)
            found.append(value.map { ($0, response.results[index].value?.cas ?? CAS(rawValue: 0)) })
        }
        return Dictionary(keys, found)
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
        if keys.isEmpty { return [:] }
        let request = MemcachedRequest.many(keys, prefix: keyPrefix, .fetch(.withVersion), for: .items)
        let response = try await perform(request)
        return Dictionary(keys, keys.indices.map { response.item($0, of: request) })
    }
}
