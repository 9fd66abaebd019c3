import SwiftLibMC
import TestSupport
import Testing

/// Compressed values, both ways.
@Suite(
    "Interop: compression",
    .enabled(if: Python.isInstalled, "\(Python.absence)"),
    .timeLimit(.minutes(2))
)
struct InteropCompressionTests {
    typealias Library = PythonClient.Library

    static let compressible = String(repeating: "all work and no play makes Jack a dull boy; é. ", count: 2500)
    static let random = (0..<100_000).map { _ in UInt8.random(in: 0...255) }
    /// Those that inflate what they read.
    static let inflating = Library.allCases.filter { $0 != .pymemcache && $0 != .pymemcachePickling }

    let server: MemcachedServer
    let client: Client

    init() throws {
        server = try MemcachedServer.shared(.tcp)
        client = try Client([server.address], behaviors: .patient)
    }

    /// What makes a library compress, as more arguments of `set`.
    private func arguments(of library: Library, level: Int = -1) -> String {
        switch library {
        case .pylibmc, .pylibmcBinary, .pylibmcFromSource, .pylibmcFromSourceBinary:
            "min_compress_len=1000, compress_level=\(level)"
        case .memcache: "min_compress_len=1000"
        case .pymemcache, .pymemcachePickling, .pymemcacheCompressing, .bmemcached: ""
        }
    }

    @Test("Theirs are inflated here", arguments: inflating)
    func readsTheirs(of library: Library) throws {
        let python = PythonClient(library, server)
        let bytes = Array(Self.compressible.utf8)
        let keys = uniqueKeys(3, "interop")
        #expect(try python.set(keys[0], .text(Self.compressible), arguments(of: library)))
        #expect(try python.set(keys[1], .bytes(bytes), arguments(of: library)))
        #expect(try python.set(keys[2], .bytes(Self.random), arguments(of: library)))

        for (key, flags) in zip(keys, [library.flags.text, library.flags.bytes]) {
            let stored = try #require(try StoredItem(key, on: server))
            #expect(stored.flags == flags | 8)
            #expect(stored.bytes.count < 5000)
        }
        #expect(try client.get(keys[0], as: String.self) == Self.compressible)
        #expect(try client.get(keys[1], as: [UInt8].self) == bytes)
        // What would grow is left as it is.
        #expect(try StoredItem(keys[2], on: server)?.flags == library.flags.bytes)
        #expect(try client.get(keys[2], as: [UInt8].self) == Self.random)
        #expect(try client.getMulti(keys, as: [UInt8].self) == [keys[0]: bytes, keys[1]: bytes, keys[2]: Self.random])
        #expect(try client.withBytes(keys[0]) { $0.byteCount } == bytes.count)
    }

    @Test("Each of pylibmc's levels", arguments: [1, 5, 9])
    func levels(level: Int) throws {
        for library in Library.allOfPylibmc {
            let key = uniqueKey("interop")
            let arguments = arguments(of: library, level: level)
            #expect(try PythonClient(library, server).set(key, .text(Self.compressible), arguments))
            #expect(try StoredItem(key, on: server)?.flags == 24)
            #expect(try client.get(key, as: String.self) == Self.compressible)

            try client.set(key, Self.compressible, minCompressLen: 1000, compressLevel: level)
            #expect(try StoredItem(key, on: server)?.flags == 24)
            #expect(try PythonClient(library, server).get(key) == .text(Self.compressible))
        }
    }

    @Test("Level 0 stores as it is, there and here")
    func levelZero() throws {
        let key = uniqueKey("interop")
        for library in Library.allOfPylibmc {
            let arguments = arguments(of: library, level: 0)
            #expect(try PythonClient(library, server).set(key, .text(Self.compressible), arguments))
            #expect(try StoredItem(key, on: server)?.flags == 16)
        }
        try client.set(key, Self.compressible, minCompressLen: 1000, compressLevel: 0)
        #expect(try StoredItem(key, on: server)?.flags == 16)
    }

