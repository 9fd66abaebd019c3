internal import SwiftLibMCJSON

/// JSON as it is stored.
extension JSON {
    /// The stored form of `nil`.
    static var null: Payload { Payload(bytes: Array("null".utf8), flags: .json) }

    /// Whether the text is `null`.
    static func isNull(_ bytes: RawSpan) -> Bool {
        let text = bytes.extracting(contentRange(of: bytes))
        return text.byteCount == 4 && text.byte(at: 0) == 0x6E && text.byte(at: 1) == 0x75
            && text.byte(at: 2) == 0x6C && text.byte(at: 3) == 0x6C
    }

    /// Where the text is without the blanks and line ends around it.
    static func contentRange(of text: RawSpan) -> Range<Int> {
        var range = text.byteOffsets
        while let last = range.last, isBlank(text.byte(at: last)) { range.removeLast() }
        while let first = range.first, isBlank(text.byte(at: first)) { range.removeFirst() }
        return range
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }
}
