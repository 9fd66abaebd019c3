#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension Client {
    /// Reads many values: pylibmc's `get_multi`.
    ///
    /// Duplicate keys are fine. If some servers fail, their keys are missing from the result and ``onError`` hears of
    /// it; see ``partialFailures``.
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
        let values = try _values(try _keyList(keys, keyPrefix, .getMulti), as: type)
        var found = [K: V](minimumCapacity: keys.count)
        for (key, value) in zip(keys, values) {
            if let value { found[key] = value }
        }
        return found
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
        try _values(try _keyList(Array(keys), keyPrefix, .getMultiArray), as: type)
    }

    /// Reads many values together with their versions, for `cas`.
    ///
    /// - Returns: The values that were found and their CAS tokens, under the caller's own keys.
    /// - Throws: As ``getMulti(_:keyPrefix:as:)`` does.
    public final func getsMulti<K: CacheKey, V: Decodable>(
        _ keys: some Sequence<K>,
        keyPrefix: String? = nil,
        as type: V.Type = V.self
    ) throws(MemcachedError) -> [K: (value: V, cas: CAS)] {
        let keys = Array(keys)
        let items = try fetchItems(try _keyList(keys, keyPrefix, .getsMulti), .getsMulti)
        var found: [K: (value: V, cas: CAS)] = [:]
        for (key, item) in zip(keys, items) {
            guard let item, let value = try decodeUnlessMiss(item, .getsMulti, as: type) else { continue }
            found[key] = (value, item.cas)
        }
        return found
    }

    /// Reads many items as the servers keep them.
    ///
    /// - Returns: The items that were found, under the caller's own keys.
    /// - Throws: `.badKey` before anything is sent, or a failure if no server answered.
    public final func items<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String? = nil
    ) throws(MemcachedError) -> [K: Item] {
        let keys = Array(keys)
        let items = try fetchItems(try _keyList(keys, keyPrefix, .items), .items)
        var found: [K: Item] = [:]
        for (key, item) in zip(keys, items) { found[key] = item }
        return found
    }
}

// MARK: - One function for each native type

extension Client {
    @inlinable
    final func _keyList<K: CacheKey>(
        _ keys: [K],
        _ prefix: String?,
        _ operation: Operation
    ) throws(MemcachedError) -> KeyList {
        var list = _emptyKeyList(prefix, operation)
        list.reserve(keys.count)
        for key in keys {
            try key.withKeyBytes { key, routing throws(MemcachedError) in
                if K.isGrouped { try list.append(key, route: routing) } else { try list.append(key) }
            }
        }
        return list
    }

    @usableFromInline
    final func _emptyKeyList(_ prefix: String?, _ operation: Operation) -> KeyList {
        KeyList(operation, rules: handle.traits.keyRules, prefix: prefix)
    }

    /// The values of the keys, in order.
    @inlinable
    final func _values<V: Decodable>(_ keys: KeyList, as type: V.Type) throws(MemcachedError) -> [V?] {
        if bypassesHooks {
            if V.self == [UInt8].self { return recast(try _manyBytes(keys), as: [V?].self) }
            if V.self == String.self { return recast(try _manyStrings(keys), as: [V?].self) }
            if V.self == Data.self { return recast(try _manyData(keys), as: [V?].self) }
        }
        return try _manyValues(keys, as: type)
    }

    @usableFromInline
    final func _manyBytes(_ keys: KeyList) throws(MemcachedError) -> [[UInt8]?] {
        try manyNative(keys) { bytes, _ in Array(copying: bytes) }
    }

    @usableFromInline
    final func _manyData(_ keys: KeyList) throws(MemcachedError) -> [Data?] {
        try manyNative(keys) { bytes, _ in Data(copying: bytes) }
    }

    @usableFromInline
    final func _manyStrings(_ keys: KeyList) throws(MemcachedError) -> [String?] {
        try manyNative(keys) { bytes, flags throws(ValueFormatError) in try String(wire: bytes, flags: flags) }
    }

    /// Reads values of a native type, each made while its bytes are at hand.
    @inline(__always)
    private final func manyNative<V>(
        _ keys: KeyList,
        _ make: (RawSpan, Flags) throws(ValueFormatError) -> V
    ) throws(MemcachedError) -> [V?] {
        var values = [V?](repeating: nil, count: keys.count)
        var firstError: MemcachedError?
        let failures = try fetchMany(keys) { index, bytes, flags, _ in
            do throws(MemcachedError) {
                guard _slowPath(flags.contains(.zlib)) else {
                    return values[index] = try reading(V.self, flags, keys, index) { () throws(ValueFormatError) in
                        try make(bytes, flags)
                    }
                }
                let inflated = try deflate.inflated(
                    bytes,
                    limit: maxInflatedBytes,
                    key: keys.callersText(index),
                    keys.operation
                )
                let plain = flags.subtracting(.zlib)
                values[index] = try reading(V.self, plain, keys, index) { () throws(ValueFormatError) in
                    try inflated.withRawSpan { bytes throws(ValueFormatError) in try make(bytes, plain) }
                }
            } catch {
                firstError = firstError ?? error
            }
        }
        try conclude(failures, keys) { index in values[index] == nil }
        if let firstError { throw firstError }
        return values
    }

    @inline(__always)
    private final func reading<V>(
        _ type: V.Type,
        _ flags: Flags,
        _ keys: KeyList,
        _ index: Int,
        _ body: () throws(ValueFormatError) -> V
    ) throws(MemcachedError) -> V {
        do {
            return try body()
        } catch {
            throw MemcachedError(
                reading: type,
                flags: flags,
                key: keys.callersText(index),
                keys.operation,
                underlying: error
            )
        }
    }
}

// MARK: - Through the hooks

extension Client {
    @usableFromInline
    final func _manyValues<V: Decodable>(_ keys: KeyList, as type: V.Type) throws(MemcachedError) -> [V?] {
        var values: [V?] = []
        values.reserveCapacity(keys.count)
        for item in try fetchItems(keys, keys.operation) {
            let value = try item.flatMap { item throws(MemcachedError) in
                try decodeUnlessMiss(item, keys.operation, as: type)
            }
            values.append(value)
        }
        return values
    }

    /// Fetches all items before any hook runs, so that a hook may use the client.
    final func fetchItems(_ keys: KeyList, _ operation: Operation) throws(MemcachedError) -> [Item?] {
        var items = [Item?](repeating: nil, count: keys.count)
        let failures = try fetchMany(keys) { index, bytes, flags, cas in
            items[index] = Item(
                key: keys.callersBytes(index),
                bytes: Array(copying: bytes),
                flags: flags,
                cas: cas
            )
        }
        try conclude(failures, keys, items: items.compactMap(\.self)) { index in items[index] == nil }
        return items
    }

    @inline(__always)
    private final func fetchMany(
        _ keys: KeyList,
        _ deliver: MultiGet.Delivery
    ) throws(MemcachedError) -> [Int: MemcachedError] {
        if keys.isEmpty { return [:] }
        try handle.refuseReadsOverUDP(keys)
        let withCAS = keys.operation == .getsMulti || keys.operation == .items
        var run = MultiGet(keys, on: handle, for: keys.operation, withCAS: withCAS)
        try run.run(deliver)
        return run.failures
    }
}
