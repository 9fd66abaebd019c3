/// A floating point type of the standard library, which goes to and from JSON without a coder.
protocol FloatText: BinaryFloatingPoint, LosslessStringConvertible {}

extension Double: FloatText {}
extension Float: FloatText {}

extension FloatText {
    /// Makes the stored form: JSON, the shortest text that reads as the same number.
    ///
    /// - Throws: If the number is an infinity or NaN.
    func payload() throws(ValueFormatError) -> Payload {
        guard isFinite else { throw ValueFormatError(storing: Self.self, .notEncodable(JSON.noSuchNumber)) }
        var text = description
        // As the encoder writes numbers inside of other values.
        if text.hasSuffix(".0") { text.removeLast(2) }
        return Payload(bytes: Array(text.utf8), flags: .json)
    }

    /// Reads a stored number, blanks around it included.
    ///
    /// - Throws: If the flags or the bytes are not those of a number, or if it is out of range. Infinities and NaN can't
    ///   be stored and are not read.
    static func reading(_ bytes: RawSpan, flags: Flags) throws(ValueFormatError) -> Self {
        switch ValueKind(flags) {
        case .plain, .text, .number, .json: break
        case .pickle, .unknown: throw ValueFormatError(reading: Self.self, flags: flags, .kind)
        }
        let text = bytes.extracting(JSON.contentRange(of: bytes))
        // The initialiser takes hexadecimal numbers and the names of what is no number, too.
        guard isDecimal(text), let digits = String(validating: text), let number = Self(digits) else {
            throw ValueFormatError(reading: Self.self, flags: flags, .notNumber)
        }
        guard number.isFinite else { throw ValueFormatError(reading: Self.self, flags: flags, .overflow) }
        return number
    }

    private static func isDecimal(_ text: RawSpan) -> Bool {
        for offset in text.byteOffsets {
            switch text.byte(at: offset) {
            case 0x30...0x39, 0x2B, 0x2D, 0x2E, 0x45, 0x65: break
            default: return false
            }
        }
        return true
    }
}
