import SwiftLibMC
import TestSupport
import Testing

/// What other clients store, as it is read here.
@Suite(
    "Interop: values of others",
    .enabled(if: Python.isInstalled, "\(Python.absence)"),
    .timeLimit(.minutes(2))
)
struct InteropReadingTests {
    typealias Library = PythonClient.Library

    static let texts = ["text", "", "two words\r\nand lines", "héllo wörld", "日本語 🎈", "a\0b", "null", "5", "[1, 2]"]
    static let byteStrings: [[UInt8]] = [Array(0...255), [], [0], [0xff], Array("plain".utf8), Array("a\0b\r\n".utf8)]

    let server: MemcachedServer

    init() throws {
        server = try MemcachedServer.shared(.tcp)
    }

    /// Has a library store a value; gives the key.
    private func store(_ value: PythonValue, with library: Library, flags: UInt32) throws -> String {
        let key = uniqueKey("interop")
        #expect(try PythonClient(library, server).set(key, value))
        #expect(try StoredItem(key, on: server)?.flags == flags, "\(value.testDescription)")
        return key
    }

    @Test("Texts", arguments: Library.allCases, [true, false])
    func texts(of library: Library, binary: Bool) throws {
        let client = try Client([server.address], binary: binary, behaviors: .patient)
        for text in Self.texts {
            // Without a serializer pymemcache takes ASCII only.
            if library == .pymemcache, !text.utf8.allSatisfy({ $0 < 0x80 }) { continue }
            let key = try store(.text(text), with: library, flags: library.flags.text)
            #expect(try client.get(key, as: String.self) == text)
            #expect(try client.get(key, as: String?.self) == .some(text))
            #expect(try client.get(key, as: [UInt8].self) == Array(text.utf8))
            #expect(try client.getMulti([key], as: String.self) == [key: text])
        }
    }

    @Test("Bytes", arguments: Library.allCases, [true, false])
    func bytes(of library: Library, binary: Bool) throws {
        let client = try Client([server.address], binary: binary, behaviors: .patient)
        for bytes in Self.byteStrings {
            let key = try store(.bytes(bytes), with: library, flags: library.flags.bytes)
            #expect(try client.get(key, as: [UInt8].self) == bytes)
            #expect(try client.item(key)?.bytes == bytes)
            #expect(try client.getMulti([key], as: [UInt8].self) == [key: bytes])
        }
    }

    @Test("Integers", arguments: Library.allCases, [true, false])
    func integers(of library: Library, binary: Bool) throws {
        let client = try Client([server.address], binary: binary, behaviors: .patient)
        for number in [0, 5, -7, 1 << 40, .max, .min] {
            let key = try store(.number(number), with: library, flags: library.flags.integer)
            #expect(try client.get(key, as: Int.self) == number)
            #expect(try client.get(key, as: Double.self) == Double(number))
            #expect(try client.get(key, as: String.self) == "\(number)")
            #expect(try client.getMulti([key], as: Int.self) == [key: number])
        }
        let largest = try store(.number(UInt64.max), with: library, flags: library.flags.integer)
        #expect(try client.get(largest, as: UInt64.self) == .max)
        #expect(throws: MemcachedError.self) { try client.get(largest, as: Int.self) }
    }

    @Test("Integers of more than 64 bits can't be read as one, but as text", arguments: Library.allCases)
    func largeIntegers(of library: Library) throws {
        let client = try Client([server.address], behaviors: .patient)
        let key = try store(.python("2 ** 64"), with: library, flags: library.flags.integer)
        let error = #expect(throws: MemcachedError.self) { try client.get(key, as: UInt64.self) }
        #expect(error?.code == .deserialization)
        #expect(error?.key == key)
        #expect(throws: MemcachedError.self) { try client.getMulti([key], as: Int.self) }
        #expect(try client.get(key, as: String.self) == "18446744073709551616")
        #expect(try client.get(key, as: Int128.self) == 1 << 64)
    }

