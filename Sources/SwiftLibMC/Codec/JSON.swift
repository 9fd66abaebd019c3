#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// The coders of the standard format, and what their errors mean.
enum JSON {
    // Both keep nothing of a call beyond it, and their settings never change, so that all threads share them.

    /// Writes JSON, with slashes as they are.
    static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return encoder
    }()

    /// Reads JSON.
    static let decoder = JSONDecoder()

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

// MARK: - Errors

// The coders' own sentences quote the data at times, and an error of ours must not. The path to the place helps most,
// and it is shown as far as it consists of the names of properties and of positions; keys of dictionaries are data.

extension JSON {
    /// Says what the decoder disliked, and where.
    static func explanation(of error: DecodingError) -> String {
        switch error {
        case .typeMismatch(let type, let context): "no \(type)" + place(context.codingPath)
        case .valueNotFound(let type, let context): "null instead of \(type)" + place(context.codingPath)
        case .keyNotFound(let key, let context): "nothing" + place(context.codingPath + [key])
        case .dataCorrupted(let context) where context.codingPath.isEmpty: "the bytes are not the JSON of such a value"
        case .dataCorrupted(let context): "no valid value" + place(context.codingPath)
        @unknown default: "the bytes are not the JSON of such a value"
        }
    }

    /// Says what the encoder disliked, and where.
    static func explanation(of error: EncodingError) -> String {
        guard case .invalidValue(let value, let context) = error else { return "it has no JSON form" }
        let isNumber = value is any FloatingPoint
        return (isNumber ? noSuchNumber : "no JSON form for \(Swift.type(of: value))")
            + place(context.codingPath)
    }

    /// Why some floating point numbers can't be stored.
    static var noSuchNumber: String { "JSON has no infinity and no NaN" }

    private static func place(_ path: [any CodingKey]) -> String {
        guard !path.isEmpty else { return "" }
        let steps = path.map { key in
            // The names of properties and the positions in arrays are enumerations; the keys of dictionaries are
            // structures that hold a text.
            guard Mirror(reflecting: key).displayStyle == .enum else { return "[…]" }
            return key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)"
        }
        return " at \(steps.joined())"
    }
}