    @Test("pylibmc compresses numbers and pickles too", arguments: Library.allOfPylibmc)
    func numbersAndPickles(of library: Library) throws {
        let python = PythonClient(library, server)
        let keys = uniqueKeys(2, "interop")
        #expect(try python.set(keys[0], .python("10 ** 3000"), arguments(of: library)))
        #expect(try StoredItem(keys[0], on: server)?.flags == 12)
        #expect(try client.get(keys[0], as: String.self) == "1" + String(repeating: "0", count: 3000))
        expectFailure(.deserialization) { try client.get(keys[0], as: Int.self) }

        #expect(try python.set(keys[1], .python("['x' * 100] * 100 + list(range(1000))"), arguments(of: library)))
        #expect(try StoredItem(keys[1], on: server)?.flags == 9)
        expectFailure(.deserialization) { try client.get(keys[1], as: [String].self) }
        let pickle = try #require(try client.get(keys[1], as: [UInt8].self))
        #expect(
            try Python.shared(.wheel).evaluate(
                "__import__('pickle').loads(pickle)[99:102]",
                ["pickle": .bytes(pickle)]
            ) == .python("['\(String(repeating: "x", count: 100))', 0, 1]")
        )
    }

    @Test("Many with one call", arguments: Library.allOfPylibmc + [.memcache])
    func manyOfTheirs(of library: Library) throws {
        let prefix = "\(uniqueKey("interop")):"
        let failed = try PythonClient(library, server)(
            "client.set_multi({'text': text, 'random': random}, key_prefix=prefix, min_compress_len=1000)",
            ["prefix": .text(prefix), "text": .text(Self.compressible), "random": .bytes(Self.random)]
        )
        #expect(failed == .python("[]"))
        #expect(try StoredItem(prefix + "text", on: server)?.flags == 24)
        #expect(try StoredItem(prefix + "random", on: server)?.flags == 0)
        let items = try client.getMulti(["text", "random"], keyPrefix: prefix, as: [UInt8].self)
        #expect(items == ["text": Array(Self.compressible.utf8), "random": Self.random])
    }

    @Test("Ours are inflated there", arguments: inflating)
    func theyReadOurs(in library: Library) throws {
        let python = PythonClient(library, server)
        let bytes = Array(Self.compressible.utf8)
        let keys = uniqueKeys(3, "interop")
        for multi in [false, true] {
            if multi {
                let texts = [keys[0]: Self.compressible]
                #expect(try client.setMulti(texts, minCompressLen: 1000).isEmpty)
                #expect(try client.setMulti([keys[1]: bytes, keys[2]: Self.random], minCompressLen: 1000).isEmpty)
            } else {
                try client.set(keys[0], Self.compressible, minCompressLen: 1000)
                try client.set(keys[1], bytes, minCompressLen: 1000)
                try client.set(keys[2], Self.random, minCompressLen: 1000)
            }
            #expect(try keys.map { try StoredItem($0, on: server)?.flags } == [24, 8, 0])
            let text = PythonValue.text(Self.compressible)
            #expect(try python.get(keys[0]) == (library == .bmemcached ? .bytes(bytes) : text))
            #expect(try python.get(keys[1]) == (library == .bmemcached ? text : .bytes(bytes)))
            if library != .bmemcached { #expect(try python.get(keys[2]) == .bytes(Self.random)) }
            for key in keys { try client.delete(key) }
        }
    }

    @Test("Compressed JSON is inflated there", arguments: Library.allOfPylibmc + [.pymemcacheCompressing])
    func json(in library: Library) throws {
        let key = uniqueKey("interop")
        try client.set(key, Array(repeating: 12345, count: 1000), minCompressLen: 1000)
        #expect(try StoredItem(key, on: server)?.flags == 65536 + 8)
        let sum = try PythonClient(library, server)(
            "sum(__import__('json').loads(client.get(key)))",
            ["key": .text(key)]
        )
        #expect(sum == .python("12345000"))
    }
}
