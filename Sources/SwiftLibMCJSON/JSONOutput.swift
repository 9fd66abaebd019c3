#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// The output of an encoding: text, and the values that are open at its end.
///
/// A container that is not the innermost one can only be written to once those inside it are closed, and nothing that
/// was written can be taken back. It gives up whenever that would be needed, and for everything that has no JSON form:
/// then Foundation's encoder has to do it all again. Giving up is final, because `encode(to:)` may hide an error.
struct JSONOutput {
    /// A value that is being written.
    struct Frame {
        /// Distinguishes it from all others of this output.
        let serial: Int
        /// Whether it was opened by a container inside an `encode(to:)`, so that it ends when the container continues.
        let isNested: Bool
        var content: Content
        /// How many elements or keys it has.
        var count = 0
        /// The hashes of the first of its keys.
        var keys = InlineArray<16, UInt64>(repeating: 0)
    }

    enum Content { case nothing, scalar, array, object }

    var text = JSONText()
    var top = Frame(serial: 0, isNested: false, content: .nothing)
    private var outer: [Frame] = []
    private var lastSerial = 0
    /// The hashes of the keys of large objects, by their serial numbers.
    private var keySets: [Int: Set<UInt64>] = [:]
    private(set) var hasGivenUp = false

    /// Leaves the value to Foundation.
    @discardableResult
    @inline(never)
    mutating func giveUp() -> EncodingError {
        hasGivenUp = true
        top = Frame(serial: -1, isNested: false, content: .nothing)
        return .invalidValue(0, EncodingError.Context(codingPath: [], debugDescription: ""))
    }

    // MARK: Values

    /// Begins a value inside the innermost one.
    ///
    /// - Returns: The serial number to write with, which is unusable if this has given up.
    mutating func begin(_ content: Content, isNested: Bool) -> Int {
        // Foundation refuses more than 511 levels.
        if outer.count == 400 { giveUp() }
        guard !hasGivenUp else { return -2 }
        outer.append(top)
        lastSerial += 1
        top = Frame(serial: lastSerial, isNested: isNested, content: content)
        openBracket()
        return lastSerial
    }

    /// Ends a value.
    mutating func end(_ serial: Int) throws {
        guard makeInnermost(serial) else { throw giveUp() }
        endTop()
    }

    /// Ends the outermost value, and returns the text.
    mutating func finish() -> [UInt8]? {
        guard makeInnermost(0), top.content != .nothing, outer.isEmpty else { return nil }
        closeBracket()
        return text.finish()
    }

    private mutating func endTop() {
        closeBracket()
        top = outer.removeLast()
    }

    private mutating func openBracket() {
        switch top.content {
        case .nothing, .scalar: break
        case .array: text.append(byte: UInt8(ascii: "["))
        case .object: text.append(byte: UInt8(ascii: "{"))
        }
    }

    private mutating func closeBracket() {
        switch top.content {
        case .scalar: break
        case .array: text.append(byte: UInt8(ascii: "]"))
        case .object:
            text.append(byte: UInt8(ascii: "}"))
            if top.count > top.keys.count { keySets[top.serial] = nil }
        case .nothing:
            // As Foundation's encoder, for a value that writes nothing.
            text.append(byte: UInt8(ascii: "{"))
            text.append(byte: UInt8(ascii: "}"))
        }
    }

    /// Makes a value the innermost one, by ending the containers inside it.
    ///
    /// - Returns: Whether it is now; if not, this has given up.
    @inline(__always)
    private mutating func makeInnermost(_ serial: Int) -> Bool { top.serial == serial || endInner(serial) }

    @inline(never)
    private mutating func endInner(_ serial: Int) -> Bool {
        while top.serial != serial {
            guard !hasGivenUp, top.isNested else {
                giveUp()
                return false
            }
            endTop()
        }
        return true
    }

    // MARK: Scalars

    /// Writes a value whose form is known, where a value is expected.
    ///
    /// - Returns: Whether it is such a value.
    @inline(__always)
    mutating func write<T>(scalar value: T) throws -> Bool {
        // Metatypes are compared at compile time for a known type, and cheaply otherwise.
        if T.self == String.self {
            text.append(string: recast(value, as: String.self))
        } else if T.self == Int.self {
            text.append(integer: recast(value, as: Int.self))
        } else if T.self == Bool.self {
            text.append(word: recast(value, as: Bool.self) ? "true" : "false")
        } else if T.self == Double.self {
            try write(number: recast(value, as: Double.self))
        } else if T.self == [String].self {
            try write(array: recast(value, as: [String].self))
        } else if T.self == [Int].self {
            try write(array: recast(value, as: [Int].self))
        } else if T.self == [Double].self {
            try write(array: recast(value, as: [Double].self))
        } else {
            return try write(rareScalar: value)
        }
        return true
    }

