/// The 32 bits that memcached keeps beside a value, saying how to read it.
///
/// The first five are those of pylibmc, python-memcached and pymemcache.
public struct Flags: OptionSet, Hashable, Sendable {
    /// The bits as they are on the wire.
    public let rawValue: UInt32

    /// Makes flags from their bits.
    @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Raw bytes: no flag at all.
    public static var bytes: Flags { [] }
    /// A Python pickle, which this library never reads.
    public static var pickle: Flags { Flags(rawValue: 1) }
    /// A Boolean, or a small integer of Python 2, in decimal text.
    public static var integer: Flags { Flags(rawValue: 2) }
    /// An integer in decimal text.
    public static var long: Flags { Flags(rawValue: 4) }
    /// Compressed in zlib format (RFC 1950).
    public static var zlib: Flags { Flags(rawValue: 8) }
    /// UTF-8 text.
    public static var text: Flags { Flags(rawValue: 16) }
    /// JSON, this library's form for `Encodable` values.
    ///
    /// Other clients of the family read such values as bytes.
    public static var json: Flags { Flags(rawValue: 65536) }
}
