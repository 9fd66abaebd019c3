import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// Which of the two near caches.
enum NearKind: CaseIterable, Sendable {
    case sync, async

    /// A near cache in front of a client, and what it asks.
    func make(
        _ client: Client,
        _ memory: NearMemory = NearMemory(timeToLive: .seconds(3_600))
    ) throws -> (cache: any MemcachedCommands, asked: () -> [RecordedCommand]) {
        switch self {
        case .sync: return make(RecordingCommands(client), memory)
        case .async: return make(AsyncRecordingCommands(try AsyncClient(cloning: client)), memory)
        }
    }

    /// The same in front of a mock.
    func make(
        _ mock: MockClient,
        _ memory: NearMemory = NearMemory(timeToLive: .seconds(3_600))
    ) -> (cache: any MemcachedCommands, asked: () -> [RecordedCommand]) {
        switch self {
        case .sync: make(RecordingCommands(mock), memory)
        case .async: make(AsyncRecordingCommands(mock.asynchronous), memory)
        }
    }

    private func make(
        _ base: RecordingCommands,
        _ memory: NearMemory
    ) -> (any MemcachedCommands, () -> [RecordedCommand]) {
        (NearCache(base, memory: memory), { base.commands })
    }

    private func make(
        _ base: AsyncRecordingCommands,
        _ memory: NearMemory
    ) -> (any MemcachedCommands, () -> [RecordedCommand]) {
        (Blocking(AsyncNearCache(base, memory: memory)), { base.commands })
    }
}

