#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension Client {
    /// Reads many values: pylibmc's `get_multi`.
    ///
    /// Duplicate keys are fine. Of keys that are equal to Swift though their bytes differ, such as the two spellings of
    /// "é", only the first one is in the result, if it was found; ``getMultiArray(_:keyPrefix:as:)`` has them all.
    ///
    /// If some servers fail, their keys are missing from the result and ``onError`` is told of it; see
    /// ``partialFailures``.
    ///
    /// - Parameters:
    ///   - keys: The items' keys.
    ///   - keyPrefix: What to put before each key on the wire. It counts towards a key's length and its hash.
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

// MARK: - From keys to a list

extension Client {
    @inlinable
    final func _keyList<K: CacheKey>(
        _ keys: [K],
        prefix: String?,
        for operation: Operation
    ) throws(MemcachedError) -> KeyList {
        if K.self == String.self { return try _stringKeyList(recast(keys, as: [String].self), prefix, operation) }
        return try _keyList(keys, count: keys.count, prefix: prefix, for: operation)
    }

    @inlinable
    final func _keyList<K: CacheKey>(
        _ keys: some Sequence<K>,
        count: Int,
        prefix: String?,
        for operation: Operation
    ) throws(MemcachedError) -> KeyList {
        let list = _emptyKeyList(prefix, operation, count)
        for key in keys {
            try key.withKeyBytes { key, routing throws(MemcachedError) in
                if K.isGrouped { try list.append(key, route: routing) } else { try list.append(key) }
            }
        }
        try _detectProtocols(of: list)
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
        try handle.detectProtocols(of: list)
        return list
    }

    @usableFromInline
    final func _detectProtocols(of keys: KeyList) throws(MemcachedError) { try handle.detectProtocols(of: keys) }

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
                return recast(try _bytes(try _keyList(keys, prefix: prefix, for: operation)), as: [V?].self)
            }
            if V.self == String.self {
                return recast(try _strings(try _keyList(keys, prefix: prefix, for: operation)), as: [V?].self)
            }
            if V.self == Data.self {
                return recast(try _data(try _keyList(keys, prefix: prefix, for: operation)), as: [V?].self)
            }
        }
        return try _values(keys, prefix, operation, as: type)
    }

    /// Runs a multi-get; nil if there are no keys to ask for.
    final func fetchMany(_ keys: KeyList, into sink: inout some ItemSink) throws(MemcachedError) -> MultiGet? {
        if keys.isEmpty { return nil }
        var run = MultiGet(keys, on: handle, withCAS: false)
        try run.run(into: &sink)
        return run
    }
}

// Multi-gets of bytes, text and data: for each of them functions of its own, which the compiler specialises here, so
// that each value is made, and put where it belongs, while its bytes are at hand.

extension Client {
    /// Whether values are made while replies arrive.
    ///
    /// They are not if a partial failure has to be thrown, because it carries the items that were found.
    @usableFromInline
    final var _readsNatively: Bool { bypassesHooks && partialFailures == .reported }

    @usableFromInline
    final func _bytes(_ keys: KeyList) throws(MemcachedError) -> [[UInt8]?] { try array(keys) }

    @usableFromInline
    final func _strings(_ keys: KeyList) throws(MemcachedError) -> [String?] { try array(keys) }

    @usableFromInline
    final func _data(_ keys: KeyList) throws(MemcachedError) -> [Data?] { try array(keys) }

    @usableFromInline
    final func _bytesByKey(_ keys: [String], _ prefix: String?) throws(MemcachedError) -> [String: [UInt8]] {
        try dictionary(keys, prefix)
    }

    @usableFromInline
    final func _stringsByKey(_ keys: [String], _ prefix: String?) throws(MemcachedError) -> [String: String] {
        try dictionary(keys, prefix)
    }

    @usableFromInline
    final func _dataByKey(_ keys: [String], _ prefix: String?) throws(MemcachedError) -> [String: Data] {
        try dictionary(keys, prefix)
    }

    @inline(__always)
    private final func array<W: WireValue>(_ keys: KeyList) throws(MemcachedError) -> [W?] {
        var sink = ArraySink<W>(reader: NativeReader(client: self, keys: keys))
        let run = try fetchMany(keys, into: &sink)
        try conclude(run, sink.reader)
        return sink.finish()
    }

