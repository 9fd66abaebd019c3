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
        var found = [K: V](minimumCapacity: keys.count)
        try _each(try _keyList(keys, keyPrefix, .getMulti), as: type) { index, value in found[keys[index]] = value }
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
        let keys = Array(keys)
        var values = [V?](repeating: nil, count: keys.count)
        try _each(try _keyList(keys, keyPrefix, .getMultiArray), as: type) { index, value in values[index] = value }
        return values
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
        let items = try fetchItems(try _keyList(keys, keyPrefix, .getsMulti))
        var found: [K: (value: V, cas: CAS)] = [:]
        for (key, item) in zip(keys, items) {
            guard let item, let value = try decodeIfReadable(item, .getsMulti, as: type) else { continue }
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
        let items = try fetchItems(try _keyList(keys, keyPrefix, .items))
        var found: [K: Item] = [:]
        for (key, item) in zip(keys, items) { found[key] = K.isGrouped ? item?.grouped(by: key) : item }
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
        let list = _emptyKeyList(prefix, operation, keys.count)
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

    /// Hands each value that is found to `deliver`, with the index of its key.
    @inlinable
    final func _each<V: Decodable>(
        _ keys: KeyList,
        as type: V.Type,
        _ deliver: (Int, consuming V) -> Void
    ) throws(MemcachedError) {
        if _readsNatively {
            if V.self == [UInt8].self {
                return try _eachNative(keys, as: [UInt8].self) { deliver($0, recast($1, as: V.self)) }
            } else if V.self == String.self {
                return try _eachNative(keys, as: String.self) { deliver($0, recast($1, as: V.self)) }
            } else if V.self == Data.self {
                return try _eachNative(keys, as: Data.self) { deliver($0, recast($1, as: V.self)) }
            }
        }
        try _eachThroughHooks(keys, as: type, deliver)
    }

    /// Reads values of a native type, each made while its bytes are at hand.
    @inlinable
    @inline(__always)
    final func _eachNative<W: WireValue>(
        _ keys: KeyList,
        as type: W.Type,
        _ deliver: (Int, consuming W) -> Void
    ) throws(MemcachedError) {
        var firstError: MemcachedError?
        try _fetch(keys) { batch in
            batch.forEach { entry, bytes in
                do throws(ValueFormatError) {
                    guard _slowPath(entry.flags.contains(.zlib)) else {
                        return deliver(entry.index, try W(wire: bytes, flags: entry.flags))
                    }
                    switch _inflated(bytes, entry, keys) {
                    case .success(let bytes):
                        let flags = entry.flags.subtracting(.zlib)
                        deliver(
                            entry.index,
                            try bytes.withRawSpan { bytes throws(ValueFormatError) in
                                try W(wire: bytes, flags: flags)
                            }
                        )
                    case .failure(let error):
                        firstError = firstError ?? error
                    }
                } catch {
                    firstError = firstError ?? _unreadable(error, type, entry, keys)
                }
            }
        }
        if let firstError { try _forgive(firstError) }
    }

    /// Whether values are made while replies come in.
    ///
    /// Not if a partial failure is to be thrown, which carries the items that were found.
    @usableFromInline
    final var _readsNatively: Bool { bypassesHooks && partialFailures == .reported }

    @usableFromInline
    final func _inflated(
        _ bytes: RawSpan,
        _ entry: FetchedBatch.Entry,
        _ keys: KeyList
    ) -> Result<[UInt8], MemcachedError> {
        Result { () throws(MemcachedError) in
            let key = keys.callersText(entry.index)
            return try deflate.inflated(
                bytes,
                entry.flags,
                .standard,
                limit: maxInflatedBytes,
                key: key,
                keys.operation
            )
        }
    }

    @usableFromInline
    final func _unreadable(
        _ error: ValueFormatError,
        _ type: Any.Type,
        _ entry: FetchedBatch.Entry,
        _ keys: KeyList
    ) -> MemcachedError {
        MemcachedError(
            reading: type,
            flags: entry.flags,
            key: keys.callersText(entry.index),
            keys.operation,
            underlying: error
        )
    }

    @usableFromInline
    final func _fetch(_ keys: KeyList, _ deliver: MultiGet.Delivery) throws(MemcachedError) {
        guard let run = try fetchMany(keys, deliver) else { return }
        try conclude(run.failures, keys) { !run.found[$0] }
    }

    /// Runs a multi-get; nil if there is nothing to ask for.
    private final func fetchMany(
        _ keys: KeyList,
        _ deliver: MultiGet.Delivery
    ) throws(MemcachedError) -> MultiGet? {
        if keys.isEmpty { return nil }
        try handle.refuseReadsOverUDP(keys)
        let withCAS = keys.operation == .getsMulti || keys.operation == .items
        var run = MultiGet(keys, on: handle, for: keys.operation, withCAS: withCAS)
        try run.run(deliver)
        return run
    }
}

// MARK: - Through the hooks

extension Client {
    @usableFromInline
    final func _eachThroughHooks<V: Decodable>(
        _ keys: KeyList,
        as type: V.Type,
        _ deliver: (Int, consuming V) -> Void
    ) throws(MemcachedError) {
        for (index, item) in try fetchItems(keys).enumerated() {
            guard let item, let value = try decodeIfReadable(item, keys.operation, as: type) else { continue }
            deliver(index, value)
        }
    }

    /// Fetches all items before any hook runs, so that a hook may use the client.
    final func fetchItems(_ keys: KeyList) throws(MemcachedError) -> [Item?] {
        var items = [Item?](repeating: nil, count: keys.count)
        let run = try fetchMany(keys) { batch in
            batch.forEach { entry, bytes in
                items[entry.index] = Item(
                    key: keys.callersBytes(entry.index),
                    bytes: Array(copying: bytes),
                    flags: entry.flags,
                    cas: entry.cas
                )
            }
        }
        if let run { try conclude(run.failures, keys, items: items.compactMap(\.self)) { !run.found[$0] } }
        return items
    }
}
