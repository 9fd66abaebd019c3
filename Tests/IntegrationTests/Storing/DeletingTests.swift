import SwiftLibMC
import TestSupport
import Testing

/// `delete` and `touch`.
@Suite("Deleting and touching", .timeLimit(.minutes(5)))
struct DeletingTests {
    @Test(.hazard(49), arguments: Route.allCases)
    func deleteTellsWhetherThereWasAnItem(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        #expect(try !client.delete(key))
        try client.set(key, 1)
        #expect(try client.delete(key))
        #expect(try client.get(key, as: Int.self) == nil)
        #expect(try !client.delete(key))
    }

    @Test(arguments: Route.allCases)
    func deletedItemsCanBeAddedAgain(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, 1)
        #expect(try !client.add(key, 2))
        try client.delete(key)
        #expect(try client.add(key, 2))
        #expect(try client.get(key) == 2)
    }

    @Test(arguments: Route.protocols)
    func deleteLeavesOthersAlone(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, 1)
        try client.set("\(key)-2", 2)
        #expect(try client.delete(key))
        #expect(try client.get("\(key)-2") == 2)
    }

    @Test(.hazard(49, 57), arguments: Route.allCases)
    func touchTellsWhetherThereIsAnItem(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        #expect(try !client.touch(key, time: 100))
        try client.set(key, 1)
        #expect(try client.touch(key, time: 100))
        #expect(try client.get(key) == 1)
    }

    @Test(arguments: Route.protocols)
    func touchSetsTheExpirationAndNothingElse(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, "text")
        let before = try #require(try client.item(key))
        try client.touch(key, time: 1000)
        #expect(try 900...1000 ~= #require(try route.server.timeToLive(key)))
        let after = try #require(try client.item(key))
        #expect(after.bytes == before.bytes)
        #expect(after.flags == before.flags)
        try client.touch(key, time: .never)
        #expect(try route.server.timeToLive(key) == -1)
        try client.touch(key, time: .now)
        #expect(try client.get(key, as: String.self) == nil)
        #expect(try !client.touch(key, time: 1000))
    }

    @Test(arguments: Route.protocols)
    func touchedItemsLiveLonger(_ route: Route) async throws {
        let client = try route.client()
        let (kept, lost) = (uniqueKey(), uniqueKey())
        try client.set(lost, 1, time: 2)
        try client.set(kept, 1, time: 2)
        try client.touch(kept, time: 1000)
        #expect(try await eventually { try client.get(lost, as: Int.self) == nil })
        #expect(try client.get(kept) == 1)
    }
}