    @inline(__always)
    private final func dictionary<W: WireValue>(
        _ keys: [String],
        _ prefix: String?
    ) throws(MemcachedError) -> [String: W] {
        let list = try _stringKeyList(keys, prefix, .getMulti)
        // Only keys with non-ASCII characters can be equal as text and differ as bytes.
        guard _fastPath(list.isASCII) else { return Dictionary(keys, try array(list)) }
        var sink = DictionarySink<W>(keys: keys, reader: NativeReader(client: self, keys: list))
        let run = try fetchMany(list, into: &sink)
        try conclude(run, sink.reader)
        return sink.values
    }

    private final func conclude(_ run: MultiGet?, _ reader: NativeReader) throws(MemcachedError) {
        if let run { try conclude(run.failures, run.keyFailures, reader.keys) { !run.found[$0] } }
        if let error = reader.firstError { try forgiving(error, ()) }
    }
}

/// Makes values from items, and keeps the first error.
private struct NativeReader {
    let client: Client
    let keys: KeyList
    private(set) var firstError: MemcachedError?

    init(client: Client, keys: KeyList) {
        self.client = client
        self.keys = keys
    }

    @inline(__always)
    mutating func value<W: WireValue>(of bytes: RawSpan, _ index: Int, _ flags: Flags) -> W? {
        do throws(ValueFormatError) {
            if _fastPath(!flags.contains(.zlib)) { return try W(wire: bytes, flags: flags) }
            guard let bytes = inflated(bytes, index, flags) else { return nil }
            return try bytes.withRawSpan { bytes throws(ValueFormatError) in
                try W(wire: bytes, flags: flags.subtracting(.zlib))
            }
        } catch {
            note(error, reading: W.self, index, flags: flags)
            return nil
        }
    }

    @inline(never)
    private mutating func inflated(_ bytes: RawSpan, _ index: Int, _ flags: Flags) -> [UInt8]? {
        do throws(MemcachedError) {
            return try client.deflate.inflated(
                bytes,
                flags: flags,
                .standard,
                limit: client.maxInflatedBytes,
                key: keys.callersText(index),
                for: keys.operation
            )
        } catch {
            firstError = firstError ?? located(error, index)
            return nil
        }
    }

    @inline(never)
    private mutating func note(_ error: ValueFormatError, reading type: Any.Type, _ index: Int, flags: Flags) {
        let key = keys.callersText(index)
        let error = MemcachedError(reading: type, flags: flags, key: key, keys.operation, underlying: error)
        firstError = firstError ?? located(error, index)
    }

    private func located(_ error: MemcachedError, _ index: Int) -> MemcachedError {
        keys.withKey(index) { _, routing in client.handle.located(error, routing) }
    }
}

/// Collects values in the order of their keys.
private struct ArraySink<W: WireValue>: ItemSink {
    var reader: NativeReader
    /// One for each key, as far as replies have arrived.
    private var values: [W?] = []

    init(reader: NativeReader) {
        self.reader = reader
        values.reserveCapacity(reader.keys.count)
    }

    @inline(__always)
    mutating func take(_ bytes: RawSpan, of index: Int, flags: Flags, cas: CAS) {
        guard let value: W = reader.value(of: bytes, index, flags) else { return }
        // Replies come nearly in order, so that most values have their place at the end.
        if _slowPath(index < values.count) { return values[index] = value }
        fill(upTo: index)
        values.append(consume value)
    }

    /// All values, nil where there is none.
    mutating func finish() -> [W?] {
        fill(upTo: reader.keys.count)
        return values
    }

    @inline(__always)
    private mutating func fill(upTo end: Int) {
        while values.count < end { values.append(nil) }
    }
}

/// Collects values under their keys.
private struct DictionarySink<W: WireValue>: ItemSink {
    let keys: [String]
    var reader: NativeReader
    var values: [String: W]

    init(keys: [String], reader: NativeReader) {
        self.keys = keys
        self.reader = reader
        values = Dictionary(minimumCapacity: keys.count)
    }

    @inline(__always)
    mutating func take(_ bytes: RawSpan, of index: Int, flags: Flags, cas: CAS) {
        guard let value: W = reader.value(of: bytes, index, flags) else { return }
        values[keys[index]] = consume value
    }
}
