import SwiftLibMC
import TestSupport
import Testing

/// That the whole key counts: with a prefix the empty one is a key like others.
@Suite("Contract: empty keys", .timeLimit(.minutes(2)))
struct EmptyKeyContract {
    @Test(arguments: Backend.allCases)
    func areGoodInMultiKeyCallsWithAPrefix(backend: Backend) throws {
        let cache = try backend.make().cache
        let prefix = uniqueKey()
        #expect(try cache.setMulti(["": 1, "a": 2], keyPrefix: prefix) == [])
        #expect(try cache.get(prefix) == 1)
        #expect(try cache.getMulti(["", "a"], keyPrefix: prefix) == ["": 1, "a": 2])
        #expect(try cache.getMultiArray(["a", ""], keyPrefix: prefix) as [Int?] == [2, 1])
        #expect(try cache.getMulti([[UInt8]()], keyPrefix: prefix) == [[]: 1])
        #expect(try cache.items([""], keyPrefix: prefix)[""]?.key == [])
        #expect(try cache.getsMulti([""], keyPrefix: prefix, as: Int.self)[""]?.value == 1)
        #expect(try cache.addMulti(["": 1], keyPrefix: prefix) == [""])
        #expect(try cache.replaceMulti([("", 3)], keyPrefix: prefix) == [])
        try cache.incrMulti([""], keyPrefix: prefix)
        #expect(try cache.touchMulti([""], keyPrefix: prefix, time: 100) == [])
        #expect(try cache.get(prefix) == 4)
        #expect(try cache.deleteMulti([""], keyPrefix: prefix))
        #expect(try cache.touchMulti([""], keyPrefix: prefix, time: 100) == [""])
    }

    @Test(arguments: Backend.allCases.filter { !Backend.prefixing.contains($0) })
    func areBadWithNothingBeforeThem(backend: Backend) throws {
        let cache = try backend.make().cache
        for prefix in [nil, ""] {
            #expect(try code { _ = try cache.getMulti([""], keyPrefix: prefix, as: Int.self) } == .badKey)
            #expect(try code { _ = try cache.setMulti(["": 1], keyPrefix: prefix) } == .badKey)
            #expect(try code { try cache.deleteMulti(["a", ""], keyPrefix: prefix) } == .badKey)
        }
        #expect(try code { _ = try cache.getOrSet("", as: Int.self) { 1 } } == .badKey)
        #expect(try code { _ = try cache.getOrSet("", as: Int.self, stale: .seconds(1)) { 1 } } == .badKey)
    }

    @Test(arguments: Backend.allCases)
    func areGoodInAllCallsThroughAPrefix(backend: Backend) throws {
        let base = try backend.make().cache
        let prefix = uniqueKey()
        let cache = PrefixedCommands(base, prefix: prefix)
        #expect(try cache.set("", 1))
        #expect(try base.get(prefix) == 1)
        #expect(try cache.get("") == 1)
        #expect(try cache.getMulti([""]) == ["": 1])
        #expect(try !cache.add("", 1))
        #expect(try cache.replace("", 2))
        let found = try #require(try cache.gets("", as: Int.self))
        #expect(try cache.cas("", 3, cas: found.cas))
        let item = try #require(try cache.item(""))
        #expect(item.key == [])
        #expect(try cache.set(item, to: 4))
        #expect(try cache.incr("") == 5)
        #expect(try cache.append("", "0"))
        #expect(try cache.prepend("", "1"))
        #expect(try cache.withBytes("") { $0.byteCount } == 3)
        #expect(try cache.touch("", time: 100))
        #expect(try cache.contains(""))
        #expect(try cache.delete(""))
        #expect(try cache.getOrSet("", as: Int.self) { 6 } == 6)
        #expect(try cache.getOrSet("", as: Int.self, stale: .seconds(10)) { 7 } == 7)
        #expect(try base.get(prefix) == 7)
    }
}
