/// How a format marks and frames compressed values.
struct Packing: Hashable, Sendable {
    /// The container format of the compressed bytes.
    enum Framing: Hashable, Sendable {
        /// A zlib stream (RFC 1950).
        case zlib
        /// A gzip file (RFC 1952).
        case gzip
        /// Either of them; a zlib stream is written.
        case zlibOrGzip
        /// php-memcached's: the length of the value in four bytes, little-endian, then a stream whose kind is in the
        /// flags.
        case php
        /// Nothing marks a compressed value, so there are none.
        case unmarked
    }

    /// The flags that a compressed value gets.
    let mark: Flags
    /// The flag by which a compressed value is known.
    let sign: Flags
    /// All flags that have to do with compression.
    let all: Flags
    let framing: Framing

    /// The packing of the standard format: zlib with flag 8.
    static let standard = Packing(mark: Flags.zlib.rawValue, framing: .zlib)
    /// For formats without flags.
    static let unmarked = Packing(mark: 0, framing: .unmarked)

    init(mark: UInt32, framing: Framing) {
        self.init(mark: mark, sign: mark, all: mark, framing: framing)
    }

    init(mark: UInt32, sign: UInt32, all: UInt32, framing: Framing) {
        self.mark = Flags(rawValue: mark)
        self.sign = Flags(rawValue: sign)
        self.all = Flags(rawValue: all)
        self.framing = framing
    }

    /// Whether a value with these flags is compressed.
    func isPacked(_ flags: Flags) -> Bool { !flags.isDisjoint(with: sign) }

    /// The flags of the same value when it is not compressed.
    func unpacked(_ flags: Flags) -> Flags { flags.subtracting(all) }
}
