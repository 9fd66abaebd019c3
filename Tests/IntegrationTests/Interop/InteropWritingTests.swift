import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// What is stored here, as other clients read it.
@Suite(
    "Interop: values for others",
    .enabled(if: Python.isInstalled, "\(Python.absence)"),
    .timeLimit(.minutes(2))
)
struct InteropWritingTests {
    typealias Library = PythonClient.Library

    let server: MemcachedServer
    let client: Client

    init() throws {
        server = try MemcachedServer.shared(.tcp)
        client = try Client([server.address], behaviors: .patient)
    }

    /// Stores a value by `set` and by `setMulti`, and has a library read it.
    private func expect<V: Encodable>(
        _ value: V,
        flags: UInt32,
        reads expected: PythonValue,
        in library: Library,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let keys = uniqueKeys(2, "interop")
        try client.set(keys[0], value)
        #expect(try client.setMulti([keys[1]: value]).isEmpty, sourceLocation: sourceLocation)
        for key in keys {
            #expect(try StoredItem(key, on: server)?.flags == flags, sourceLocation: sourceLocation)
            #expect(try PythonClient(library, server).get(key) == expected, sourceLocation: sourceLocation)
        }
    }

    @Test("Texts", arguments: Library.allCases)
    func texts(in library: Library) throws {
        for text in InteropReadingTests.texts {
            let isText = library != .pymemcache && library != .bmemcached
            try expect(text, flags: 16, reads: isText ? .text(text) : .bytes(text), in: library)
        }
    }

    @Test("Bytes", arguments: Library.allCases)
    func bytes(in library: Library) throws {
        // bmemcached takes bytes without a flag for text.
        for bytes in InteropReadingTests.byteStrings where library != .bmemcached {
            try expect(bytes, flags: 0, reads: .bytes(bytes), in: library)
            try expect(Data(bytes), flags: 0, reads: .bytes(bytes), in: library)
        }
        try expect(Array("é".utf8), flags: 0, reads: library == .bmemcached ? .text("é") : .bytes("é"), in: library)
    }

    @Test("Numbers", arguments: Library.allCases)
    func numbers(in library: Library) throws {
        for number in [0, 5, -7, .max, .min] {
            let expected = library == .pymemcache ? PythonValue.bytes("\(number)") : .number(number)
            try expect(number, flags: 4, reads: expected, in: library)
            try expect(Int?.some(number), flags: 4, reads: expected, in: library)
        }
        let largest = library == .pymemcache ? PythonValue.bytes("\(UInt64.max)") : .number(UInt64.max)
        try expect(UInt64.max, flags: 4, reads: largest, in: library)
        for value in [true, false] {
            let digit = value ? 1 : 0
            try expect(
                value,
                flags: 2,
                reads: library == .pymemcache ? .bytes("\(digit)") : .number(digit),
                in: library
            )
        }
    }

    @Test("JSON", arguments: Library.allCases)
    func json(in library: Library) throws {
        let values: [(value: any Encodable, json: String)] = [
            (1.5, "1.5"), ([1, 2], "[1,2]"), (["a": "é"], "{\"a\":\"é\"}"), (Int?.none, "null"),
        ]
        for (value, json) in values {
            if library == .memcache {
                // It refuses flags that it does not know.
                #expect(throws: PythonError.self) {
                    try expect(value, flags: 65536, reads: .bytes(json), in: library)
                }
            } else {
                let isText = library == .bmemcached
                try expect(value, flags: 65536, reads: isText ? .text(json) : .bytes(json), in: library)
            }
        }
    }

    @Test("Many values with one call", arguments: Library.allOfPylibmc)
    func manyAtOnce(in library: Library) throws {
        let prefix = "\(uniqueKey("interop")):"
        let values: [String: any Encodable] = ["text": "é", "bytes": [UInt8(0xff)], "five": 5, "yes": true]
        #expect(try client.setMulti(values, keyPrefix: prefix).isEmpty)
        let read = try PythonClient(library, server)(
            "client.get_multi(['text', 'bytes', 'five', 'yes', 'absent'], key_prefix=prefix) == expected",
            ["prefix": .text(prefix), "expected": .python("{'text': 'é', 'bytes': b'\\xff', 'five': 5, 'yes': 1}")]
        )
        #expect(read == .yes)
    }

    @Test("Keys beyond ASCII", arguments: [Library.pylibmcBinary, .pylibmcFromSourceBinary])
    func keysBeyondASCII(in library: Library) throws {
        let python = PythonClient(library, server)
        let key = "ключ 🎈 \(uniqueKey("interop"))"
        try client.set(key, "from here")
        #expect(try python.get(key) == .text("from here"))
        #expect(try python.set(key, .text("from there")))
        #expect(try client.get(key) == "from there")
        #expect(try python("client.delete(key)", ["key": .text(key)]) == .yes)
        #expect(try !client.contains(key))
    }
}
