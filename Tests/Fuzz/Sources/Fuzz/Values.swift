import Foundation
@testable import SwiftLibMC
@testable import SwiftLibMCJSON

// What is in the cache: other programs may have written it.

struct Model: Codable, Equatable {
    struct Part: Codable, Equatable {
        var name: String
        var weights: [Double]
    }

    var id: Int
    var name: String?
    var isActive: Bool
    var score: Double
    var small: UInt8
    var tags: [String]
    var parts: [String: Part]
    var children: [Model]?
}

extension FuzzTarget {
    private static let formats: [ValueFormat] = [
        .pylibmc, .pythonMemcached, .pymemcache, .bmemcached, .raw, .php, .spymemcached, .dalli,
    ]

    static let values: [FuzzTarget] = [
        // A byte for the format, four for the flags, and the value.
        FuzzTarget(name: "values") { bytes in
            guard bytes.count >= 5 else { return }
            let format = formats[Int(bytes[0]) % formats.count]
            let flags = Flags(rawValue: bytes[1..<5].reduce(0) { $0 << 8 | UInt32($1) })
            let reader = ValueReader(
                codec: FormatCodec(format, maxInflatedBytes: 1 << 20),
                value: MemcachedResponse.Value(bytes: Array(bytes[5...]), flags: flags)
            )
            reader.check([UInt8].self)
            reader.check(Data.self)
            reader.check(String.self)
            reader.check(Int.self)
            reader.check(UInt64.self)
            reader.check(Int8.self)
            reader.check(Bool.self)
            reader.check(Double.self)
            reader.check(Float.self)
            reader.check(Int?.self)
            reader.check(String?.self)
            reader.check([Int].self)
            reader.check([String: String].self)
            reader.check(Model.self)
        },
        // A byte for the kind of stream, and the stream.
        FuzzTarget(name: "inflation") { bytes in
            guard let first = bytes.first else { return }
            let stream = Array(bytes.dropFirst())
            let limit = 1 << 20
            if first % 3 == 0 {
                let count = Int(first) * 64
                let output = FastLZ.inflate(stream, count: count)
                return check(output == nil || output?.count == count, "another length than was said")
            }
            let deflate = Deflate()
            let format: Deflate.Format = first % 3 == 1 ? .zlib : .gzip
            guard let block = try? stream.withRawSpan({ try deflate.inflate($0, limit: limit, as: format) }) else {
                return
            }
            let count = block.withRawSpan { $0.byteCount }
            check(count <= limit, "\(count) bytes, and \(limit) were allowed")
            deflate.recycle(block)
        },
        // Our reader against Foundation's.
        FuzzTarget(name: "json") { bytes in
            agree(bytes, Model.self)
            agree(bytes, [Model].self)
            agree(bytes, [String: Int?].self)
            agree(bytes, [[Double]].self)
            agree(bytes, String.self)
        },
    ]

    private static func agree<T: Codable & Equatable>(_ text: [UInt8], _ type: T.Type) {
        guard let ours = try? JSONReading.value(of: text, as: type) else { return }
        let theirs = try? JSONDecoder().decode(type, from: Data(text))
        check(ours == theirs, "\(type): \(ours), and Foundation's is \(String(describing: theirs))")
    }
}

/// Reads one stored value.
private struct ValueReader {
    let codec: FormatCodec
    let value: MemcachedResponse.Value

    /// What was read can be written, and is then read as the same, but for what no format promises.
    func check<V: Codable & Equatable>(_ type: V.Type) {
        guard let read = try? codec.decode(value, as: type, for: .get, key: "key"), read == read else { return }
        guard let payload = try? codec.encode(read, StoreOptions(), for: .set) else { return }
        let stored = MemcachedResponse.Value(bytes: payload.bytes, flags: payload.flags)
        let again = try? codec.decode(stored, as: type, for: .get, key: "key")
        Fuzz.check(
            again == read,
            "\(codec.format) \(type): \(read) is written, and read as \(String(describing: again))"
        )
    }
}
