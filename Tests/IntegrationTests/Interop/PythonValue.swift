import Testing

/// A value of Python's.
enum PythonValue: Hashable, Sendable {
    /// A `str`.
    case text(String)
    /// A `bytes`.
    case bytes([UInt8])
    /// Any other value, in Python's own notation: `5`, `True`, `None`, `[1, 2]`.
    case python(String)

    static let none = PythonValue.python("None")
    static let yes = PythonValue.python("True")
    static let no = PythonValue.python("False")

    /// An `int`.
    static func number(_ number: some BinaryInteger) -> Self { .python("\(number)") }

    /// A `list` of `str`.
    static func list(_ texts: [String]) -> Self { .python("\(texts)") }

    /// A `bytes` with the UTF-8 form of a text.
    static func bytes(_ text: String) -> Self { .bytes(Array(text.utf8)) }
}

extension PythonValue: Codable {
    private enum CodingKeys: CodingKey {
        case text, bytes, python
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let text = try container.decodeIfPresent(String.self, forKey: .text) {
            self = .text(text)
        } else if let characters = try container.decodeIfPresent(String.self, forKey: .bytes) {
            self = .bytes(characters.unicodeScalars.map { UInt8($0.value) })
        } else {
            self = .python(try container.decode(String.self, forKey: .python))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .text(let text): try container.encode(text, forKey: .text)
        case .bytes(let bytes):
            // One character for each byte: JSON has no bytes.
            let characters = bytes.map { Character(Unicode.Scalar($0)) }
            try container.encode(String(characters), forKey: .bytes)
        case .python(let source): try container.encode(source, forKey: .python)
        }
    }
}

extension PythonValue: CustomTestStringConvertible {
    var testDescription: String {
        switch self {
        case .text(let text): "'\(text.prefix(20))'"
        case .bytes(let bytes): "\(bytes.count) bytes"
        case .python(let source): source
        }
    }
}
