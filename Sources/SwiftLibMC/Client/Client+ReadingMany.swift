#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension Client {
    /// Reads many values: pylibmc's `get_multi`.
    ///
    /// Duplicate keys are fine. Of keys that Swift takes for equal though their bytes differ, such as the two spellings
    /// of "é", the first one alone is in the result, if it was found; ``getMultiArray(_:keyPrefix:as:)`` has them all.
    ///
    /// If some servers fail, their keys are missing from the result and ``onError`` hears of it; see
    /// ``partialFailures``.
    ///
    /// - Parameters:
    ///   - keys: The items' keys.
    ///   - keyPrefix: What to put before each key on the wire. It counts to a key's length and to its hash.
    ///   - type: What to read the values as.
    /// - Returns: The values that were found, under the caller's own keys.
    /// - Throws: `.badKey` before anything is sent, `.deserialization` if a stored value is of another kind, or a
    ///   failure if no server answered.
    @inlinable
    public final func getMulti<K: CacheKey, V: Decodable>(
        _ keys: some Sequence<K>,
        keyPrefix: String? = nil,
        as type: V.Type = V.self
    ) throws(MemcachedError) -> [K: V] {
        let keys = Array(keys)
        if K.self == String.self, _readsNatively {
            let keys = recast(keys, as: [String].self)
            if V.self == [UInt8].self { return recast(try _bytesByKey(keys, keyPrefix), as: [K: V].self) }
            if V.self == String.self { return recast(try _stringsByKey(keys, keyPrefix), as: [K: V].self) }
            if V.self == Data.self { return recast(try _dataByKey(keys, keyPrefix), as: [K: V].self) }
        }
        return Dictionary(keys, try _valuesInOrder(keys, keyPrefix, .getMulti, as: type))
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
    public final func getMultiArray<K: CacheKey, V: Decodable>(
        _ keys: some Sequence<K>,
        keyPrefix: String? = nil,
        as type: V.Type = V.self
    ) throws(MemcachedError) -> [V?] {
        try _valuesInOrder(Array(keys), keyPrefix, .getMultiArray, as: type)
    }
}

// MARK: - The way of the keys

extension Client {
    @inlinable
    final func _keyList<K: CacheKey>(
        _ keys: [K],
        _ prefix: String?,
        _ operation: Operation
    ) throws(MemcachedError) -> KeyList {
        if K.self == String.self { return try _stringKeyList(recast(keys, as: [String].self), prefix, operation) }
        return try _keyList(keys, keys.count, prefix, operation)
    }

    @inlinable
    final func _keyList<K: CacheKey>(
        _ keys: some Sequence<K>,
        _ count: Int,
        _ prefix: String?,
        _ operation: Operation
    ) throws(MemcachedError) -> KeyList {
        let list = _emptyKeyList(prefix, operation, count)
        for key in keys {
            try key.withKeyBytes { key, routing throws(MemcachedError) in
                if K.isGrouped { try list.append(key, route: routing) } else { try list.append(key) }
            }
        }
        return list
    }

    @usableFromInline
    final func _emptyKeyList(_ prefix: String?, _ operation: Operation, _ count: Int) -> KeyList {
        KeyList(operation, rules: handle.traits.keyRules, prefix: prefix, count: count)
    }

    @usableFromInline
    final func _stringKeyList(
        _ keys: [String],
        _ prefix: String?,
        _ operation: Operation
    ) throws(MemcachedError) -> KeyList {
        let list = _emptyKeyList(prefix, operation, keys.count)
        try list.append(contentsOf: keys)
        return list
    }

    /// Reads the values of keys, in their order, each nil on a miss.
    @inlinable
    final func _valuesInOrder<K: CacheKey, V: Decodable>(
        _ keys: [K],
        _ prefix: String?,
        _ operation: Operation,
        as type: V.Type
    ) throws(MemcachedError) -> [V?] {
        if _readsNatively {
            if V.self == [UInt8].self {
                return recast(try _bytes(try _keyList(keys, prefix, operation)), as: [V?].self)
            }
            if V.self == String.self {
                return recast(try _strings(try _keyList(keys, prefix, operation)), as: [V?].self)
            }
            if V.self == Data.self { return recast(try _data(try _keyList(keys, prefix, operation)), as: [V?].self) }
        }
        return try _values(keys, prefix, operation, as: type)
    }

    /// Ends a multi-get during which some servers or keys failed.
    final func conclude(_ run: MultiGet, _ keys: KeyList) throws(MemcachedError) {
        try conclude(run.failures, run.keyFailures, keys) { !run.found[$0] }
    }

    /// Runs a multi-get; nil if there is nothing to ask for.
    final func fetchMany(_ keys: KeyList, into sink: inout some ItemSink) throws(MemcachedError) -> MultiGet? {
        if keys.isEmpty { return nil }
        try handle.refuseReadsOverUDP(keys)
        var run = MultiGet(keys, on: handle, for: keys.operation, withCAS: false)
        try run.run(into: &sink)
        return run
    }
}
