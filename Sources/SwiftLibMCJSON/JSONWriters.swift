// One generic function stands for all the overloads that the protocols ask for, except those of 128 bits, for which the
// protocols have default implementations that only throw.

/// Writes one value.
struct JSONValueWriter: Encoder, SingleValueEncodingContainer {
    let writing: JSONWriting
    let serial: Int

    // The path is only needed to explain errors, and Foundation does that.
    var codingPath: [any CodingKey] {
        writing.output.giveUp()
        return []
    }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        let serial = writing.output.open(.object, of: serial)
        return KeyedEncodingContainer(JSONObjectWriter<Key>(writing: writing, serial: serial))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        JSONArrayWriter(writing: writing, serial: writing.output.open(.array, of: serial))
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }

    func encodeNil() throws { try writing.output.single(JSONNull(), serial) }

    func encode<T: Encodable>(_ value: T) throws {
        if try !writing.output.single(value, serial) { try writing.writeContents(of: value) }
    }

    func encode(_ value: Int128) throws { try writing.output.single(value, serial) }

    func encode(_ value: UInt128) throws { try writing.output.single(value, serial) }
}

/// Writes the members of an object.
struct JSONObjectWriter<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let writing: JSONWriting
    let serial: Int

    var codingPath: [any CodingKey] {
        writing.output.giveUp()
        return []
    }

    mutating func encodeNil(forKey key: Key) throws {
        try writing.output.member(key.stringValue, JSONNull(), serial)
    }

    mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        let key = key.stringValue
        if try !writing.output.member(key, value, serial) { try writing.writeContents(of: value) }
    }

    mutating func encode(_ value: Int128, forKey key: Key) throws {
        try writing.output.member(key.stringValue, value, serial)
    }

    mutating func encode(_ value: UInt128, forKey key: Key) throws {
        try writing.output.member(key.stringValue, value, serial)
    }

    mutating func encodeIfPresent<T: Encodable>(_ value: T?, forKey key: Key) throws {
        if let value { try encode(value, forKey: key) }
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        let serial = writing.output.nested(.object, key.stringValue, serial)
        return KeyedEncodingContainer(JSONObjectWriter<NestedKey>(writing: writing, serial: serial))
    }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        JSONArrayWriter(writing: writing, serial: writing.output.nested(.array, key.stringValue, serial))
    }

    // What the encoder writes would have to be inserted when it is released.
    mutating func superEncoder() -> any Encoder {
        writing.output.giveUp()
        return JSONValueWriter(writing: writing, serial: serial)
    }

    mutating func superEncoder(forKey key: Key) -> any Encoder { superEncoder() }
}

/// Writes the elements of an array.
struct JSONArrayWriter: UnkeyedEncodingContainer {
    let writing: JSONWriting
    let serial: Int

    var codingPath: [any CodingKey] {
        writing.output.giveUp()
        return []
    }
    var count: Int { writing.output.count(serial) }

    mutating func encodeNil() throws { try writing.output.element(JSONNull(), serial) }

    mutating func encode<T: Encodable>(_ value: T) throws {
        if try !writing.output.element(value, serial) { try writing.writeContents(of: value) }
    }

    mutating func encode(_ value: Int128) throws { try writing.output.element(value, serial) }

    mutating func encode(_ value: UInt128) throws { try writing.output.element(value, serial) }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) -> KeyedEncodingContainer<NestedKey> {
        let serial = writing.output.nested(.object, nil, serial)
        return KeyedEncodingContainer(JSONObjectWriter<NestedKey>(writing: writing, serial: serial))
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        JSONArrayWriter(writing: writing, serial: writing.output.nested(.array, nil, serial))
    }

    mutating func superEncoder() -> any Encoder {
        writing.output.giveUp()
        return JSONValueWriter(writing: writing, serial: serial)
    }
}
