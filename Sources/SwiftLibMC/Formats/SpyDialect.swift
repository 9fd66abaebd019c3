#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

extension ValueFormat {
    /// Java's spymemcached with its `SerializingTranscoder`, and Couchbase's older clients.
    ///
    /// Swift's types are stored as these types of Java: `Int` and `Int64` are a `Long`; `Int32`, `Int16`, `UInt8` and
    /// `UInt16` an `Integer`; `Int8` a `Byte`; `Bool`, `Double`, `Float` and `Date` (in milliseconds) what their names
    /// say; bytes a `byte[]`; and structures JSON in a `String`. Reading takes any of the integers for any other that
    /// it fits. A `nil` by itself can't be stored.
    ///
    /// Numbers are bytes there, not decimal text, and servers can't count with those: make counters with `incr`, as the
    /// library does. Compressed values are in gzip format.
    public static let spymemcached = ValueFormat(
        "spymemcached",
        SpyDialect(),
        packing: Packing(mark: 2, framing: .gzip),
        usualCompression: Compression(minLength: 16385)
    )
}

/// spymemcached's encoding: a number for the type in the second byte of the flags, and numbers in big-endian bytes
/// without leading zeros.
struct SpyDialect: ValueDialect {
    private enum Kind: UInt32 {
        case string = 0
        case boolean = 0x100
        case int = 0x200
        case long = 0x300
        case date = 0x400
        case byte = 0x500
        case float = 0x600
        case double = 0x700
        case bytes = 0x800

        var flags: Flags { Flags(rawValue: rawValue) }

        /// How many bytes a number has at most.
        var width: Int {
            switch self {
            case .byte: 1
            case .int, .float: 4
            default: 8
            }
        }

        /// The Java type for integers of a Swift type.
        init(storing type: Any.Type) {
            if type == Int8.self {
                self = .byte
            } else if type == Int32.self || type == Int16.self || type == UInt8.self || type == UInt16.self {
                self = .int
            } else {
                self = .long
            }
        }
    }

    private static let serialized: UInt32 = 1

    var absent: Payload? { nil }

    // MARK: - Writing

    func special<V: Encodable>(_ value: V) -> Payload? {
        if V.self == Double.self { return payload(recast(value, as: Double.self).bitPattern, .double) }
        if V.self == Float.self { return payload(UInt64(recast(value, as: Float.self).bitPattern), .float) }
        if V.self == Date.self, let time = recast(value, as: Date.self).javaTime {
            return payload(UInt64(bitPattern: time), .date)
        }
        return nil
    }

    func foreign(_ standard: Payload, of type: Any.Type) throws(ForeignValueProblem) -> Payload {
        switch ValueKind(standard.flags) {
        case .plain:
            return Payload(bytes: standard.bytes, flags: Kind.bytes.flags)
        case .text, .json:
            return Payload(bytes: standard.bytes, flags: Kind.string.flags)
        case .number where standard.flags == .integer:
            return Payload(bytes: standard.bytes, flags: Kind.boolean.flags)
        case .number:
            guard case .value(let number) = standard.bytes.withRawSpan(DecimalText<Int64>.init) else {
                throw .noForm("Java has no integers over 64 bits with a sign")
            }
            let kind = Kind(storing: type)
            // A negative number is extended with ones to the width of its type, not further.
            let bits = UInt64(bitPattern: number) & (.max >> (64 - 8 * UInt64(kind.width)))
            return payload(bits, kind)
        case .pickle, .unknown:
            throw .noForm("such values have no form in it")
        }
    }

    private func payload(_ bits: UInt64, _ kind: Kind) -> Payload {
        var bytes: [UInt8] = []
        // A Java byte is one byte even if it is zero.
        let shortest = kind == .byte ? 1 : 0
        for index in (0..<8).reversed() {
            let byte = UInt8(truncatingIfNeeded: bits >> (8 * UInt64(index)))
            if byte != 0 || !bytes.isEmpty || index < shortest { bytes.append(byte) }
        }
        return Payload(bytes: bytes, flags: kind.flags)
    }

    // MARK: - Reading

    func special<V: Decodable>(_ bytes: RawSpan, _ flags: Flags, as type: V.Type) -> V? {
        guard let kind = Kind(rawValue: flags.rawValue), bytes.byteCount <= kind.width else { return nil }
        if V.self == Date.self, kind == .date {
            return recast(Date(javaTime: Int64(bitPattern: bytes.number)), as: V.self)
        }
        guard let number = float(bytes.number, kind) else { return nil }
        if V.self == Double.self { return recast(number, as: V.self) }
        if V.self == Float.self {
            let narrow = Float(number)
            // A number out of range is a mismatch, which the caller detects.
            return narrow.isInfinite && number.isFinite ? nil : recast(narrow, as: V.self)
        }
        return nil
    }

    func standard(_ bytes: RawSpan, _ flags: Flags) throws(ForeignValueProblem) -> StandardForm {
        guard flags.rawValue & Self.serialized == 0 else { throw .object("a serialized Java object") }
        guard let kind = Kind(rawValue: flags.rawValue) else { throw .unknownFlags }
        switch kind {
        case .string, .bytes: return .same(.bytes)
        case .boolean: return .same(.integer)
        case .date where bytes.byteCount <= kind.width: throw .mismatch("it is a date")
        case .int, .long, .byte, .float, .double, .date:
            guard bytes.byteCount <= kind.width else {
                throw .corrupt("a number has \(bytes.byteCount) bytes, and should have \(kind.width) at most")
            }
            let bits = bytes.number
            return .other(Array((float(bits, kind)?.description ?? "\(integer(bits, kind))").utf8), .long)
        }
    }

    private func float(_ bits: UInt64, _ kind: Kind) -> Double? {
        switch kind {
        case .float: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        case .double: Double(bitPattern: bits)
        default: nil
        }
    }

    private func integer(_ bits: UInt64, _ kind: Kind) -> Int64 {
        switch kind {
        case .byte: Int64(Int8(truncatingIfNeeded: bits))
        case .int: Int64(Int32(truncatingIfNeeded: bits))
        default: Int64(bitPattern: bits)
        }
    }
}

extension RawSpan {
    /// The big-endian number in at most eight bytes.
    fileprivate var number: UInt64 {
        byteOffsets.reduce(0) { number, offset in number << 8 | UInt64(byte(at: offset)) }
    }
}

extension Date {
    /// Milliseconds since 1970; nil where they don't fit into 64 bits.
    fileprivate var javaTime: Int64? { Int64(exactly: (timeIntervalSince1970 * 1000).rounded()) }

    fileprivate init(javaTime: Int64) { self.init(timeIntervalSince1970: Double(javaTime) / 1000) }
}
