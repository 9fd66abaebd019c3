import SwiftLibMC
import TestSupport
import Testing

/// `cas`: compare and swap.
@Suite("Compare and swap", .timeLimit(.minutes(5)))
struct SwapTests {
    private func token(_ client: Client, _ key: String) throws -> CAS {
        try #require(try client.item(key)).cas
    }

    @Test(.hazard(47), arguments: Route.allCases)
    func storesIfNothingHasChanged(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, "old")
        #expect(try client.cas(key, "new", cas: try token(client, key)))
        #expect(try client.get(key) == "new")
    }

    @Test(.hazard(47), arguments: Route.allCases)
    func declinesAStaleToken(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, "old")
        let stale = try token(client, key)
        try client.set(key, "old")
        #expect(try !client.cas(key, "mine", cas: stale))
        #expect(try client.get(key) == "old")
        // Once used, a token is stale, too.
        let used = try token(client, key)
        #expect(try client.cas(key, "first", cas: used))
        #expect(try !client.cas(key, "second", cas: used))
        #expect(try client.get(key) == "first")
    }

    @Test(.hazard(47), arguments: Route.allCases)
    func throwsIfTheItemHasGone(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, "old")
        let stale = try token(client, key)
        try client.delete(key)
        let error = expectFailure(.notFound) { try client.cas(key, "new", cas: stale) }
        #expect(error?.key == key)
        #expect(error?.server == client.servers[0])
        #expect(try client.get(key, as: String.self) == nil)
    }

    @Test(.hazard(48), arguments: Route.protocols)
    func refusesATokenOfZero(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, "old")
        expectFailure(.invalidArguments) { try client.cas(key, "new", cas: CAS(rawValue: 0)) }
        #expect(try client.get(key) == "old")
    }

    @Test(.hazard(48), arguments: Route.protocols)
    func takesTheLongestTokenThatTheProtocolCarries(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, "old")
        #expect(try !client.cas(key, "new", cas: CAS(rawValue: 9_999_999_999_999_999_999)))
        for token in [10_000_000_000_000_000_000, UInt64.max] {
            let cas = CAS(rawValue: token)
            if route.isBinary {
                #expect(try !client.cas(key, "new", cas: cas))
            } else {
                expectFailure(.invalidArguments) { try client.cas(key, "new", cas: cas) }
            }
        }
        #expect(try client.get(key) == "old")
    }

    @Test(.hazard(47, 48), .memcached("-C"), arguments: Route.protocols)
    func isRefusedWhereTheServerKeepsNoVersions(_ route: Route) throws {
        let client = try route.client(of: [try #require(MemcachedServer.current).address])
        try client.set("key", "old")
        let item = try #require(try client.gets("key", as: String.self))
        #expect(item.cas.rawValue == 0)
        expectFailure(.invalidArguments) { try client.cas("key", "new", cas: item.cas) }
        #expect(try client.get("key") == "old")
    }

    @Test(arguments: Route.protocols)
    func workWithTokensOfMultiGets(_ route: Route) throws {
        let client = try route.client()
        let keys = uniqueKeys(3)
        #expect(try client.setMulti(keys.map { ($0, 1) }) == [])
        let found = try client.getsMulti(keys, as: Int.self)
        let items = try client.items(keys)
        #expect(found.count == 3)
        for key in keys { #expect(items[key]?.cas == found[key]?.cas) }
        try client.set(keys[1], 5)
        for key in keys {
            #expect(try client.cas(key, 2, cas: try #require(found[key]).cas) == (key != keys[1]))
        }
        #expect(try client.getMultiArray(keys) == [2, 5, 2])
    }

    @Test(arguments: Route.protocols)
    func setsTheExpiration(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, 1)
        #expect(try client.cas(key, 2, cas: try token(client, key), time: 1000))
        #expect(try 900...1000 ~= #require(try route.server.timeToLive(key)))
    }

    @Test(arguments: Route.protocols)
    func ofManyWritersOneWins(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, 0)
        let start = try token(client, key)
        let winners = Locked<[Int]>([])
        try onThreads(4, cloning: client) { number, client in
            if try client.cas(key, number, cas: start) { winners.withLock { $0.append(number) } }
        }
        let won = winners.withLock { $0 }
        #expect(won.count == 1)
        #expect(try client.get(key) == won[0])
    }
}
