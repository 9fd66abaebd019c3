/// JSON text that grows.
struct JSONText {
    /// The text, and room for more: zeros from `end` on.
    private var bytes = [UInt8](repeating: 0, count: 256)
    private var end = 0

    /// Returns the text, and empties this.
    mutating func finish() -> [UInt8] {
        bytes.removeLast(bytes.count - end)
        end = 0
        return exchange(&bytes, with: [])
    }

    /// Makes room for this many bytes.
    @inline(__always)
    private mutating func reserve(_ count: Int) {
        if bytes.count - end < count { grow(count) }
    }

    @inline(never)
    private mutating func grow(_ count: Int) {
        bytes.append(contentsOf: repeatElement(0, count: max(count, bytes.count)))
    }

    // MARK: Tokens

    /// Writes a bracket, a comma, or the like.
    @inline(__always)
    mutating func append(byte: UInt8) {
        reserve(1)
        bytes[end] = byte
        end += 1
    }

    /// Writes `null`, `true` or `false`.
    mutating func append(word: String) { append(plain: word.utf8.span) }

    /// Writes a whole number.
    @inline(__always)
    mutating func append<I: FixedWidthInteger>(integer number: I) {
        // 39 digits and a sign: the smallest `Int128`.
        var text = InlineArray<40, UInt8>(repeating: 0)
        var start = text.count
        var rest = number.magnitude
        repeat {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            start -= 1
            text[start] = Ascii.zero + UInt8(truncatingIfNeeded: digit)
            rest = quotient
        } while rest != 0
        if number < 0 {
            start -= 1
            text[start] = Ascii.minus
        }
        append(plain: text.span.extracting(start...))
    }

    /// Writes a number as Foundation does: the shortest text that reads as the same, without a fraction of zero.
    ///
    /// - Returns: Whether there is such a text; not for infinities and NaN.
    mutating func append<F: BinaryFloatingPoint & CustomStringConvertible>(number: F) -> Bool {
        guard number.isFinite else { return false }
        let digits = number.description
        let text = digits.utf8.span
        let count = text.count
        let isWhole = count > 2 && text[count - 1] == Ascii.zero && text[count - 2] == Ascii.point
        append(plain: isWhole ? text.extracting(..<(count - 2)) : text)
        return true
    }

    /// Writes text that needs no escapes.
    mutating func append(plain text: Span<UInt8>) {
        reserve(text.count)
        var written = end
        var room = bytes.mutableSpan
        for index in text.indices {
            room[written] = text[index]
            written += 1
        }
        end = written
    }

    // MARK: Strings

    /// Writes a string in quotes.
    @inline(__always)
    mutating func append(string: String) { append(string, after: nil, before: nil) }

    /// Writes the key of an object's member.
    @inline(__always)
    mutating func append(key: String, isFirst: Bool) {
        append(key, after: isFirst ? nil : Ascii.comma, before: Ascii.colon)
    }

    private mutating func append(_ string: String, after first: UInt8?, before last: UInt8?) {
        let text = string.utf8.span
        reserve(text.count + 4)
        var written = end
        var room = bytes.mutableSpan
        if let first {
            room[written] = first
            written += 1
        }
        room[written] = Ascii.quote
        written += 1
        for index in text.indices {
            let byte = text[index]
            guard !Self.needsEscape(byte) else {
                end = written
                appendEscaping(text.extracting(index...))
                append(byte: Ascii.quote)
                if let last { append(byte: last) }
                return
            }
            room[written] = byte
            written &+= 1
        }
        room[written] = Ascii.quote
        written += 1
        if let last {
            room[written] = last
            written += 1
        }
        end = written
    }

    @inline(__always)
    private static func needsEscape(_ byte: UInt8) -> Bool {
        // Most bytes are letters.
        byte <= Ascii.backslash && (byte < 0x20 || byte == Ascii.quote || byte == Ascii.backslash)
    }

    private mutating func appendEscaping(_ text: Span<UInt8>) {
        reserve(text.count)
        for index in text.indices {
            let byte = text[index]
            guard Self.needsEscape(byte) else {
                append(byte: byte)
                continue
            }
            append(byte: Ascii.backslash)
            switch byte {
            case 0x08: append(byte: UInt8(ascii: "b"))
            case 0x09: append(byte: UInt8(ascii: "t"))
            case 0x0A: append(byte: UInt8(ascii: "n"))
            case 0x0C: append(byte: UInt8(ascii: "f"))
            case 0x0D: append(byte: UInt8(ascii: "r"))
            case Ascii.quote, Ascii.backslash: append(byte: byte)
            default:
                append(byte: UInt8(ascii: "u"))
                for shift in [12, 8, 4, 0] { append(byte: Self.hexDigit(Int(byte) >> shift & 15)) }
            }
        }
    }

    private static func hexDigit(_ value: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: value < 10 ? 0x30 + value : 0x57 + value)
    }
}
