extension MemcachedCommands {
    /// Reads many values: pylibmc's `get_multi`.
    ///
    /// Duplicate keys are fine. Of keys that are different items but equal to Swift, such as the two Unicode spellings
    /// of "é", the result has the first one's value; ``getMultiArray(_:keyPrefix:as:)`` has each one's own. If some
    /// servers fail, their keys are missing from the result and ``onError`` is called; see ``Client/partialFailures``.
    ///
    /// - Parameters:
    ///   - keys: The items' keys.
    ///   - keyPrefix: What to put before each key on the wire. It counts towards a key's length and its hash.
    ///   - type: What to read the values as.
    /// - Returns: The values that were found, under the caller's own keys.
    /// - Throws: `.badKey` before anything is sent, `.deserialization` if a stored value is of another kind, or a
    ///   failure if no server answered.
    @inlinable
    @inline(__always)
    public func getMulti<K: CacheKey, V: Decodable>(
        _ keys: some Sequence<K>,
        keyPrefix: String? = nil,
        as type: V.Type = V.self
    ) throws(MemcachedError) -> [K: V] {
        let keys = Array(keys)
        return Dictionary(keys, try _values(keys, keyPrefix, .getMulti, as: type))
    }

    /// Reads many values into an array: cheaper than a dictionary.
    ///
    /// - Parameters:
    ///   - keys: The items' keys.
    ///   - keyPrefix: What to put before each key on the wire.
    ///   - type: What to read the values as.
    /// - Returns: For each key, in order, its value, or nil on a miss.
    /// - Throws: As ``getMulti(_:keyPrefix:as:)`` does.
    @inlinable
    @inline(__always)
    public func getMultiArray<K: CacheKey, V: Decodable>(
        _ keys: some Sequence<K>,
        keyPrefix: String? = nil,
        as type: V.Type = V.self
    ) throws(MemcachedError) -> [V?] {
        try _values(Array(keys), keyPrefix, .getMultiArray, as: type)
    }

    /// Reads many values together with their versions, for `cas`.
    ///
    /// - Returns: The values that were found and their CAS tokens, under the caller's own keys.
    /// - Throws: As ``getMulti(_:keyPrefix:as:)`` does.
    public func getsMulti<K: CacheKey, V: Decodable>(
        _ keys: some Sequence<K>,
        keyPrefix: String? = nil,
        as type: V.Type = V.self
    ) throws(MemcachedError) -> [K: (value: V, cas: CAS)] {
        let keys = Array(keys)
        if keys.isEmpty { return [:] }
        let request = MemcachedRequest.many(keys, prefix: keyPrefix, .fetch(.withVersion), for: .getsMulti)
        let response = try perform(request)
        let codec = codec
        var found: [(value: V, cas: CAS)?] = []
        found.reserveCapacity(keys.count)
        for index in keys.indices {
            let value = try self.value(index, of: request, in: response, as: type, codec, policies)
            found.append(value.map { ($0, response.results[index].value?.cas ?? CAS(rawValue: 0)) })
        }
        return Dictionary(keys, found)
    }

    /// Reads many items as the servers keep them.
    ///
    /// - Returns: The items that were found, under the caller's own keys.
    /// - Throws: `.badKey` before anything is sent, or a failure if no server answered.
    public func items<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String? = nil
    ) throws(MemcachedError) -> [K: Item] {
        let keys = Array(keys)
        if keys.isEmpty { return [:] }
        let request = MemcachedRequest.many(keys, prefix: keyPrefix, .fetch(.withVersion), for: .items)
        let response = try perform(request)
        return Dictionary(keys, keys.indices.map { response.item($0, of: request) })
    }
}

// MARK: - The types that are read most

extension MemcachedCommands {
    /// Reads many values, each nil if there is none.
    @inlinable
    @inline(__always)
    func _values<K: CacheKey, V: Decodable>(
        _ keys: [K],
        _ prefix: String?,
        _ operation: MemcachedOperation,
        as type: V.Type
    ) throws(MemcachedError) -> [V?] {
        if keys.isEmpty { return [] }
        let request = MemcachedRequest.many(keys, prefix: prefix, .fetch(.init()), for: operation)
        if V.self == [UInt8].self { return recast(try _bytes(request), as: [V?].self) }
        if V.self == String.self { return recast(try _texts(request), as: [V?].self) }
        return try _values(request, as: type)
    }

    @usableFromInline
    func _bytes(_ request: MemcachedRequest) throws(MemcachedError) -> [[UInt8]?] {
        let response = try perform(request)
        let codec = codec
        let isStandard = codec.isStandard
        var values: [[UInt8]?] = []
        values.reserveCapacity(response.results.count)
        for index in 0..<response.results.count {
            if isStandard, case .found(let found) = response.results[index], !found.flags.contains(.zlib) {
                values.append(found.bytes)
            } else {
                values.append(try self.value(index, of: request, in: response, as: [UInt8].self, codec, policies))
            }
        }
        return values
    }

    @usableFromInline
    func _texts(_ request: MemcachedRequest) throws(MemcachedError) -> [String?] {
        try _values(request, as: String.self)
    }

    @usableFromInline
    func _values<V: Decodable>(_ request: MemcachedRequest, as type: V.Type) throws(MemcachedError) -> [V?] {
        let response = try perform(request)
        let codec = codec
        // No closure: generic code would look up its types again in each call of it.
        var values: [V?] = []
        values.reserveCapacity(response.results.count)
        for index in 0..<response.results.count {
            values.append(try self.value(index, of: request, in: response, as: type, codec, policies))
        }
        return values
    }
}
