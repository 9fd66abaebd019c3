/// Turns values into stored bytes, and back.
///
/// A ``Client`` has one that runs its hooks. A cache without a format of its own has ``FormatCodec/standard``. A codec
/// of your own has to implement ``serialize(_:)`` and ``deserialize(_:flags:as:)``.
public protocol ValueCodec {
    /// Turns a value into bytes, not compressed, and flags.
    ///
    /// - Throws: Whatever keeps the value from being written; it reaches the caller as `.serialization`.
    func serialize<V: Encodable>(_ value: V) throws -> Payload

    /// Turns stored bytes, inflated, into a value.
    ///
    /// - Throws: ``CacheMiss`` to make the value a miss, or whatever keeps it from being read; that reaches the caller
    ///   as `.deserialization`.
    func deserialize<V: Decodable>(_ bytes: RawSpan, flags: Flags, as type: V.Type) throws -> V

    /// Whether these two do what the standard format does, so that bytes and text can bypass them. False if not given.
    var isStandard: Bool { get }

    /// Compresses a value to be stored, if the call or the cache says so.
    ///
    /// If not given, only if the call says so, in the standard format.
    ///
    /// - Throws: `.invalidArguments` for an invalid level or length.
    func compress(
        _ payload: Payload,
        _ options: StoreOptions,
        for operation: MemcachedOperation
    ) throws(MemcachedError) -> Payload

    /// Inflates a stored value if it is compressed; the flags then don't say so any more.
    ///
    /// If not given, it inflates the standard format, up to 64 MiB.
    ///
    /// - Throws: `.deserialization`.
    func inflate(
        _ value: MemcachedResponse.Value,
        for operation: MemcachedOperation,
        key: @autoclosure () -> String
    ) throws(MemcachedError) -> MemcachedResponse.Value

    /// Makes a value from stored bytes, by the other functions.
    ///
    /// - Returns: The value, or nil if the format makes it a miss.
    /// - Throws: `.deserialization`.
    func decode<V: Decodable>(
        _ stored: MemcachedResponse.Value,
        as type: V.Type,
        for operation: MemcachedOperation,
        key: @autoclosure () -> String
    ) throws(MemcachedError) -> V?
}

extension ValueCodec {
    /// False.
    public var isStandard: Bool { false }

    /// Compresses in the standard format, if the call says so.
    public func compress(
        _ payload: Payload,
        _ options: StoreOptions,
        for operation: MemcachedOperation
    ) throws(MemcachedError) -> Payload {
        try FormatCodec.standard.compress(payload, options, for: operation)
    }

    /// Inflates values that are compressed in the standard format.
    public func inflate(
        _ value: MemcachedResponse.Value,
        for operation: MemcachedOperation,
        key: @autoclosure () -> String
    ) throws(MemcachedError) -> MemcachedResponse.Value {
        try FormatCodec.standard.inflate(value, for: operation, key: key())
    }

    /// Inflates and deserializes.
    public func decode<V: Decodable>(
        _ stored: MemcachedResponse.Value,
        as type: V.Type,
        for operation: MemcachedOperation,
        key: @autoclosure () -> String
    ) throws(MemcachedError) -> V? {
        let value = try inflate(stored, for: operation, key: key())
        if V.self == [UInt8].self, isStandard { return recast(value.bytes, as: V.self) }
        do {
            return try value.withBytes { bytes in try deserialize(bytes, flags: value.flags, as: type) }
        } catch is CacheMiss {
            return nil
        } catch {
            throw MemcachedError(reading: type, flags: value.flags, key: key(), operation, underlying: error)
        }
    }
}

// MARK: - Encoding, and conversion by the threads of a cache

extension ValueCodec {
    /// The bytes and flags to store for a value.
    func encode<V: Encodable>(
        _ value: V,
        _ options: StoreOptions,
        for operation: Operation
    ) throws(MemcachedError) -> Payload {
        let payload: Payload
        do {
            payload = try serialize(value)
        } catch {
            throw MemcachedError(storing: V.self, operation, underlying: error)
        }
        return try compress(payload, options, for: operation)
    }

    /// The bytes and flags to store for a value that the caller may have left to the cache to encode.
    func encode(_ value: MemcachedRequest.Value, for operation: Operation) throws(MemcachedError) -> Payload {
        switch value {
        case .bytes(let payload): payload
        case .object(let object): try encode(object.value, object.options, for: operation)
        }
    }

    /// The converted value, for a caller that leaves that to the cache; nil if the format makes it a miss.
    func convert(
        _ stored: MemcachedResponse.Value,
        as type: any (Decodable & Sendable).Type,
        for operation: Operation,
        key: @autoclosure () -> String
    ) throws(MemcachedError) -> MemcachedResponse.Value? {
        func open<V: Decodable & Sendable>(_ type: V.Type) throws(MemcachedError) -> MemcachedResponse.Value? {
            if V.self == InflatedBytes.self {
                let value = try inflate(stored, for: operation, key: key())
                return stored.with(object: InflatedBytes(value: value))
            }
            guard let object = try decode(stored, as: type, for: operation, key: key()) else { return nil }
            return stored.with(object: object)
        }
        return try open(type)
    }

    /// Carries out a request to make a value from stored bytes.
    func decoding(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
        guard case .decode(let stored, let type) = request.action else { return MemcachedResponse() }
        let value = try convert(stored, as: type, for: request.operation, key: request.keys.list[0].text)
        return MemcachedResponse(.one(value.map { .found($0) } ?? .missing))
    }
}

extension MemcachedRequest {
    /// The same request with bytes in place of values.
    func encoded(by codec: some ValueCodec) throws(MemcachedError) -> MemcachedRequest {
        var request = self
        switch action {
        case .store(let values, let condition, let writing):
            let encoded = try values.mapEach { value throws(MemcachedError) in
                Value.bytes(try codec.encode(value, for: operation))
            }
            request.action = .store(encoded, condition, writing)
        case .swap(let value, let cas, let writing):
            request.action = .swap(.bytes(try codec.encode(value, for: operation)), cas, writing)
        default: break
        }
        return request
    }
}
