// One generic function stands for all the overloads that the protocols ask for, except those of 128 bits, for which the
// protocols have default implementations that only throw.

/// Reads one value.
struct JSONValueReader: Decoder, SingleValueDecodingContainer {
    let reading: JSONReading
    let node: Int

    // The path is only needed to explain errors, and Foundation does that.
    var codingPath: [any CodingKey] {
        _ = reading.giveUp()
        return []
    }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(try JSONObjectReader<Key>(reading, node))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { try JSONArrayReader(reading, node) }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

    func decodeNil() -> Bool { reading.isNull(node) }

    func decode<T: Decodable>(_ type: T.Type) throws -> T { try reading.value(at: node, as: type) }

    func decode(_ type: Int128.Type) throws -> Int128 { try reading.value(at: node, as: type) }

    func decode(_ type: UInt128.Type) throws -> UInt128 { try reading.value(at: node, as: type) }
}

/// Reads the members of an object.
struct JSONObjectReader<Key: CodingKey>: KeyedDecodingContainerProtocol {
    // It is copied with each call, so it is kept small.
    private let reading: JSONReading
    private let object: Int

    init(_ reading: JSONReading, _ node: Int) throws {
        guard reading.tape.nodes[node].kind == .object else { throw reading.giveUp() }
        self.reading = reading
        self.object = node
    }

    @inline(__always)
    private func member(_ key: Key) throws -> Int? { try reading.member(key.stringValue, of: object) }

    var codingPath: [any CodingKey] {
        _ = reading.giveUp()
        return []
    }

    var allKeys: [Key] {
        guard let members = try? reading.members(of: object) else { return [] }
        return members.keys.compactMap { Key(stringValue: $0) }
    }

    func contains(_ key: Key) -> Bool { (try? member(key)) ?? nil != nil }

    func decodeNil(forKey key: Key) throws -> Bool { reading.isNull(try reading.known(try member(key))) }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try reading.value(at: try reading.known(try member(key)), as: type)
    }

    func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 {
        try reading.value(at: try reading.known(try member(key)), as: type)
    }

    func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 {
        try reading.value(at: try reading.known(try member(key)), as: type)
    }

    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        guard let node = try member(key), !reading.isNull(node) else { return nil }
        return try reading.value(at: node, as: type)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        KeyedDecodingContainer(try JSONObjectReader<NestedKey>(reading, try reading.known(try member(key))))
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try JSONArrayReader(reading, try reading.known(try member(key)))
    }

    func superDecoder() throws -> any Decoder { throw reading.giveUp() }

    func superDecoder(forKey key: Key) throws -> any Decoder { throw reading.giveUp() }
}

/// Reads the elements of an array.
struct JSONArrayReader: UnkeyedDecodingContainer {
    // Three words fit into an existential without an allocation.
    private let reading: JSONReading
    private var node: Int32
    private var index: Int32 = 0
    private let total: Int32

    init(_ reading: JSONReading, _ node: Int) throws {
        let array = reading.tape.nodes[node]
        guard array.kind == .array else { throw reading.giveUp() }
        self.reading = reading
        self.node = Int32(truncatingIfNeeded: node + 1)
        self.total = array.end
    }

    var codingPath: [any CodingKey] {
        _ = reading.giveUp()
        return []
    }
    var count: Int? { Int(total) }
    var isAtEnd: Bool { index == total }
    var currentIndex: Int { Int(index) }

    /// The next element.
    @inline(__always)
    private func current() throws -> Int {
        guard index < total else { throw reading.giveUp() }
        return Int(node)
    }

    @inline(__always)
    private mutating func advance() {
        index += 1
        node = reading.tape.nodes[Int(node)].next
    }

    mutating func decodeNil() throws -> Bool {
        let isNull = reading.isNull(try current())
        if isNull { advance() }
        return isNull
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try nextValue(type) }

    mutating func decode(_ type: Int128.Type) throws -> Int128 { try nextValue(type) }

    mutating func decode(_ type: UInt128.Type) throws -> UInt128 { try nextValue(type) }

    @inline(__always)
    private mutating func nextValue<T: Decodable>(_ type: T.Type) throws -> T {
        let value = try reading.value(at: try current(), as: type)
        advance()
        return value
    }

    mutating func decodeIfPresent<T: Decodable>(_ type: T.Type) throws -> T? {
        let node = try current()
        let value = reading.isNull(node) ? nil : try reading.value(at: node, as: type)
        advance()
        return value
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) throws -> KeyedDecodingContainer<NestedKey> {
        let container = try JSONObjectReader<NestedKey>(reading, try current())
        advance()
        return KeyedDecodingContainer(container)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let container = try JSONArrayReader(reading, try current())
        advance()
        return container
    }

    mutating func superDecoder() throws -> any Decoder { throw reading.giveUp() }
}
