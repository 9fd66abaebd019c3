#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// The form in which values are stored unless a subclass has its own: pylibmc's, with JSON in place of pickle.
///
/// | Swift | bytes | flags |
/// |---|---|---|
/// | `[UInt8]`, `Data` | as they are | 0 |
/// | `String` | UTF-8 | 16 |
/// | `Bool` | `0`, `1` | 2 |
/// | integers | decimal text | 4 |
/// | any other `Encodable` | JSON | 65536 |
///
/// An optional is stored as what it holds, and `nil` as JSON's `null`. Compression takes place outside.
enum StandardFormat {
    /// Makes the stored form of a value.
    ///
    /// - Throws: ``ValueFormatError`` if the value has no JSON form; what its own `encode(to:)` throws goes through.
    static func encode<V: Encodable>(_ value: V) throws -> Payload {
        // The types that are stored most are told apart by their metatypes, at a tenth of the price of a cast.
        if V.self == [UInt8].self { return Payload(bytes: recast(value, as: [UInt8].self), flags: .bytes) }
        if V.self == String.self { return payload(of: recast(value, as: String.self)) }
        if V.self == Int.self { return payload(of: recast(value, as: Int.self)) }
        if V.self == Data.self { return payload(of: recast(value, as: Data.self)) }
        if V.self == Bool.self { return payload(of: recast(value, as: Bool.self)) }
        if V.self == Double.self { return try recast(value, as: Double.self).payload() }
        if V.self == Float.self { return try recast(value, as: Float.self).payload() }
        if let native = rareInteger(V.self) { return wirePayload(native, value) }
        if let optional = V.self as? any OptionalWriting.Type { return try optionalPayload(optional, value) }
        if let json = JSONWriting.text(of: value) { return Payload(bytes: json, flags: .json) }
        do {
            let json = try JSON.encoder.encode(value)
            return Payload(bytes: Array(copying: json.bytes), flags: .json)
        } catch let error as EncodingError {
            throw ValueFormatError(storing: V.self, .notEncodable(JSON.explanation(of: error)))
        }
    }

    /// Makes a value of its stored form.
    ///
    /// - Parameters:
    ///   - bytes: The stored bytes, inflated.
    ///   - flags: The flags they were stored with.
    ///   - type: The type to make.
    /// - Returns: The value.
    /// - Throws: ``ValueFormatError`` if they are not those of such a value; what the type's own `init(from:)` throws
    ///   goes through, unless it is a `DecodingError`.
    static func decode<V: Decodable>(_ bytes: RawSpan, flags: Flags, as type: V.Type) throws -> V {
        if V.self == [UInt8].self { return recast(Array(copying: bytes), as: V.self) }
        if V.self == String.self { return recast(try String(wire: bytes, flags: flags), as: V.self) }
        if V.self == Int.self { return recast(try Int(wire: bytes, flags: flags), as: V.self) }
        if V.self == Data.self { return recast(Data(copying: bytes), as: V.self) }
        if V.self == Bool.self { return recast(try Bool(wire: bytes, flags: flags), as: V.self) }
        if V.self == Double.self { return recast(try Double.reading(bytes, flags: flags), as: V.self) }
        if V.self == Float.self { return recast(try Float.reading(bytes, flags: flags), as: V.self) }
        if let native = rareInteger(V.self) { return try wireValue(native, bytes, flags) }
        if let optional = V.self as? any OptionalReading.Type { return try optionalValue(optional, bytes, flags) }
        guard ValueKind(flags).mayHoldJSON else { throw ValueFormatError(reading: V.self, flags: flags, .kind) }
        if let value = try JSONReading.value(of: bytes, as: type) { return value }
        do {
            return try JSON.decoder.decode(V.self, from: Data(copying: bytes))
        } catch let error as DecodingError {
            throw ValueFormatError(reading: V.self, flags: flags, .json(JSON.explanation(of: error)))
        }
    }

    /// The type itself, if it is one of those integers that are not stored most.
    private static func rareInteger<V>(_ type: V.Type) -> (any WireValue.Type)? {
        if V.self == UInt8.self { return UInt8.self }
        if V.self == UInt16.self { return UInt16.self }
        if V.self == UInt32.self { return UInt32.self }
        if V.self == UInt64.self { return UInt64.self }
        if V.self == UInt128.self { return UInt128.self }
        if V.self == UInt.self { return UInt.self }
        if V.self == Int8.self { return Int8.self }
        if V.self == Int16.self { return Int16.self }
        if V.self == Int32.self { return Int32.self }
        if V.self == Int64.self { return Int64.self }
        if V.self == Int128.self { return Int128.self }
        return nil
    }

    private static func payload<W: WireValue>(of value: W) -> Payload {
        Payload(bytes: value.withWireBytes { Array(copying: $0) }, flags: W.wireFlags)
    }

    private static func wirePayload<W: WireValue, V>(_ type: W.Type, _ value: V) -> Payload {
        payload(of: recast(value, as: W.self))
    }

    private static func optionalPayload<O: OptionalWriting, V>(_ type: O.Type, _ value: V) throws -> Payload {
        try recast(value, as: O.self).payload()
    }

    private static func wireValue<W: WireValue, V>(_ type: W.Type, _ bytes: RawSpan, _ flags: Flags) throws -> V {
        recast(try W(wire: bytes, flags: flags), as: V.self)
    }

    private static func optionalValue<O: OptionalReading, V>(
        _ type: O.Type,
        _ bytes: RawSpan,
        _ flags: Flags
    ) throws -> V {
        recast(try O.reading(bytes, flags: flags), as: V.self)
    }
}

// MARK: - Optionals

/// An `Optional` of something that can be stored.
private protocol OptionalWriting {
    /// Makes the stored form: that of what the optional holds, or JSON's `null`.
    func payload() throws -> Payload
}

extension Optional: OptionalWriting where Wrapped: Encodable {
    func payload() throws -> Payload {
        switch self {
        case .some(let value): try StandardFormat.encode(value)
        case .none: JSON.null
        }
    }
}

/// An `Optional` of something that can be read.
private protocol OptionalReading {
    /// Makes a value of its stored form: `nil` of JSON's `null`, and else what the optional holds.
    static func reading(_ bytes: RawSpan, flags: Flags) throws -> Self
}

extension Optional: OptionalReading where Wrapped: Decodable {
    static func reading(_ bytes: RawSpan, flags: Flags) throws -> Self {
        let kind = ValueKind(flags)
        // In text of unknown making, `null` may well be a string, so it means nothing to the native types.
        if kind == .json || (kind.mayHoldJSON && !(Wrapped.self is any WireValue.Type)), JSON.isNull(bytes) {
            return nil
        }
        return try StandardFormat.decode(bytes, flags: flags, as: Wrapped.self)
    }
}