    @Test("Booleans", arguments: Library.allOfPylibmc, [true, false])
    func booleans(of library: Library, value: Bool) throws {
        let client = try Client([server.address], behaviors: .patient)
        let key = try store(value ? .yes : .no, with: library, flags: 2)
        #expect(try client.get(key, as: Bool.self) == value)
        #expect(try client.get(key, as: Int.self) == (value ? 1 : 0))
    }

    @Test("Pickles are told apart, and their bytes can be had", arguments: Library.allCases)
    func pickles(of library: Library) throws {
        // This one does not pickle.
        guard library != .pymemcache else { return }
        let client = try Client([server.address], behaviors: .patient)
        var values = ["1.5", "[1, 'two']", "{'a': 1}", "None", "(1, 2)"]
        if !Library.allOfPylibmc.contains(library) { values.append("True") }
        for value in values {
            let key = try store(.python(value), with: library, flags: 1)
            let errors = [
                #expect(throws: MemcachedError.self) { try client.get(key, as: String.self) },
                #expect(throws: MemcachedError.self) { try client.get(key, as: Int.self) },
                #expect(throws: MemcachedError.self) { try client.get(key, as: Bool.self) },
                #expect(throws: MemcachedError.self) { try client.get(key, as: Double?.self) },
                #expect(throws: MemcachedError.self) { try client.get(key, as: [Int].self) },
                #expect(throws: MemcachedError.self) { try client.getMulti([key], as: String.self) },
            ]
            for error in errors {
                #expect(error?.code == .deserialization)
                #expect(error?.key == key)
                #expect(error?.debugDescription.contains("pickle") == true, "\(error as Any)")
            }
            let bytes = try #require(try client.get(key, as: [UInt8].self))
            let unpickled = try Python.shared(.wheel).evaluate(
                "__import__('pickle').loads(pickle)",
                ["pickle": .bytes(bytes)]
            )
            #expect(unpickled == .python(value))
        }
    }

    @Test("Values of several kinds with one call", arguments: Library.allOfPylibmc)
    func manyAtOnce(of library: Library) throws {
        let client = try Client([server.address], behaviors: .patient)
        let prefix = "\(uniqueKey("interop")):"
        let failed = try PythonClient(library, server)(
            "client.set_multi({'text': 'é', 'bytes': b'\\xff', 'five': 5, 'yes': True, 'list': [1]}, key_prefix=prefix)",
            ["prefix": .text(prefix)]
        )
        #expect(failed == .python("[]"))
        let names = ["text", "bytes", "five", "yes", "list", "absent"]
        let items = try client.items(names, keyPrefix: prefix)
        #expect(items.mapValues(\.flags.rawValue) == ["text": 16, "bytes": 0, "five": 4, "yes": 2, "list": 1])
        #expect(try items["text"].map { try client.decode($0, as: String.self) } == "é")
        #expect(try items["five"].map { try client.decode($0, as: Int.self) } == 5)
        #expect(try items["yes"].map { try client.decode($0, as: Bool.self) } == true)
    }

    @Test("Without a serializer pymemcache stores the words of Python")
    func words() throws {
        let client = try Client([server.address], behaviors: .patient)
        let yes = try store(.yes, with: .pymemcache, flags: 0)
        #expect(try client.get(yes, as: String.self) == "True")
        let number = try store(.python("1.5"), with: .pymemcache, flags: 0)
        #expect(try client.get(number, as: Double.self) == 1.5)
        let list = try store(.python("[1, 2]"), with: .pymemcache, flags: 0)
        #expect(try client.get(list, as: [Int].self) == [1, 2])
    }
}

extension PythonClient.Library {
    /// The flags of its values.
    var flags: (text: UInt32, bytes: UInt32, integer: UInt32) {
        switch self {
        case .pylibmc, .pylibmcBinary, .pylibmcFromSource, .pylibmcFromSourceBinary: (16, 0, 4)
        case .memcache, .pymemcachePickling, .pymemcacheCompressing: (16, 0, 2)
        case .pymemcache: (0, 0, 0)
        case .bmemcached: (0, 16, 2)
        }
    }
}
