/// What the flags of a stored value say about its bytes.
///
/// Values of other clients may carry bits that mean something to their writer only, such as php-memcached's compressed
/// text (48). They are of the ``unknown`` kind even where one bit is known, because the known bit may mean something else
/// there; so nothing but bytes can be made of them.
@usableFromInline enum ValueKind: Hashable, Sendable {
    /// No flag: bytes, or the text of a client that sets none.
    case plain
    /// UTF-8 text.
    case text
    /// Decimal text.
    case number
    /// JSON.
    case json
    /// A Python pickle.
    case pickle
    /// Bits that don't belong to this family of clients, or not together.
    case unknown

    /// Reads flags.
    ///
    /// Whether the value was compressed plays no part: it is inflated before.
    @usableFromInline init(_ flags: Flags) {
        self =
            switch flags.subtracting(.zlib) {
            case .bytes: .plain
            case .text: .text
            case .integer, .long: .number
            case .json: .json
            case .pickle: .pickle
            default: .unknown
            }
    }

    /// Whether the bytes are JSON, or text that may be.
    var mayHoldJSON: Bool { self == .json || self == .plain || self == .text }
}

extension ValueKind: CustomStringConvertible {
    @usableFromInline var description: String {
        switch self {
        case .plain: "no type flag"
        case .text: "text"
        case .number: "number"
        case .json: "JSON"
        case .pickle: "Python pickle"
        case .unknown: "unknown type"
        }
    }
}
