import SwiftLibMC
import TestSupport
import Testing

/// `gets`, `withBytes`, `item` and `decode`.
@Suite("Reading more than a value", .timeLimit(.minutes(5)))
struct ItemTests {
    @Test(arguments: Route.allCases)
    func getsGivesTheVersion(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, 1)
        let first = try #require(try client.gets(key, as: Int.self))
        #expect(first.value == 1)
        #expect(first.cas.rawValue != 0)
        #expect(try client.gets(key, as: Int.self)?.cas == first.cas)
        try client.set(key, 1)
        #expect(try client.gets(key, as: Int.self)?.cas != first.cas)
    }

    @Test(arguments: Route.allCases)
    func getsOfAMissIsNil(_ route: Route) throws {
        let client = try route.client()
        #expect(try client.gets(uniqueKey(), as: Int.self) == nil)
    }

    @Test(arguments: Route.protocols)
    func everyKindOfWriteChangesTheVersion(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, "1")
        var seen: Set<CAS> = []
        func version() throws -> CAS { try #require(try client.item(key)).cas }
        seen.insert(try version())
        try client.append(key, "2")
        seen.insert(try version())
        try client.prepend(key, "3")
        seen.insert(try version())
        try client.incr(key)
        seen.insert(try version())
        #expect(try client.replace(key, "4"))
        seen.insert(try version())
        #expect(try client.cas(key, "5", cas: try version()))
        seen.insert(try version())
        #expect(seen.count == 6)
    }

    @Test(arguments: Route.allCases)
    func withBytesLendsTheValue(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, [UInt8].everyByte)
        #expect(try client.withBytes(key) { Array(copying: $0) } == [UInt8].everyByte)
        let missing = try client.withBytes(uniqueKey()) { Array(copying: $0) }
        #expect(missing == nil)
    }

    @Test(arguments: Route.protocols)
    func withBytesInflates(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        let text = String(repeating: "memcached ", count: 1000)
        try client.set(key, text, minCompressLen: 1)
        #expect(try #require(try client.item(key)).flags.contains(.zlib))
        #expect(try client.withBytes(key) { String(validating: $0) } == text)
    }

    @Test(arguments: Route.protocols)
    func withBytesPassesErrorsOfTheBodyThrough(_ route: Route) throws {
        struct Mine: Error {}
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, "x")
        #expect(throws: Mine.self) { try client.withBytes(key) { _ in throw Mine() } }
        // The client is none the worse for it.
        #expect(try client.get(key) == "x")
        expectFailure(.badKey) { try client.withBytes("") { _ in } }
    }

    @Test(.hazard(89), arguments: Route.allCases)
    func theBodyOfWithBytesMayUseTheClient(_ route: Route) throws {
        let client = try route.client()
        let (outer, inner) = (uniqueKey(), uniqueKey())
        let value = [UInt8].noise(5000)
        try client.set(outer, value)
        try client.set(inner, "inner")
        let same = try client.withBytes(outer) { bytes in
            let before = Array(copying: bytes)
            #expect(try client.get(inner) == "inner")
            #expect(try client.withBytes(inner) { String(validating: $0) } == "inner")
            try client.set(outer, "changed")
            #expect(try client.setMulti(uniqueKeys(10).map { ($0, "x") }) == [])
            #expect(try client.getMulti([outer, inner]) == [outer: "changed", inner: "inner"])
            client.disconnectAll()
            // What is lent stays as it was.
            return before == Array(copying: bytes) && before == value
        }
        #expect(same == true)
        #expect(try client.get(outer) == "changed")
    }

    @Test(arguments: Route.allCases)
    func itemShowsWhatTheServerKeeps(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, 12)
        let item = try #require(try client.item(key))
        #expect(item.key == Array(key.utf8))
        #expect(item.bytes == Array("12".utf8))
        #expect(item.flags == .long)
        #expect(item.cas == (try client.gets(key, as: Int.self)?.cas))
        #expect(try client.item(uniqueKey()) == nil)
    }

    @Test(arguments: Route.protocols)
    func itemShowsCompressedBytesAsTheyAre(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, String(repeating: "a", count: 1000), minCompressLen: 1)
        let item = try #require(try client.item(key))
        #expect(item.flags == [.text, .zlib])
        #expect(item.bytes.count < 100)
        #expect(try item.decode(as: String.self) == String(repeating: "a", count: 1000))
        #expect(try client.decode(item) == String(repeating: "a", count: 1000))
    }

    @Test(arguments: Route.protocols)
    func itemsCanBeDecodedLater(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, Person.ada)
        let item = try #require(try client.item(key))
        try client.delete(key)
        #expect(try item.decode() == Person.ada)
        #expect(try client.decode(item, as: Person.self) == .ada)
        let error = expectFailure(.deserialization) { try item.decode(as: Int.self) }
        #expect(error?.key == key)
        expectFailure(.deserialization) { try client.decode(item, as: [Int].self) }
    }

    @Test(arguments: Route.protocols)
    func theKeyOfAnItemIsTheCallers(_ route: Route) throws {
        let client = try route.client(.namespace(uniqueKey("ns")))
        try client.set("k", 1)
        #expect(try client.item("k")?.key == Array("k".utf8))
        try client.set("prefix-k", 2)
        #expect(try client.items(["k"], keyPrefix: "prefix-")["k"]?.key == Array("k".utf8))
    }
}
