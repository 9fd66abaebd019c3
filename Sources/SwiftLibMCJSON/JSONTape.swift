/// JSON text, and the positions of its values.
///
/// The text follows the standard. What Foundation's decoder accepts beyond that, such as UTF-16 or an extra comma, is
/// left to it, and so are very deep values.
struct JSONTape {
    struct Node {
        enum Kind: UInt8 { case null, `false`, `true`, integer, fraction, string, array, object }

        let kind: Kind
        /// Of a string, that it has no escapes; of an object, that its keys have none and are ASCII.
        var isPlain: Bool
        /// Of a string or number, that it is ASCII: `String(ascii:)` relies on it.
        let isASCII: Bool
        /// Where the text of a number or string begins; of a container, the one around it.
        let start: Int32
        /// Where the text ends; of a container, how many elements or keys it has.
        var end: Int32
        /// The node after this one and everything inside it.
        var next: Int32
    }

    let text: [UInt8]
    /// The outermost value first, and each container's elements behind it: in objects, each key and then its value.
    private(set) var nodes: [Node] = []
    private var index = 0

    /// Looks through text, or returns nil if it does not follow the standard.
    init?(_ text: [UInt8]) {
        guard text.count < Int32.max else { return nil }
        self.text = text
        nodes.reserveCapacity(min(8 + text.count / 4, 256))
        guard scan() else { return nil }
    }

    // MARK: Structure

    private mutating func scan() -> Bool {
        var container = -1
        var depth = 0
        while true {
            // A value begins here.
            switch peek() {
            case Ascii.quote: guard scanString() else { return false }
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                let isObject = text[index] == UInt8(ascii: "{")
                add(isObject ? .object : .array, container, 0)
                container = nodes.count - 1
                index += 1
                depth += 1
                guard depth < 200 else { return false }
                if peek() == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    close(&container, &depth)
                    break
                }
                guard !isObject || scanKey(container) else { return false }
                continue
            case UInt8(ascii: "n"): guard scan(word: "null", .null) else { return false }
            case UInt8(ascii: "t"): guard scan(word: "true", .true) else { return false }
            case UInt8(ascii: "f"): guard scan(word: "false", .false) else { return false }
            default: guard scanNumber() else { return false }
            }
            // Another value, or the ends of containers, follow.
            while true {
                let next = peek()
                guard container >= 0 else { return index == text.count }
                if next == Ascii.comma {
                    index += 1
                    nodes[container].end += 1
                    guard nodes[container].kind == .array || scanKey(container) else { return false }
                    break
                }
                let isObject = nodes[container].kind == .object
                guard next == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else { return false }
                nodes[container].end += 1
                close(&container, &depth)
            }
        }
    }

    private mutating func close(_ container: inout Int, _ depth: inout Int) {
        index += 1
        depth -= 1
        nodes[container].next = Int32(truncatingIfNeeded: nodes.count)
        container = Int(nodes[container].start)
    }

    private mutating func scanKey(_ object: Int) -> Bool {
        guard peek() == Ascii.quote, scanString(), peek() == Ascii.colon else { return false }
        index += 1
        let key = nodes[nodes.count - 1]
        if !key.isPlain || !key.isASCII { nodes[object].isPlain = false }
        return true
    }

    @inline(__always)
    private mutating func add(
        _ kind: Node.Kind,
        _ start: Int,
        _ end: Int,
        isPlain: Bool = true,
        isASCII: Bool = true
    ) {
        nodes.append(
            Node(
                kind: kind,
                isPlain: isPlain,
                isASCII: isASCII,
                start: Int32(truncatingIfNeeded: start),
                end: Int32(truncatingIfNeeded: end),
                next: Int32(truncatingIfNeeded: nodes.count + 1)
            )
        )
    }

    /// The next byte that is not blank; 0 at the end.
    @inline(__always)
    private mutating func peek() -> UInt8 {
        while index < text.count {
            let byte = text[index]
            // Most bytes are not blank.
            if byte > 0x20 { return byte }
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            index += 1
        }
        return 0
    }

    // MARK: Scalars

    private mutating func scan(word: String, _ kind: Node.Kind) -> Bool {
        let end = index + word.utf8.count
        guard end <= text.count, text[index..<end].elementsEqual(word.utf8) else { return false }
        add(kind, index, end)
        index = end
        return true
    }

    private mutating func scanString() -> Bool {
        let start = index + 1
        var end = start
        var isPlain = true
        var bits: UInt8 = 0
        while end < text.count {
            let byte = text[end]
            end &+= 1
            bits |= byte
            // Most bytes are letters.
            if byte > Ascii.backslash { continue }
            if byte == Ascii.quote {
                add(.string, start, end - 1, isPlain: isPlain, isASCII: bits < 0x80)
                index = end
                return true
            }
            guard byte >= 0x20 else { return false }
            if byte == Ascii.backslash {
                isPlain = false
                guard scanEscape(&end) else { return false }
            }
        }
        return false
    }

    private func scanEscape(_ index: inout Int) -> Bool {
        guard index < text.count else { return false }
        let byte = text[index]
        index += 1
        guard byte == UInt8(ascii: "u") else { return Ascii.escaped(byte) != nil }
        guard text.count - index >= 4 else { return false }
        for _ in 0..<4 {
            guard Ascii.hexValue(text[index]) != nil else { return false }
            index += 1
        }
        return true
    }

    private mutating func scanNumber() -> Bool {
        let start = index
        if index < text.count, text[index] == Ascii.minus { index += 1 }
        let first = index
        guard scanDigits(), index - first == 1 || text[first] != Ascii.zero else { return false }
        var kind = Node.Kind.integer
        if index < text.count, text[index] == Ascii.point {
            index += 1
            guard scanDigits() else { return false }
            kind = .fraction
        }
        if index < text.count, text[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            if index < text.count, text[index] == Ascii.plus || text[index] == Ascii.minus { index += 1 }
            guard scanDigits() else { return false }
            kind = .fraction
        }
        add(kind, start, index)
        return true
    }

    /// Moves over digits, of which there must be one.
    @inline(__always)
    private mutating func scanDigits() -> Bool {
        let start = index
        while index < text.count, text[index] &- Ascii.zero < 10 { index += 1 }
        return index > start
    }
}
