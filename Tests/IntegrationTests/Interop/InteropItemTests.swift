import SwiftLibMC
import TestSupport
import Testing

/// Items that clients of several kinds change in turns.
@Suite(
    "Interop: shared items",
    .enabled(if: Python.isInstalled, "\(Python.absence)"),
    .timeLimit(.minutes(2))
)
struct InteropItemTests {
    typealias Library = PythonClient.Library

    let server: MemcachedServer
    let key: String
    let python: (Library) -> PythonClient

    init() throws {
        let server = try MemcachedServer.shared(.tcp)
        self.server = server
        key = uniqueKey("interop")
        python = { PythonClient($0, server) }
    }

    /// An expression about `client` and the key.
    private func evaluate(_ library: Library, _ code: String, _ values: [String: PythonValue] = [:]) throws
        -> PythonValue
    {
        try python(library)(code, values.merging(["key": .text(key)]) { first, _ in first })
    }

    private func client(binary: Bool = true) throws -> Client {
        try Client([server.address], binary: binary, behaviors: .patient)
    }

    @Test("Counters", arguments: Library.allCases, [true, false])
    func counters(library: Library, binary: Bool) throws {
        let client = try client(binary: binary)
        // Made there, used here.
        #expect(try python(library).set(key, .number(8)))
        #expect(try client.incr(key) == 9)
        #expect(try client.incr(key, delta: 3) == 12)
        #expect(try client.decr(key, delta: 5) == 7)
        #expect(try client.get(key, as: Int.self) == 7)
        // What was "12" is now "7 ", which is a 7 there as well, or the very bytes.
        #expect(try evaluate(library, "int(client.get(key))") == .number(7))
        #expect(try StoredItem(key, on: server)?.bytes == Array("7 ".utf8))

        // Made here, used there.
        try client.set(key, 99)
        #expect(try evaluate(library, "client.incr(key, 2)") == .number(101))
        #expect(try client.get(key, as: Int.self) == 101)
        #expect(try evaluate(library, "client.decr(key, 100)") == .number(1))
        #expect(try client.get(key, as: UInt8.self) == 1)
        #expect(try client.incr(key) == 2)

        // Past 32 bits, and the first that only the server's arithmetic has.
        try client.set(key, 1 << 62)
        #expect(try client.incr(key, delta: UInt64(1) << 62) == 1 << 63)
        #expect(try evaluate(library, "int(client.get(key))") == .number(UInt64(1) << 63))
    }

    @Test("Counters made by counting", arguments: Library.allCases, [true, false])
    func createdCounters(library: Library, binary: Bool) throws {
        let client = try client(binary: binary)
        #expect(try client.incr(key, initial: 10, time: 100) == 10)
        #expect(try evaluate(library, "client.incr(key, 5)") == .number(15))
        #expect(try evaluate(library, "int(client.get(key))") == .number(15))
        #expect(try client.get(key, as: Int.self) == 15)
    }

    @Test("Compare and swap", arguments: Library.allCases, [true, false])
    func compareAndSwap(library: Library, binary: Bool) throws {
        let client = try client(binary: binary)
        // python-memcached keeps the token to itself.
        let isStateful = library == .memcache
        let gets = isStateful ? "(client.gets(key), client.cas_ids[key.encode()])" : "client.gets(key)"
        let cas = isStateful ? "bool(client.cas(key, value))" : "bool(client.cas(key, value, token))"
        func read() throws -> PythonValue { try evaluate(library, "\(gets)[1]") }
        func swap(_ token: PythonValue, _ value: String) throws -> Bool {
            try evaluate(library, cas, ["token": token, "value": .text(value)]) == .yes
        }

        try client.set(key, "first")
        // The same token for both.
        let token = try #require(try client.gets(key, as: String.self)).cas
        #expect(try evaluate(library, "int(\(gets)[1])") == .number(token.rawValue))

        // Changed there, so not here.
        #expect(try swap(try read(), "second"))
        #expect(try !client.cas(key, "third", cas: token))
        let (value, fresh) = try #require(try client.gets(key, as: String.self))
        #expect(value == "second")

        // Changed here, so not there.
        let theirs = try read()
        #expect(try client.cas(key, "third", cas: fresh))
        #expect(try !swap(theirs, "fourth"))
        #expect(try client.get(key) == "third")
        #expect(try swap(try read(), "fifth"))
        #expect(try client.get(key, as: [UInt8].self) == Array("fifth".utf8))
    }

