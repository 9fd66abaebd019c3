/// The header that php-memcached puts before a compressed value, together with its flags.
struct PHPFrame {
    /// How a value is compressed.
    enum Kind: Hashable, Sendable {
        case zlib, fastLZ, zstd
    }

    static let headerLength = 4

    /// How many bytes the value has when inflated.
    let length: Int
    let kind: Kind

    /// Reads the start and the flags of a compressed value; nil if they are not php-memcached's.
    init?(_ bytes: RawSpan, _ flags: Flags) {
        guard bytes.byteCount >= Self.headerLength else { return nil }
        // The number has the byte order of its writer's machine; big-endian ones are not made any more.
        length = (0..<Self.headerLength).reversed().reduce(0) { $0 << 8 | Int(bytes.byte(at: $1)) }
        switch flags.rawValue & 0xE0 {
        case 0x20: kind = .zlib
        case 0x40: kind = .fastLZ
        case 0x80: kind = .zstd
        default: return nil
        }
    }

    /// Puts the header before a compressed value.
    static func around(_ stream: RawSpan, length: Int) -> [UInt8] {
        var framed: [UInt8] = []
        framed.reserveCapacity(headerLength + stream.byteCount)
        for shift in stride(from: 0, to: 32, by: 8) { framed.append(UInt8(truncatingIfNeeded: length >> shift)) }
        framed += Array(copying: stream)
        return framed
    }
}
