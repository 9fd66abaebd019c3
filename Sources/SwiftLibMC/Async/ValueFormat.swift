/// How the values of an asynchronous client are converted.
///
/// Those in the standard format are converted by the tasks themselves, all at the same time. A class with a format of its
/// own does that on its thread, because it belongs there.
struct ValueFormat: Sendable {
    /// Whether the tasks can do it themselves.
    let isStandard: Bool
    private let compression: Compression
    private let maxInflatedBytes: Int
    private let deflates = DeflateStore()

    init(of client: Client) {
        isStandard = client.bypassesHooks
        compression = client.compression
        maxInflatedBytes = client.maxInflatedBytes
    }

    /// Makes what is stored of a value.
    func encode<V: Encodable>(
        _ value: V,
        _ options: StoreOptions,
        _ operation: Operation
    ) throws(MemcachedError) -> Payload {
        let payload: Payload
        do {
            payload = try StandardFormat.encode(value)
        } catch {
            throw MemcachedError(storing: V.self, operation, underlying: error)
        }
        let compression = try compression.overridden(
            minLength: options.minCompressLen,
            level: options.compressLevel,
            operation: operation.rawValue
        )
        return compression.applies(to: payload.bytes.count)
            ? deflates.withDeflate { $0.compressed(payload, compression) } : payload
    }

    /// Makes a value of what is stored.
    func decode<V: Decodable>(
        _ payload: Payload,
        as type: V.Type,
        key: @autoclosure () -> String?,
        _ operation: Operation
    ) throws(MemcachedError) -> V {
        var payload = payload
        if payload.flags.contains(.zlib) {
            let bytes = payload.bytes
            payload.flags.subtract(.zlib)
            payload.bytes = try deflates.withDeflate { deflate throws(MemcachedError) in
                try bytes.withRawSpan { bytes throws(MemcachedError) in
                    try deflate.inflated(bytes, limit: maxInflatedBytes, key: key() ?? "", operation)
                }
            }
        }
        if V.self == [UInt8].self { return recast(payload.bytes, as: V.self) }
        do {
            return try payload.bytes.withRawSpan { try StandardFormat.decode($0, flags: payload.flags, as: type) }
        } catch {
            throw MemcachedError(
                reading: type,
                flags: payload.flags,
                key: key(),
                operation,
                underlying: error
            )
        }
    }
}

extension Deflate {
    /// The payload in compressed form, if that is shorter.
    func compressed(_ payload: Payload, _ compression: Compression) -> Payload {
        payload.bytes.withRawSpan { bytes in
            withCompressed(bytes, payload.flags, compression) { bytes, flags in
                flags == payload.flags ? payload : Payload(bytes: Array(copying: bytes), flags: flags)
            }
        }
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

/// Compressors for whichever task needs one; each takes a few hundred kilobytes, and some time to make.
private final class DeflateStore: Sendable {
    private static let largestCount = 4
    private let spare = Monitor<[Parked<Deflate>]>([])

    func withDeflate<R, E: Error>(_ body: (Deflate) throws(E) -> R) throws(E) -> R {
        let deflate = spare.withLock { $0.popLast() } ?? Parked(Deflate())
        defer { spare.withLock { if $0.count < Self.largestCount { $0.append(deflate) } } }
        return try body(deflate.object)
    }
}
