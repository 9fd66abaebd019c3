/// The characters of JSON.
enum Ascii {
    static var plus: UInt8 { 0x2B }
    static var minus: UInt8 { 0x2D }
    static var zero: UInt8 { 0x30 }
    static var quote: UInt8 { 0x22 }
    static var comma: UInt8 { 0x2C }
    static var point: UInt8 { 0x2E }
    static var nine: UInt8 { 0x39 }
    static var colon: UInt8 { 0x3A }
    static var backslash: UInt8 { 0x5C }

    /// The character that a backslash and this one stand for.
    static func escaped(_ byte: UInt8) -> UInt8? {
        switch byte {
        case Ascii.quote, Ascii.backslash, UInt8(ascii: "/"): byte
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "t"): 0x09
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "r"): 0x0D
        default: nil
        }
    }

    /// The value of a hexadecimal digit.
    static func hexValue(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x30...0x39: UInt32(byte) - 0x30
        case 0x41...0x46: UInt32(byte) - 0x37
        case 0x61...0x66: UInt32(byte) - 0x57
        default: nil
        }
    }
}
