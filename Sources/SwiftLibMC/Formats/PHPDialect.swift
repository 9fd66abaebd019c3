internal import SwiftLibMCJSON

extension ValueFormat {
    /// php-memcached's (the extension `memcached` 2 and 3), with its `Memcached::SERIALIZER_JSON` for structures.
    ///
    /// Strings, integers, floats and Booleans have flags of their own there; Swift's bytes and text both become PHP's
    /// strings. Arrays and objects can be shared if PHP has the option `OPT_SERIALIZER` set to `SERIALIZER_JSON` or
    /// `SERIALIZER_JSON_ARRAY`; what its other serializers wrote is never decoded.
    ///
    /// Values that PHP compressed with zlib or FastLZ, its default, are read, and zlib is written. Those of zstd are
    /// not read. Flags of the application's own (`OPT_USER_FLAGS`) are ignored.
    public static let php = ValueFormat(
        "php",
        PHPDialect(),
        packing: Packing(mark: 0x30, sign: 0x10, all: 0xF0, framing: .php),
        usualCompression: Compression(minLength: 2000)
    )
}

/// php-memcached's encoding: a number for the type in the four lowest bits, and floats and Booleans that JSON lacks.
struct PHPDialect: ValueDialect {
    private enum Kind: UInt32 {
        case string, integer, double, boolean, serialized, igbinary, json, msgpack

        init?(_ flags: Flags) { self.init(rawValue: flags.rawValue & 0xF) }

        var flags: Flags { Flags(rawValue: rawValue) }
    }

    var absent: Payload? { Payload(bytes: JSON.null.bytes, flags: Kind.json.flags) }

    // MARK: - Writing

    func special<V: Encodable>(_ value: V) -> Payload? {
        if V.self == Double.self { return payload(recast(value, as: Double.self)) }
        if V.self == Float.self { return payload(recast(value, as: Float.self)) }
        return nil
    }

    private func payload(_ number: some FloatText) -> Payload {
        let text =
            if number.isNaN {
                "NaN"
            } else if number.isInfinite {
                number < 0 ? "-Infinity" : "Infinity"
            } else {
                number.description
            }
        return Payload(bytes: Array(text.utf8), flags: Kind.double.flags)
    }

    func foreign(_ standard: Payload, of type: Any.Type) throws(ForeignValueProblem) -> Payload {
        switch ValueKind(standard.flags) {
        case .plain, .text:
            return Payload(bytes: standard.bytes, flags: Kind.string.flags)
        case .number where standard.flags == .integer:
            // PHP writes its own false as an empty value.
            let isFalse = standard.bytes == [Ascii.zero]
            return Payload(bytes: isFalse ? [] : standard.bytes, flags: Kind.boolean.flags)
        case .number:
            // PHP's integers have 64 bits, and it would read longer ones as the largest of them.
            guard case .value = standard.bytes.withRawSpan(DecimalText<Int64>.init) else {
                throw .noForm("PHP has no integers over 64 bits with a sign")
            }
            return Payload(bytes: standard.bytes, flags: Kind.integer.flags)
        case .json:
            return Payload(bytes: standard.bytes, flags: Kind.json.flags)
        case .pickle, .unknown:
            throw .noForm("such values have no form in it")
        }
    }

    // MARK: - Reading

    func special<V: Decodable>(_ bytes: RawSpan, _ flags: Flags, as type: V.Type) -> V? {
        guard V.self == Double.self || V.self == Float.self, Kind(flags) == .double else { return nil }
        let number: Double
        switch String(validating: bytes) {
        case "Infinity": number = .infinity
        case "-Infinity": number = -.infinity
        case "NaN": number = .nan
        default: return nil
        }
        return V.self == Double.self ? recast(number, as: V.self) : recast(Float(number), as: V.self)
    }

    func standard(_ bytes: RawSpan, _ flags: Flags) throws(ForeignValueProblem) -> StandardForm {
        switch Kind(flags) {
        case .string: return .same(.bytes)
        // Decimal text like the standard format's numbers, from which floats can be read, too.
        case .integer, .double: return .same(.long)
        case .boolean: return bytes.isEmpty ? .other([Ascii.zero], .integer) : .same(.integer)
        case .json: return .same(.json)
        case .serialized: throw .object("an object of PHP's serialize()")
        case .igbinary: throw .object("an object of PHP's igbinary")
        case .msgpack: throw .object("an object of PHP's msgpack")
        case nil: throw .unknownFlags
        }
    }
}
