import OutsideModule
import SwiftLibMC
import TestSupport
import Testing

/// Caches and wrappers that applications write, in a module of their own.
@Suite("Own caches of synchronous code")
struct OwnSyncCacheTests {
    @Test func oneFunctionMakesACache() throws {
        let cache = GettingAndSetting()
        try cache.set("text", "a text")
        try cache.set("numbers", [1, 2])
        #expect(try cache.get("text") == "a text")
        #expect(try cache.get("numbers") == [1, 2])
        #expect(try cache.get("none", default: 7) == 7)
        #expect(try cache.setMulti(["a": 1, "b": 2]) == [])
        #expect(try cache.getMulti(["a", "b", "c"]) == ["a": 1, "b": 2])
        #expect(try cache.cached("computed") { 5 } == 5)
        #expect(cache["computed", default: 0] == 5)
        #expect(try PrefixedCommands(cache, prefix: "p/").get("text", as: String.self) == nil)
        let error = try #require(throws: MemcachedError.self) { try cache.incr("a") }
        #expect(error.code == .notSupported && error.operation == "incr")
    }

    /// Hooks and policies of the client go through.
    @Test func wrappersPassEverythingOn() throws {
        let client = try BackwardsClient([MemcachedServer.shared(.tcp).address])
        client.outcomes = .throwing
        let counter = TallyingCommands.Counter()
        let cache = TallyingCommands(client, counter)
        let key = uniqueKey()
        try cache.set(key, "abc")
        #expect(try cache.get(key) == "abc")
        #expect(try cache.getMulti([key]) == [key: "abc"])
        #expect(try #require(try cache.item(key)).bytes != Array("abc".utf8))
        #expect(throws: MemcachedError.self) { try cache.get(uniqueKey(), as: String.self) }
        #expect(counter.count == 5)
        #expect(try RetryingClient(cache).get(key) == "abc")
    }
}
