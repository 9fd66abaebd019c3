// The inlinable functions test for the native types of values and continue in functions that are compiled once: generic
// code that the caller's compiler can't specialise would cost more than the rest of a call.

extension MemcachedCommands {
    /// Reads a value: pylibmc's `get`.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - type: What to read the value as. Bytes are always available.
    /// - Returns: The value, or nil on a miss.
    /// - Throws: `.badKey`, `.deserialization` if the stored value is of another kind, or a failure of the server.
    @inlinable
    @inline(__always)
    public func get<K: CacheKey, V: Decodable>(_ key: K, as type: V.Type = V.self) throws(MemcachedError) -> V? {
        let key = MemcachedRequest.Key(key)
        if V.self == [UInt8].self { return recast(try _bytes(key), as: V?.self) }
        if V.self == String.self { return recast(try _text(key), as: V?.self) }
        return try _value(key, as: type)
    }

    /// Reads a value, or gives another one on a miss: pylibmc's `get(key, default)`.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - type: What to read the value as.
    ///   - default: What to return on a miss.
    /// - Returns: The value, or `default` on a miss.
    /// - Throws: `.badKey`, `.deserialization` if the stored value is of another kind, or a failure of the server.
    public func get<K: CacheKey, V: Decodable>(
        _ key: K,
        as type: V.Type = V.self,
        default: @autoclosure () -> V
    ) throws(MemcachedError) -> V {
        do throws(MemcachedError) {
            return try get(key, as: type) ?? `default`()
        } catch {
            if error.code == .noValue { return `default`() }
            throw error
        }
    }

    /// Reads a value together with its version, for `cas`: pylibmc's `gets`.
    ///
    /// A ``Client`` with ``Client/cacheCAS`` remembers the version.
    ///
    /// - Returns: The value and its CAS token, or nil on a miss.
    /// - Throws: `.badKey`, `.deserialization` if the stored value is of another kind, or a failure of the server.
    public func gets<K: CacheKey, V: Decodable>(
        _ key: K,
        as type: V.Type = V.self
    ) throws(MemcachedError) -> (value: V, cas: CAS)? {
        let request = MemcachedRequest.one(key, .fetch(.withVersion), for: .gets)
        let response = try perform(request)
        guard let value = try self.value(0, of: request, in: response, as: type, codec, policies) else { return nil }
        return (value, response.results[0].value?.cas ?? CAS(rawValue: 0))
    }

    /// Reads a value, and sets when the item expires, so that items in use stay: pymemcache's `gat`.
    ///
    /// A hit takes two round trips, one of `touch` and one of `get`, since libmemcached can't send the command.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - time: When the item is to expire from now on.
    ///   - type: What to read the value as.
    /// - Returns: The value, or nil on a miss.
    /// - Throws: `.badKey`, `.deserialization` if the stored value is of another kind, or a failure of the server; the
    ///   item may then have been touched.
    public func gat<K: CacheKey, V: Decodable>(
        _ key: K,
        time: Expiration,
        as type: V.Type = V.self
    ) throws(MemcachedError) -> V? {
        let request = MemcachedRequest.one(key, .fetch(.init(touching: time)), for: .gat)
        return try value(0, of: request, in: perform(request), as: type, codec, policies)
    }

    /// Lends the bytes of a value, inflated.
    ///
    /// The body may use the cache. Its own errors pass through unchanged.
    ///
    /// - Returns: What `body` returns, or nil on a miss.
    /// - Throws: `.badKey`, `.deserialization` if a compressed value is corrupt, a failure of the server, or what
    ///   `body` throws.
    public func withBytes<K: CacheKey, R>(_ key: K, _ body: (RawSpan) throws -> R) throws -> R? {
        let request = MemcachedRequest.one(key, .fetch(.init()), for: .withBytes)
        let response = try perform(request)
        let value: MemcachedResponse.Value?
        do throws(MemcachedError) {
            value = try response.inflated(0, of: request, codec, policies)
        } catch {
            try policies.forgive(located(error, 0, of: request, response))
            return nil
        }
        return try value?.withBytes(body)
    }

    /// Reads an item as the server keeps it, with flags and version.
    ///
    /// - Returns: The item, or nil on a miss.
    /// - Throws: `.badKey` or a failure of the server.
    public func item<K: CacheKey>(_ key: K) throws(MemcachedError) -> Item? {
        let request = MemcachedRequest.one(key, .fetch(.withVersion), for: .item)
        let response = try perform(request)
        if let item = response.item(0, of: request) { return item }
        try policies.miss(response.results[0], of: request)
        return nil
    }

    /// Reads the value of an item in the cache's own format: for a ``Client`` by its
    /// ``Client/deserialize(_:flags:as:)``.
    ///
    /// - Throws: `.deserialization` if the value is of another kind, corrupt, or too large inflated; `.notFound` if
    ///   the format calls it a miss.
    public func decode<V: Decodable>(_ item: Item, as type: V.Type = V.self) throws(MemcachedError) -> V {
        guard let value = try codec.decode(item.stored, as: type, for: .decode, key: item.keyText) else {
            throw MemcachedRequest.one(item.cacheKey, .ping, for: .decode).decodesToNothing
        }
        return value
    }

    /// Whether an item exists: pylibmc's `in`.
    ///
    /// It has no effect on the item.
    ///
    /// - Throws: `.badKey` or a failure of the server.
    public func contains<K: CacheKey>(_ key: K) throws(MemcachedError) -> Bool {
        try perform(.one(key, .fetch(.existence), for: .contains)).results[0].succeeded
    }
}

// MARK: - The types that are read most

extension MemcachedCommands {
    @usableFromInline
    func _bytes(_ key: MemcachedRequest.Key) throws(MemcachedError) -> [UInt8]? {
        let request = MemcachedRequest(.get, keys: .init(.one(key)), .fetch(.init()))
        let response = try performInline(request)
        if case .one(.found(let found)) = response.results, case .own(let bytes) = found.storage {
            if _fastPath(!found.flags.contains(.zlib)), codec.isStandard { return bytes }
        }
        return try self.value(0, of: request, in: response, as: [UInt8].self, codec, policies)
    }

    @usableFromInline
    func _text(_ key: MemcachedRequest.Key) throws(MemcachedError) -> String? {
        let request = MemcachedRequest(.get, keys: .init(.one(key)), .fetch(.init()))
        let response = try performInline(request)
        if case .one(.found(let found)) = response.results, case .own(let bytes) = found.storage {
            if _fastPath(found.flags == .text), codec.isStandard,
                let text = bytes.withRawSpan({ String(validating: $0) })
            {
                return text
            }
        }
        return try self.value(0, of: request, in: response, as: String.self, codec, policies)
    }

    @usableFromInline
    func _value<V: Decodable>(_ key: MemcachedRequest.Key, as type: V.Type) throws(MemcachedError) -> V? {
        let request = MemcachedRequest(.get, keys: .init(.one(key)), .fetch(.init()))
        return try value(0, of: request, in: perform(request), as: type, codec, policies)
    }
}
