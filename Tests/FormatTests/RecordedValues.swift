import Foundation
import SwiftLibMC

/// What a real library has stored, recorded by Scripts/record-formats: names, flags and bytes.
struct RecordedValues {
    let format: ValueFormat
    private let values: [String: Payload]

    init(_ format: ValueFormat, file: String? = nil) throws {
        self.format = format
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Recorded")
        let text = try String(contentsOf: folder.appending(path: "\(file ?? format.name).txt"), encoding: .utf8)
        var values: [String: Payload] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
            let digits = Array(parts[2].utf8)
            let bytes = stride(from: 0, to: digits.count, by: 2).map { start in
                UInt8(String(decoding: digits[start..<start + 2], as: UTF8.self), radix: 16) ?? 0
            }
            values[String(parts[0])] = Payload(bytes: bytes, flags: Flags(rawValue: UInt32(parts[1]) ?? .max))
        }
        self.values = values
    }

    /// What the library has stored.
    func payload(_ name: String) throws -> Payload {
        guard let payload = values[name] else { throw NoSuchValue(name: name) }
        return payload
    }

    /// The same as an item of a server.
    func item(_ name: String) throws -> Item {
        let payload = try payload(name)
        return Item(key: Array(name.utf8), bytes: payload.bytes, flags: payload.flags, cas: CAS(rawValue: 1))
    }

    /// Reads a value as `type`.
    func read<V: Decodable>(_ name: String, as type: V.Type = V.self) throws -> V {
        try item(name).decode(as: type, format: format)
    }

    /// The sentence that reading a value as `type` throws; nil if it throws something else, or nothing.
    func refusal<V: Decodable>(_ name: String, as type: V.Type) throws -> String? {
        let item = try item(name)
        do throws(MemcachedError) {
            _ = try item.decode(as: type, format: format)
            return nil
        } catch {
            return error.code == .deserialization ? error.detail : nil
        }
    }

    private struct NoSuchValue: Error {
        let name: String
    }
}

/// What the recorders store under the names of compressed values.
enum Long {
    static let lines = (0..<300).map { "line \($0) of a text that repeats itself; " }.joined()
    static let moreLines = (0..<600).map { "line \($0) of a text that repeats itself; " }.joined()

    /// The same bytes wherever they are made.
    static func noise(_ count: Int) -> [UInt8] {
        var state = 1
        return (0..<count).map { _ in
            state = (state * 1_103_515_245 + 12345) & 0x7FFF_FFFF
            return UInt8(truncatingIfNeeded: state >> 16)
        }
    }
}

/// The sample of a structure.
struct Point: Codable, Hashable {
    var x: Int
    var name: String?
}
