// Multi-gets of bytes, text and data: for each of them functions of its own, which the compiler specialises here, so
// that each value is made, and put where it belongs, while its bytes are at hand.

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension Client {
    /// Whether values are made while replies come in.
    ///
    /// Not if a partial failure is to be thrown, which carries the items that were found.
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
        // Only with other letters can keys be equal as text and differ as bytes.
        guard _fastPath(list.isASCII) else { return Dictionary(keys, try array(list)) }
        var sink = DictionarySink<W>(keys: keys, reader: NativeReader(client: self, keys: list))
        let run = try fetchMany(list, into: &sink)
        try conclude(run, sink.reader)
        return sink.values
    }

    private final func conclude(_ run: MultiGet?, _ reader: NativeReader) throws(MemcachedError) {
        if let run { try conclude(run, reader.keys) }
        if let error = reader.firstError { try _forgive(error) }
    }
}

/// Makes values of items, and keeps the first error.
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
            note(error, W.self, index, flags)
            return nil
        }
    }

    @inline(never)
    private mutating func inflated(_ bytes: RawSpan, _ index: Int, _ flags: Flags) -> [UInt8]? {
        do throws(MemcachedError) {
            return try client.deflate.inflated(
                bytes,
                flags,
                .standard,
                limit: client.maxInflatedBytes,
                key: keys.callersText(index),
                keys.operation
            )
        } catch {
            firstError = firstError ?? located(error, index)
            return nil
        }
    }

    @inline(never)
    private mutating func note(_ error: ValueFormatError, _ type: Any.Type, _ index: Int, _ flags: Flags) {
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
    /// One for each key, as far as replies have come.
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
