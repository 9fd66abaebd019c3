/// One element, or an array of them: something that a command has for each of its keys.
///
/// The case tells which method was called. `get` has one key, and no array is allocated for it; `getMulti` has many,
/// even if it was called with a single one.
public enum OneOrMany<Element> {
    /// The element of a command for a single key.
    case one(Element)
    /// The elements of a command for many keys, in their order; empty for a command without keys.
    case many([Element])
}

extension OneOrMany: Sendable where Element: Sendable {}
extension OneOrMany: Equatable where Element: Equatable {}

extension OneOrMany: RandomAccessCollection {
    /// Zero.
    public var startIndex: Int { 0 }

    /// The number of elements.
    public var endIndex: Int {
        switch self {
        case .one: 1
        case .many(let elements): elements.count
        }
    }

    /// The element at a position.
    public subscript(position: Int) -> Element {
        switch self {
        case .one(let element):
            precondition(position == 0, "a single element has the position 0")
            return element
        case .many(let elements): return elements[position]
        }
    }
}

extension OneOrMany {
    /// Whether it is from a command for a single key.
    public var isOne: Bool { if case .one = self { true } else { false } }

    /// The same shape with other elements.
    public func mapEach<R, E: Error>(_ transform: (Element) throws(E) -> R) throws(E) -> OneOrMany<R> {
        switch self {
        case .one(let element): .one(try transform(element))
        case .many(let elements): .many(try elements.map(transform))
        }
    }
}
