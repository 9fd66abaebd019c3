import SwiftLibMC
import TestSupport
import Testing

/// That what is written through a near cache is what it gives from then on.
@Suite("NearCache: writes", .timeLimit(.minutes(2)))
struct NearCacheWriteTests {
    private typealias Write = (name: String, run: @Sendable (any MemcachedCommands, String) throws -> Void)

    /// Each command that changes an item, or when it expires.
    private static let writes: [Write] = [
        ("set", { try $0.set($1, 2) }),
        ("add", { _ = try $0.add($1, 2) }),
        ("replace", { _ = try $0.replace($1, 2) }),
        ("cas", { _ = try $0.cas($1, 2, cas: try #require(try $0.gets($1, as: Int.self)).cas) }),
        ("append", { _ = try $0.append($1, "0") }),
        ("prepend", { _ = try $0.prepend($1, "1") }),
        ("delete", { _ = try $0.delete($1) }),
        ("touch", { _ = try $0.touch($1, time: .hours(1)) }),
        ("touch", { _ = try $0.touch($1, time: .now) }),
        ("gat", { _ = try $0.gat($1, time: .hours(1), as: Int.self) }),
        ("incr", { _ = try $0.incr($1) }),
        ("decr", { _ = try $0.decr($1) }),
        ("setMulti", { _ = try $0.setMulti([$1: 2]) }),
        ("addMulti", { _ = try $0.addMulti([$1: 2]) }),
        ("replaceMulti", { _ = try $0.replaceMulti([$1: 2]) }),
        ("deleteMulti", { _ = try $0.deleteMulti([$1]) }),
        ("touchMulti", { _ = try $0.touchMulti([$1], time: .hours(1)) }),
        ("incrMulti", { _ = try $0.incrMulti([$1]) }),
        ("update", { _ = try $0.update($1, as: Int.self) { ($0 ?? 0) + 5 } }),
        ("flushAll", { cache, _ in try cache.flushAll() }),
    ]

    @Test(.memcached(), arguments: NearKind.allCases)
    func eachIsSeen(kind: NearKind) throws {
        let client = try #require(MemcachedServer.current).client()
        let (cache, asked) = try kind.make(client)
        for write in Self.writes {
            let key = uniqueKey()
            try client.set(key, 1)
            for _ in 0..<2 { #expect(try cache.get(key, as: Int.self) == 1) }
            try write.run(cache, key)
            let before = asked().count
            #expect(try cache.get(key, as: Int.self) == (try client.get(key, as: Int.self)), "\(write.name)")
            #expect(asked().count == before + 1, "\(write.name)")
        }
    }

    /// A write that fails, but may have been carried out or still be.
    @Test(arguments: NearKind.allCases)
    func nothingIsKeptAfterAWriteOfUnknownOutcome(kind: NearKind) throws {
        for write in Self.writes where write.name != "update" {
            let mock = MockClient()
            let (cache, asked) = kind.make(mock)
            try mock.set("key", 1)
            #expect(try cache.get("key") == 1)
            mock.fail(with: .injected(.timeout, isOutcomeUnknown: true)) { operation, _ in !operation.hasPrefix("get") }
            _ = try? write.run(cache, "key")
            mock.stopFailing()
            // The server has it after all, but later.
            let before = asked().count
            #expect(try cache.get("key") == 1)
            try mock.set("key", 7)
            #expect(try cache.get("key") == 7, "\(write.name)")
            #expect(asked().count == before + 2, "\(write.name)")
        }
    }

    @Test(arguments: NearKind.allCases)
    func nothingIsKeptWhileAWriteMayBeOnItsWay(kind: NearKind) throws {
        let mock = MockClient()
        let (cache, asked) = kind.make(mock)
        try cache.set("key", 1, noreply: true)
        for _ in 0..<2 { #expect(try cache.get("key") == 1) }
        #expect(asked().count == 3)
    }

    /// What is certainly not written is no reason to ask again and again.
    @Test(arguments: NearKind.allCases)
    func refusedWritesAreNoReasonForDoubt(kind: NearKind) throws {
        let (cache, asked) = kind.make(MockClient())
        try cache.set("text", "text")
        #expect(try code { try cache.incr("text") } == .notNumeric)
        for _ in 0..<3 { #expect(try cache.get("text") == "text") }
        #expect(asked().count == 3)
    }

    @Test(.memcached(), arguments: NearKind.allCases)
    func aLaterFlushIsSeen(kind: NearKind) throws {
        let (cache, asked) = try kind.make(try #require(MemcachedServer.current).client())
        try cache.set("key", 1)
        #expect(try cache.get("key") == 1)
        try cache.flushAll(time: 2)
        for _ in 0..<2 { _ = try cache.get("key", as: Int.self) }
        #expect(asked().count == 5)
        #expect(try eventually { try cache.get("key", as: Int.self) == nil })
    }

    /// Whatever carries a command out, the caches of one memory know of it.
    @Test func cachesOfOneMemorySeeEachOthersWrites() async throws {
        let memory = NearMemory(timeToLive: .seconds(3_600))
        let client = try Client.shared()
        let one = NearCache(client, memory: memory)
        let other = AsyncNearCache(try AsyncClient(cloning: client), memory: memory)
        let key = uniqueKey()
        for number in 0..<10 {
            try one.set(key, number)
            #expect(try await other.get(key) == number)
            try await other.set(key, -number)
            #expect(try one.get(key) == -number)
        }
    }
}
