#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

// Each value as a type, or nil if it is not one.

extension JSONTape {
    @inline(__always)
    private func lend<R>(_ node: Int, _ body: (Span<UInt8>) -> R) -> R {
        let range = Int(nodes[node].start)..<Int(nodes[node].end)
        return body(text.span.extracting(range))
    }

    func bool(_ node: Int) -> Bool? {
        switch nodes[node].kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    // MARK: Numbers

    func integer<I: FixedWidthInteger>(_ node: Int) -> I? {
        // Whole numbers in other forms are numbers to Foundation, too.
        guard nodes[node].kind == .integer else { return nil }
        return lend(node) { Self.integer($0) }
    }

    private static func integer<I: FixedWidthInteger>(_ text: Span<UInt8>) -> I? {
        let isNegative = text[0] == Ascii.minus
        guard I.isSigned || !isNegative else { return nil }
        var number: I = 0
        for index in (isNegative ? 1 : 0)..<text.count {
            // Digits are taken off a negative number, because its range reaches one further.
            let digit = I(truncatingIfNeeded: text[index] &- Ascii.zero)
            let (tens, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, overflow2) =
                isNegative ? tens.subtractingReportingOverflow(digit) : tens.addingReportingOverflow(digit)
            guard !overflow, !overflow2 else { return nil }
            number = sum
        }
        return number
    }

    /// The number nearest to the text; nil if that is infinite, or zero for a text that is not.
    func number<F: BinaryFloatingPoint & LosslessStringConvertible>(_ node: Int) -> F? {
        guard nodes[node].kind == .integer || nodes[node].kind == .fraction else { return nil }
        guard let number = F(lend(node, String.init(ascii:))), number.isFinite else { return nil }
        return number == 0 && !isZero(node) ? nil : number
    }

    /// Whether the text is a zero without an exponent; Foundation refuses some of those that have one.
    private func isZero(_ node: Int) -> Bool {
        lend(node) { text in
            for index in text.indices {
                let byte = text[index]
                guard byte == Ascii.zero || byte == Ascii.minus || byte == Ascii.point else { return false }
            }
            return true
        }
    }

    func double(_ node: Int) -> Double? {
        guard nodes[node].kind == .integer || nodes[node].kind == .fraction else { return nil }
        return lend(node, Self.shortDouble) ?? number(node)
    }

    /// The number that a short text without an exponent stands for.
    ///
    /// A whole number below 2^53 divided by a power of ten that is a `Double` gives the nearest number.
    private static func shortDouble(_ text: Span<UInt8>) -> Double? {
        guard text.count <= 16 else { return nil }
        var digits = 0
        var scale = 1.0
        var isFraction = false
        let isNegative = text[0] == Ascii.minus
        for index in (isNegative ? 1 : 0)..<text.count {
            let byte = text[index]
            if byte == Ascii.point {
                isFraction = true
            } else if byte <= Ascii.nine {
                digits = digits &* 10 &+ Int(byte &- Ascii.zero)
                if isFraction { scale *= 10 }
            } else {
                return nil
            }
        }
        guard digits < 1 << 53 else { return nil }
        let magnitude = Double(digits) / scale
        return isNegative ? -magnitude : magnitude
    }

    func decimal(_ node: Int) -> Decimal? {
        guard nodes[node].kind == .integer || nodes[node].kind == .fraction else { return nil }
        guard let number = Decimal(string: lend(node, String.init(ascii:))) else { return nil }
        return number.isFinite ? number : nil
    }

    // MARK: Text

    func string(_ node: Int) -> String? {
        guard nodes[node].kind == .string else { return nil }
        guard nodes[node].isPlain else { return unescaped(node) }
        return nodes[node].isASCII ? lend(node, String.init(ascii:)) : lend(node, Self.unicode)
    }

    private static func unicode(_ text: Span<UInt8>) -> String? {
        guard let text = try? UTF8Span(validating: text) else { return nil }
        return String(copying: text)
    }

    private func unescaped(_ node: Int) -> String? {
        var bytes: [UInt8] = []
        let end = Int(nodes[node].end)
        var index = Int(nodes[node].start)
        bytes.reserveCapacity(end - index)
        while index < end {
            let byte = text[index]
            index += 1
            guard byte == Ascii.backslash else {
                bytes.append(byte)
                continue
            }
            if let character = Ascii.escaped(text[index]) {
                bytes.append(character)
                index += 1
                continue
            }
            guard let character = scalar(&index, end), let unicode = UTF8.encode(character) else { return nil }
            bytes.append(contentsOf: unicode)
        }
        return Self.unicode(bytes.span)
    }

    /// Reads the rest of an escape by number, or of a pair of them.
    private func scalar(_ index: inout Int, _ end: Int) -> Unicode.Scalar? {
        let first = unit(&index)
        guard first >> 10 == 0x36 else { return Unicode.Scalar(first) }
        guard end - index >= 6, text[index] == Ascii.backslash, text[index + 1] == UInt8(ascii: "u") else { return nil }
        index += 1
        let second = unit(&index)
        guard second >> 10 == 0x37 else { return nil }
        return Unicode.Scalar(0x10000 + (first & 0x3FF) << 10 + second & 0x3FF)
    }

    private func unit(_ index: inout Int) -> UInt32 {
        var value: UInt32 = 0
        for offset in 1...4 { value = value << 4 | (Ascii.hexValue(text[index + offset]) ?? 0) }
        index += 5
        return value
    }

    // MARK: Keys

    /// Where the value for a key is.
    func member(_ key: String, of object: Int) -> Int? {
        let wanted = key.utf8.span
        var node = object + 1
        for _ in 0..<nodes[object].end {
            if isEqual(nodes[node], wanted) { return node + 1 }
            node = Int(nodes[node + 1].next)
        }
        return nil
    }

    @inline(__always)
    private func isEqual(_ node: Node, _ wanted: Span<UInt8>) -> Bool {
        guard Int(node.end &- node.start) == wanted.count else { return false }
        var place = Int(node.start)
        for index in wanted.indices {
            guard text[place] == wanted[index] else { return false }
            place &+= 1
        }
        return true
    }
}
