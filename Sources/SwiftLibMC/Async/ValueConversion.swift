/// How the values of an asynchronous client are converted.
///
/// Where the client's class has no hooks of its own, that is done by the tasks themselves, all at the same time. Hooks
/// run on the thread of the client that they belong to.
struct ValueConversion: Sendable {
    /// Whether the tasks can do it themselves.
    let needsNoClient: Bool
    private let format: ValueFormat
    private let compression: Compression
    private let maxInflatedBytes: Int
    private let deflates = DeflateStore()

    init(of client: Client) {
        needsNoClient = type(of: client).usesDefaultFormat
        format = client.format
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
            payload = try format.encode(value)
        } catch {
            throw MemcachedError(storing: V.self, operation, underlying: error)
        }
        let compression = try compression.overridden(
            minLength: options.minCompressLen,
            level: options.compressLevel,
            operation: operation.rawValue
        )
        return compression.applies(to: payload.bytes.count)
            ? deflates.withDeflate { $0.compressed(payload, compression, format.packing) } : payload
    }

    /// Makes a value of what is stored.
    func decode<V: Decodable>(
        _ found: FoundValue,
        as type: V.Type,
        key: @autoclosure () -> String?,
        _ operation: Operation
    ) throws(MemcachedError) -> V {
        let found = try inflated(found, key: key(), operation)
        if V.self == [UInt8].self { return recast(found.bytes, as: V.self) }
        do {
            return try found.withBytes { try format.decode($0, flags: found.flags, as: type) }
        } catch {
            throw MemcachedError(
                reading: type,
                flags: found.flags,
                key: key(),
                operation,
                underlying: error
            )
        }
    }

    /// The value as it was before it was compressed, if it was.
    func inflated(
        _ found: FoundValue,
        key: @autoclosure () -> String?,
        _ operation: Operation
    ) throws(MemcachedError) -> FoundValue {
        guard format.packing.isPacked(found.flags) else { return found }
        let key = key() ?? ""
        let bytes = try deflates.withDeflate { deflate throws(MemcachedError) in
            try found.withBytes { bytes throws(MemcachedError) in
                try deflate.inflated(
                    bytes,
                    found.flags,
                    format.packing,
                    limit: maxInflatedBytes,
                    key: key,
                    operation
                )
            }
        }
        return FoundValue(bytes, format.packing.unpacked(found.flags), found.cas)
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
