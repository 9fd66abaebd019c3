/// The codec of a ``ValueFormat``: the codec of a client without hooks of its own, for any number of threads.
public final class FormatCodec: ValueCodec, Sendable {
    /// pylibmc's format, without compression unless a call says so.
    public static let standard = FormatCodec()

    /// The library in whose format values are stored and read.
    public let format: ValueFormat
    /// When and how values are compressed unless a call says otherwise.
    public let compression: Compression
    /// The largest size in bytes to which a compressed value is inflated.
    public let maxInflatedBytes: Int
    private let compressors = Compressors()

    /// Makes a codec.
    ///
    /// - Parameters:
    ///   - format: The library in whose format values are stored and read.
    ///   - compression: When and how values are compressed unless a call says otherwise.
    ///   - maxInflatedBytes: The largest size in bytes to which a compressed value is inflated, 64 MiB if not given.
    public init(
        _ format: ValueFormat = .pylibmc,
        compression: Compression = Compression(),
        maxInflatedBytes: Int = 64 << 20
    ) {
        self.format = format
        self.compression = compression
        self.maxInflatedBytes = maxInflatedBytes
    }

    /// Whether the format is pylibmc's.
    public var isStandard: Bool { format.dialect == nil && format.packing == .standard }

    /// Turns a value into bytes, not compressed, and flags.
    public func serialize<V: Encodable>(_ value: V) throws -> Payload { try format.encode(value) }

    /// Turns stored bytes, inflated, into a value.
    public func deserialize<V: Decodable>(_ bytes: RawSpan, flags: Flags, as type: V.Type) throws -> V {
        try format.decode(bytes, flags: flags, as: type)
    }

    /// Compresses a value to be stored, if the call says so or ``compression`` does.
    public func compress(
        _ payload: Payload,
        _ options: StoreOptions,
        for operation: MemcachedOperation
    ) throws(MemcachedError) -> Payload {
        if _fastPath(!options.setsCompression && compression.minLength <= 0) { return payload }
        let chosen = try compression.overridden(
            minLength: options.minCompressLen,
            level: options.compressLevel,
            operation: operation.rawValue
        )
        guard chosen.applies(to: payload.bytes.count) else { return payload }
        return compressors.withOne { $0.compressed(payload, chosen, format.packing) }
    }

    /// Inflates a stored value if it is compressed; the flags then don't say so any more.
    public func inflate(
        _ value: MemcachedResponse.Value,
        for operation: MemcachedOperation,
        key: @autoclosure () -> String
    ) throws(MemcachedError) -> MemcachedResponse.Value {
        guard _slowPath(format.packing.isPacked(value.flags)) else { return value }
        let key = key()
        return try compressors.withOne { deflate throws(MemcachedError) in
            try deflate.inflated(value, format.packing, limit: maxInflatedBytes, key: key, operation)
        }
    }
}

/// Compressors shared by all threads; each takes a few hundred kilobytes, and some time to make.
private final class Compressors: Sendable {
    private static let mostSpare = 4
    private let spare = Monitor<[Transfer<Deflate>]>([])

    func withOne<R, E: Error>(_ body: (Deflate) throws(E) -> R) throws(E) -> R {
        let deflate = spare.withLock { $0.popLast() } ?? Transfer(Deflate())
        defer { spare.withLock { if $0.count < Self.mostSpare { $0.append(deflate) } } }
        return try body(deflate.object)
    }
}

extension Deflate {
    /// The payload in compressed form, if that is shorter.
    func compressed(_ payload: Payload, _ compression: Compression, _ packing: Packing) -> Payload {
        payload.bytes.withRawSpan { bytes in
            withCompressed(bytes, flags: payload.flags, compression, packing: packing) { bytes, flags in
                flags == payload.flags ? payload : Payload(bytes: Array(copying: bytes), flags: flags)
            }
        }
    }

    /// The value in inflated form.
    func inflated(
        _ value: MemcachedResponse.Value,
        _ packing: Packing,
        limit: Int,
        key: @autoclosure () -> String,
        _ operation: Operation
    ) throws(MemcachedError) -> MemcachedResponse.Value {
        let bytes = try value.withBytes { bytes throws(MemcachedError) in
            try inflated(bytes, flags: value.flags, packing, limit: limit, key: key(), for: operation)
        }
        return value.with(bytes: bytes, flags: packing.unpacked(value.flags))
    }
}

extension MemcachedError {
    /// The error for a value that can't be stored.
    init(storing type: Any.Type, _ operation: Operation, underlying: any Error) {
        self.init(
            code: .serialization,
            operation: operation,
            detail: "the value, a \(type), can't be serialized",
            underlying: underlying
        )
    }
}
