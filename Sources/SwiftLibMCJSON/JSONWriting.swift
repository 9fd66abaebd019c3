/// The output that all writers of one encoding share.
///
/// It writes what Foundation's encoder writes, or gives up: see ``JSONOutput``.
package final class JSONWriting {
    // An access costs a hundred instructions, for the check that it overlaps no other: so there is one per call. None
    // of them runs code of the value that is being written.
    var output = JSONOutput()

    /// Writes a value, or returns nil if it has given up.
    package static func text<T: Encodable>(of value: T) -> [UInt8]? {
        let writing = JSONWriting()
        let writer = JSONValueWriter(writing: writing, serial: 0)
        do {
            if try !writing.output.outermost(value) { try value.encode(to: writer) }
        } catch {
            return nil
        }
        return writing.output.finish()
    }

    /// Has a value write itself, where a value is expected.
    @inline(never)
    func writeContents<T: Encodable>(of value: T) throws {
        let serial = output.begin(.nothing, isNested: false)
        do {
            try value.encode(to: JSONValueWriter(writing: self, serial: serial))
        } catch {
            output.giveUp()
            throw error
        }
        try output.end(serial)
    }
}

// MARK: - One access

extension JSONOutput {
    @inline(__always)
    @discardableResult
    mutating func member<T>(_ key: String, _ value: T, _ serial: Int) throws -> Bool {
        try beginMember(key, serial)
        return try write(scalar: value)
    }

    @inline(__always)
    @discardableResult
    mutating func element<T>(_ value: T, _ serial: Int) throws -> Bool {
        try beginElement(serial)
        return try write(scalar: value)
    }

    @inline(__always)
    @discardableResult
    mutating func single<T>(_ value: T, _ serial: Int) throws -> Bool {
        try beginSingle(serial)
        return try write(scalar: value)
    }

    mutating func outermost<T>(_ value: T) throws -> Bool {
        let isScalar = try write(scalar: value)
        if isScalar { top.content = .scalar }
        return isScalar
    }

    /// Opens a container inside another.
    ///
    /// - Returns: The serial number to write with, which is unusable if this has given up.
    mutating func nested(_ content: Content, _ key: String?, _ serial: Int) -> Int {
        do {
            if let key { try beginMember(key, serial) } else { try beginElement(serial) }
        } catch {
            return -2
        }
        return begin(content, isNested: true)
    }
}

/// Stands for `null`.
struct JSONNull {}