    @Test("Appending and prepending", arguments: Library.allCases, [true, false])
    func appending(library: Library, binary: Bool) throws {
        let client = try client(binary: binary)
        try client.set(key, "é")
        // bmemcached can't append.
        if library == .bmemcached {
            try client.append(key, "b")
        } else {
            #expect(try evaluate(library, "bool(client.append(key, 'b'))") == .yes)
        }
        #expect(try client.append(key, "c"))
        #expect(try client.prepend(key, Array("<".utf8)))
        #expect(try client.get(key, as: String.self) == "<ébc")
        let text = PythonValue.text("<ébc")
        #expect(try python(library).get(key) == (library.isTextual ? text : .bytes("<ébc")))

        #expect(try python(library).set(key, .text("b")))
        #expect(try client.prepend(key, "a"))
        #expect(try client.append(key, "c"))
        #expect(try evaluate(library, "client.get(key) in ('abc', b'abc')") == .yes)
        #expect(try client.get(key, as: String.self) == "abc")
    }

    @Test("Expirations", arguments: Library.allCases, [true, false])
    func expirations(library: Library, binary: Bool) throws {
        let client = try client(binary: binary)
        try client.set(key, "x", time: 1000)
        #expect(try (990...1000).contains(#require(try timeToLive)))
        try client.touch(key, time: .minutes(100))
        #expect(try (5990...6000).contains(#require(try timeToLive)))

        #expect(try python(library).set(key, .text("x"), library.lifetime(500)))
        #expect(try (490...500).contains(#require(try timeToLive)))
        try client.touch(key, time: .never)
        #expect(try timeToLive == -1)
        #expect(try client.get(key, as: String.self) == "x")

        if library != .bmemcached {
            #expect(try evaluate(library, "bool(client.touch(key, 2000))") == .yes)
            #expect(try (1990...2000).contains(#require(try timeToLive)))
        }
        try client.set(key, "x", time: .now)
        #expect(try python(library).get(key) == .none)
    }

    /// The seconds that the item has left, -1 for ever, nil if it is not there.
    private var timeToLive: Int? {
        get throws {
            let answer = try server.ask("mg \(key) t")
            return answer.hasPrefix("HD t") ? Int(answer.dropFirst(4)) : nil
        }
    }

    @Test("Adding, replacing and deleting", arguments: Library.allCases)
    func addingAndDeleting(library: Library) throws {
        let client = try client()
        #expect(try client.add(key, "ours"))
        #expect(try evaluate(library, "bool(client.add(key, 'theirs'))") == .no)
        #expect(try evaluate(library, "bool(client.replace(key, 'theirs'))") == .yes)
        #expect(try client.get(key, as: String.self) == "theirs")
        #expect(try evaluate(library, "bool(client.delete(key))") == .yes)
        #expect(try client.get(key, as: String.self) == nil)
        #expect(try !client.delete(key))
        #expect(try evaluate(library, "bool(client.add(key, 'theirs'))") == .yes)
        #expect(try !client.add(key, "ours"))
        #expect(try client.delete(key))
        #expect(try python(library).get(key) == .none)
    }
}

extension PythonClient.Library {
    /// Whether it reads our texts as `str`.
    fileprivate var isTextual: Bool { self != .pymemcache && self != .bmemcached }

    /// How its `set` is told how long an item lives.
    fileprivate func lifetime(_ seconds: Int) -> String {
        switch self {
        case .pymemcache, .pymemcachePickling, .pymemcacheCompressing: "expire=\(seconds)"
        default: "time=\(seconds)"
        }
    }
}
