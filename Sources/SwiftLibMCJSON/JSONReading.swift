#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// The text that all readers of one decoding share.
///
/// It only handles valid input. At anything else it gives up, and then Foundation's decoder has to do it all again.
/// Giving up is final, because `init(from:)` may hide an error.
package final class JSONReading {
    let tape: JSONTape
    private(set) var hasGivenUp = false
    /// The members of large objects by their keys.
    private var indexes: [Int: [String: Int]] = [:]

    private init(_ tape: JSONTape) { self.tape = tape }

    /// Reads a value, or returns nil if it has given up.
    ///
    /// - Throws: What the value's own `init(from:)` throws, unless it is a `DecodingError`.
    package static func value<T: Decodable>(of text: [UInt8], as type: T.Type) throws -> T? {
        guard let tape = JSONTape(text) else { return nil }
        var reading = JSONReading(tape)
        let value: T
        do {
            value = try reading.value(at: 0, as: type)
        } catch {
            guard error is DecodingError || reading.hasGivenUp else { throw error }
            return nil
        }
        // Code that has kept a decoder to use it later should have a real one.
        return reading.hasGivenUp || !isKnownUniquelyReferenced(&reading) ? nil : value
    }

    /// Leaves the value to Foundation.
    @inline(never)
    func giveUp() -> DecodingError {
        hasGivenUp = true
        return .dataCorrupted(DecodingError.Context(codingPath: [], debugDescription: ""))
    }

    /// Unwraps a value; gives up if there is none.
    @inline(__always)
    func known<T>(_ value: T?) throws -> T {
        guard let value else { throw giveUp() }
        return value
    }

    func isNull(_ node: Int) -> Bool { tape.nodes[node].kind == .null }

    /// Reads a value.
    @inline(__always)
    func value<T: Decodable>(at node: Int, as type: T.Type) throws -> T {
        // Metatypes are compared at compile time for a known type, and cheaply otherwise.
        if T.self == String.self { return recast(try known(tape.string(node)), as: T.self) }
        if T.self == Int.self { return recast(try known(tape.integer(node) as Int?), as: T.self) }
        if T.self == Bool.self { return recast(try known(tape.bool(node)), as: T.self) }
        if T.self == Double.self { return recast(try known(tape.double(node)), as: T.self) }
        if T.self == [String].self { return recast(try array(node) as [String], as: T.self) }
        if T.self == [Int].self { return recast(try array(node) as [Int], as: T.self) }
        if T.self == [Double].self { return recast(try array(node) as [Double], as: T.self) }
        if T.self == Float.self { return recast(try known(tape.number(node) as Float?), as: T.self) }
        if T.self == Int8.self { return recast(try known(tape.integer(node) as Int8?), as: T.self) }
        if T.self == Int16.self { return recast(try known(tape.integer(node) as Int16?), as: T.self) }
        if T.self == Int32.self { return recast(try known(tape.integer(node) as Int32?), as: T.self) }
        if T.self == Int64.self { return recast(try known(tape.integer(node) as Int64?), as: T.self) }
        if T.self == UInt.self { return recast(try known(tape.integer(node) as UInt?), as: T.self) }
        if T.self == UInt8.self { return recast(try known(tape.integer(node) as UInt8?), as: T.self) }
        if T.self == UInt16.self { return recast(try known(tape.integer(node) as UInt16?), as: T.self) }
        if T.self == UInt32.self { return recast(try known(tape.integer(node) as UInt32?), as: T.self) }
        if T.self == UInt64.self { return recast(try known(tape.integer(node) as UInt64?), as: T.self) }
        if T.self == Int128.self { return recast(try known(tape.integer(node) as Int128?), as: T.self) }
        if T.self == UInt128.self { return recast(try known(tape.integer(node) as UInt128?), as: T.self) }
        // Foundation's decoder treats these specially.
        if T.self == Date.self {
            return recast(Date(timeIntervalSinceReferenceDate: try known(tape.double(node))), as: T.self)
        }
        if T.self == Data.self {
            return recast(try known(tape.string(node).flatMap { Data(base64Encoded: $0) }), as: T.self)
        }
        if T.self == URL.self { return recast(try known(tape.string(node).flatMap { URL(string: $0) }), as: T.self) }
        if T.self == Decimal.self { return recast(try known(tape.decimal(node)), as: T.self) }
        return try T(from: JSONValueReader(reading: self, node: node))
    }

    private func array<E: Decodable>(_ node: Int) throws -> [E] {
        guard tape.nodes[node].kind == .array else { throw giveUp() }
        var elements: [E] = []
        var next = node + 1
        elements.reserveCapacity(Int(tape.nodes[node].end))
        for _ in 0..<tape.nodes[node].end {
            elements.append(try value(at: next, as: E.self))
            next = Int(tape.nodes[next].next)
        }
        return elements
    }

    // MARK: Objects

    /// Where the value for a key is.
    @inline(__always)
    func member(_ key: String, of object: Int) throws -> Int? {
        let node = tape.nodes[object]
        guard node.isPlain, node.end <= 16 else { return try members(of: object)[key] }
        if let member = tape.member(key, of: object) { return member }
        // Strings of other characters can be equal to ASCII.
        return key.utf8.allSatisfy { $0 < 0x80 } ? nil : try members(of: object)[key]
    }

    /// Where the values for all keys are.
    func members(of object: Int) throws -> [String: Int] {
        if let members = indexes[object] { return members }
        var members: [String: Int] = [:]
        let count = tape.nodes[object].end
        members.reserveCapacity(Int(count))
        var node = object + 1
        for _ in 0..<count {
            let key = try known(tape.string(node))
            // As in Foundation's decoder, the first of several counts.
            if members[key] == nil { members[key] = node + 1 }
            node = Int(tape.nodes[node + 1].next)
        }
        indexes[object] = members
        return members
    }
}