@Suite("NearCache", .timeLimit(.minutes(2)))
struct NearCacheTests {
    /// How many keys the server was asked for.
    private func gets(_ client: Client) throws -> Int { try #require(try client.stats().first?.stats.cmdGet) }

    @Test(.memcached(), arguments: NearKind.allCases)
    func whatWasReadIsNotAskedForAgain(kind: NearKind) throws {
        let client = try #require(MemcachedServer.current).client()
        let memory = NearMemory(timeToLive: .seconds(3_600))
        let cache = try kind.make(client, memory).cache
        let (one, other) = (uniqueKey(), uniqueKey())
        try client.set(one, "text")
        try client.set(other, [1, 2, 3])
        #expect(try cache.get(one) == "text")
        #expect(try cache.get(other) == [1, 2, 3])
        let gets = try gets(client)
        for _ in 0..<100 {
            #expect(try cache.get(one) == "text")
            #expect(try cache.get(other) == [1, 2, 3])
            #expect(try cache.getMulti([one]) == [one: "text"])
            #expect(try cache.withBytes(one) { $0.byteCount } == 4)
        }
        #expect(try self.gets(client) == gets)
        #expect(memory.statistics.hits == 400 && memory.statistics.misses == 2)
        #expect(memory.statistics.items == 2)
        #expect(memory.statistics.hitRatio > 0.99)
    }

    @Test(arguments: NearKind.allCases)
    func missesAndVersionsAreAskedForEachTime(kind: NearKind) throws {
        let (cache, asked) = kind.make(MockClient())
        for _ in 0..<2 { #expect(try cache.get("missing", as: Int.self) == nil) }
        #expect(asked().count == 2)
        try cache.set("key", 1)
        #expect(try cache.get("key") == 1)
        for _ in 0..<2 {
            #expect(try cache.gets("key", as: Int.self)?.value == 1)
            #expect(try cache.item("key") != nil)
            #expect(try cache.contains("key"))
        }
        #expect(asked().count == 10)
    }

    @Test(arguments: NearKind.allCases)
    func ofManyKeysTheRestIsAskedFor(kind: NearKind) throws {
        let (cache, asked) = kind.make(MockClient())
        _ = try cache.setMulti(["a": 1, "b": 2, "c": 3])
        #expect(try cache.get("b") == 2)
        #expect(try cache.getMultiArray(["a", "b", "none", "c", "a"]) == [1, 2, nil, 3, 1])
        #expect(asked().last?.keys == ["a", "none", "c"])
        #expect(try cache.getMultiArray(["c", "a", "b"]) == [3, 1, 2])
        #expect(try cache.getMulti(["a", "b"], keyPrefix: "", as: Int.self) == ["a": 1, "b": 2])
        #expect(asked().count == 3)
        #expect(try cache.getMulti([String](), as: Int.self) == [:])
    }

    /// A multi-get with servers that fail says so, whatever was there.
    @Test(arguments: NearKind.allCases)
    func computedValuesAreGivenAgain(kind: NearKind) throws {
        let (cache, asked) = kind.make(MockClient())
        for stale in [Duration.zero, .seconds(60)] {
            let key = uniqueKey()
            let get = { try cache.getOrSet(key, time: .minutes(1), stale: stale) { 1 } }
            for _ in 0..<2 { #expect(try get() == 1) }
            let before = asked().count
            for _ in 0..<10 { #expect(try get() == 1) }
            #expect(asked().count == before)
        }
    }

    /// Whose the lock of `getOrSet` is has to be known of the server.
    @Test(arguments: NearKind.allCases)
    func locksAreAskedFor(kind: NearKind) throws {
        let mock = MockClient()
        let cache = kind.make(mock).cache
        let lock = GroupedKey(group: "key", key: "key:lock")
        let value = try cache.getOrSet("key", lock: .seconds(1)) {
            #expect(try cache.get(lock, as: Int.self) != nil)
            // It has expired, and another process has it now.
            try mock.set(lock, 1)
            return 2
        }
        #expect(value == 2)
        #expect(try mock.get(lock, as: Int.self) == 1)
    }

    @Test(arguments: NearKind.allCases)
    func failuresOfTheRestAreReported(kind: NearKind) throws {
        let mock = MockClient()
        let cache = kind.make(mock).cache
        _ = try cache.setMulti(["a": 1, "b": 2])
        #expect(try cache.get("a") == 1)
        mock.fail(with: .injected(.timeout))
        let response = try cache.execute(.many(["a", "b"], prefix: nil, .fetch(.init()), for: .getMulti))
        #expect(response.results[0].value != nil && response.results[1].isUnreachable)
        #expect(response.failures.count == 1 && !response.noServerAnswered)
        #expect(try cache.get("a") == 1)
        #expect(try code { _ = try cache.get("b", as: Int.self) } == .timeout)
    }

    @Test(arguments: NearKind.allCases)
    func valuesAreGivenForAShortTime(kind: NearKind) throws {
        let mock = MockClient()
        let (cache, asked) = kind.make(mock, NearMemory(timeToLive: .milliseconds(200)))
        try mock.set("key", 1)
        let start = ContinuousClock.now
        #expect(try cache.get("key") == 1)
        try mock.set("key", 2)
        let second = try cache.get("key", as: Int.self)
        #expect(second == 1 || start.duration(to: .now) > .milliseconds(200))
        #expect(try eventually { try cache.get("key") == 2 })
        #expect(asked().count == 2)
        let never = kind.make(mock, NearMemory(timeToLive: .zero))
        for _ in 0..<2 { #expect(try never.cache.get("key") == 2) }
        #expect(never.asked().count == 2)
    }

    /// A write that is known to whoever has the memory.
    @Test(arguments: NearKind.allCases)
    func aKeyCanBeDropped(kind: NearKind) throws {
        let (mock, memory) = (MockClient(), NearMemory(timeToLive: .seconds(3_600)))
        let cache = kind.make(mock, memory).cache
        _ = try mock.setMulti(["a": 1, "b": 1])
        #expect(try cache.getMultiArray(["a", "b"]) == [1, 1])
        _ = try mock.setMulti(["a": 2, "b": 2])
        memory.remove("a")
        #expect(try cache.getMultiArray(["a", "b"]) == [2, 1])
        memory.removeAll()
        #expect(memory.statistics.items == 0 && memory.statistics.bytes == 0)
        #expect(try cache.getMultiArray(["a", "b"]) == [2, 2])
    }

    /// The bytes of a key may be another item on the server of another group.
    @Test(arguments: NearKind.allCases)
    func keysOfGroupsAreKeptApart(kind: NearKind) throws {
        let client = try Client.sharedPair()
        let cache = try kind.make(client).cache
        let name = uniqueKey()
        let groups = (0..<8).map { GroupedKey(group: "group \($0)", key: name) }
        for (index, key) in groups.enumerated() { try client.set(key, index) }
        for _ in 0..<2 {
            for key in groups { #expect(try cache.get(key, as: Int.self) == (try client.get(key, as: Int.self))) }
        }
        try cache.set(groups[0], 100)
        for key in groups { #expect(try cache.get(key, as: Int.self) == (try client.get(key, as: Int.self))) }
    }

    @Test(arguments: NearKind.allCases)
    func wrappersWorkInsideAndOutside(kind: NearKind) throws {
        let memory = NearMemory(timeToLive: .seconds(3_600))
        let client = try Client.shared()
        let (cache, asked) = try kind.make(client, memory)
        let prefix = uniqueKey()
        let prefixed = PrefixedCommands(cache, prefix: prefix)
        try prefixed.set("key", 1)
        for _ in 0..<3 {
            #expect(try prefixed.get("key") == 1)
            #expect(try cache.get("\(prefix)key") == 1)
        }
        #expect(asked().count == 2)
        try cache.set("\(prefix)key", 2)
        #expect(try prefixed.get("key") == 2)
        let outside = cache.namespace(uniqueKey())
        try outside.set("key", 1)
        #expect(try outside.get("key") == 1)
        try outside.invalidate()
        #expect(try outside.get("key", as: Int.self) == nil)
        let inside = NearCache(client.namespace(uniqueKey()), memory: NearMemory(timeToLive: .seconds(3_600)))
        try inside.set("key", 1)
        #expect(try inside.get("key") == 1)
        try inside.flushAll()
        #expect(try inside.get("key", as: Int.self) == nil)
        let page = try cache.getOrSet(uniqueKey(), time: .minutes(1)) { "page" }
        #expect(page == "page")
    }
}