    @inline(__always)
    private mutating func write<T>(rareScalar value: T) throws -> Bool {
        if T.self == JSONNull.self {
            text.append(word: "null")
        } else if T.self == Float.self {
            try write(number: recast(value, as: Float.self))
        } else if T.self == Int8.self {
            text.append(integer: recast(value, as: Int8.self))
        } else if T.self == Int16.self {
            text.append(integer: recast(value, as: Int16.self))
        } else if T.self == Int32.self {
            text.append(integer: recast(value, as: Int32.self))
        } else if T.self == Int64.self {
            text.append(integer: recast(value, as: Int64.self))
        } else if T.self == Int128.self {
            text.append(integer: recast(value, as: Int128.self))
        } else if T.self == UInt.self {
            text.append(integer: recast(value, as: UInt.self))
        } else if T.self == UInt8.self {
            text.append(integer: recast(value, as: UInt8.self))
        } else if T.self == UInt16.self {
            text.append(integer: recast(value, as: UInt16.self))
        } else if T.self == UInt32.self {
            text.append(integer: recast(value, as: UInt32.self))
        } else if T.self == UInt64.self {
            text.append(integer: recast(value, as: UInt64.self))
        } else if T.self == UInt128.self {
            text.append(integer: recast(value, as: UInt128.self))
        } else {
            return try write(ofFoundation: value)
        }
        return true
    }

    /// Writes a value that Foundation's encoder treats specially.
    @inline(__always)
    private mutating func write<T>(ofFoundation value: T) throws -> Bool {
        if T.self == Date.self {
            try write(number: recast(value, as: Date.self).timeIntervalSinceReferenceDate)
        } else if T.self == Data.self {
            text.append(string: recast(value, as: Data.self).base64EncodedString())
        } else if T.self == URL.self {
            text.append(string: recast(value, as: URL.self).absoluteString)
        } else if T.self == Decimal.self {
            let number = recast(value, as: Decimal.self)
            guard number.isFinite else { throw giveUp() }
            let digits = number.description
            text.append(plain: digits.utf8.span)
        } else {
            return false
        }
        return true
    }

    private mutating func write<F: BinaryFloatingPoint & CustomStringConvertible>(number: F) throws {
        guard text.append(number: number) else { throw giveUp() }
    }

    @inline(__always)
    private mutating func write<E>(array: [E]) throws {
        text.append(byte: UInt8(ascii: "["))
        for index in array.indices {
            if index > 0 { text.append(byte: Ascii.comma) }
            _ = try write(scalar: array[index])
        }
        text.append(byte: UInt8(ascii: "]"))
    }

    // MARK: Parts of a value

    /// Opens the container that a value consists of, or continues it.
    ///
    /// - Returns: The serial number to write with, which is unusable if this has given up.
    mutating func open(_ content: Content, of serial: Int) -> Int {
        guard makeInnermost(serial) else { return -2 }
        if top.content == content { return serial }
        guard top.content == .nothing else {
            giveUp()
            return -2
        }
        top.content = content
        openBracket()
        return serial
    }

    /// Begins the content of a value that consists of a single other value.
    @inline(__always)
    mutating func beginSingle(_ serial: Int) throws {
        guard makeInnermost(serial), top.content == .nothing else { throw giveUp() }
        top.content = .scalar
    }

    /// Begins the next element of an array.
    @inline(__always)
    mutating func beginElement(_ serial: Int) throws {
        guard makeInnermost(serial) else { throw giveUp() }
        if top.count > 0 { text.append(byte: Ascii.comma) }
        top.count += 1
    }

    /// How many elements an array has.
    mutating func count(_ serial: Int) -> Int { makeInnermost(serial) ? top.count : 0 }

    /// Begins the value for a key of an object.
    mutating func beginMember(_ key: String, _ serial: Int) throws {
        guard makeInnermost(serial), isNew(key) else { throw giveUp() }
        text.append(key: key, isFirst: top.count == 0)
        top.count += 1
    }

    // MARK: Keys

    /// Whether the innermost object lacks a key; if so, the key is added to it.
    private mutating func isNew(_ key: String) -> Bool {
        guard let hash = Self.hash(key) else { return false }
        guard top.count < top.keys.count else { return isNewOfMany(hash) }
        for index in 0..<top.count where top.keys[index] == hash { return false }
        top.keys[top.count] = hash
        return true
    }

    private mutating func isNewOfMany(_ hash: UInt64) -> Bool {
        if top.count == top.keys.count { keySets[top.serial] = Set(top.keys.indices.map { top.keys[$0] }) }
        return keySets[top.serial]?.insert(hash).inserted == true
    }

    /// A number that is the same for equal keys, and differs for others with high probability; nil if there is none.
    private static func hash(_ key: String) -> UInt64? {
        let text = key.utf8.span
        var isASCII = true
        var sum: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in text.indices {
            let byte = text[index]
            isASCII = isASCII && byte < 0x80
            sum = (sum ^ UInt64(byte)) &* 0x100_0000_01B3
        }
        guard !isASCII else { return sum }
        // Strings with different bytes can be equal. These characters equal ASCII ones: Kelvin's K, a semicolon, an
        // accent.
        let hasDouble = key.unicodeScalars.contains { [0x212A, 0x37E, 0x1FEF].contains($0.value) }
        return hasDouble ? nil : UInt64(truncatingIfNeeded: key.hashValue)
    }
}
