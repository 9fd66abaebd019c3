import SwiftLibMC
import TestSupport
import Testing

/// `update`: a loop around compare-and-swap.
@Suite("Updates", .timeLimit(.minutes(5)))
struct UpdateTests {
    @Test(arguments: Route.allCases)
    func changeWhatIsThere(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, ["a"])
        let stored = try client.update(key, as: [String].self) { ($0 ?? []) + ["b"] }
        #expect(stored == ["a", "b"])
        #expect(try client.get(key) == ["a", "b"])
    }

    @Test(arguments: Route.allCases)
    func createWhatIsMissing(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        let stored = try client.update(key, as: Int.self) { present in
            #expect(present == nil)
            return 1
        }
        #expect(stored == 1)
        #expect(try client.get(key) == 1)
    }

    @Test(arguments: Route.protocols)
    func startFromTheDefault(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        #expect(try client.update(key, default: 10) { $0 + 1 } == 11)
        #expect(try client.update(key, default: 10) { $0 + 1 } == 12)
        #expect(try client.update(key, default: 10) { _ in nil } == nil)
        #expect(try client.get(key) == 12)
    }

    @Test(arguments: Route.protocols)
    func leaveTheItemAloneForNil(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        #expect(try client.update(key, as: Int.self) { _ in nil } == nil)
        #expect(try !client.contains(key))
        try client.set(key, 5)
        let version = try #require(try client.gets(key, as: Int.self)).cas
        #expect(try client.update(key, as: Int.self) { _ in nil } == nil)
        #expect(try client.gets(key, as: Int.self)?.cas == version)
    }

    @Test(arguments: Route.protocols)
    func passErrorsOfTheBodyThrough(_ route: Route) throws {
        struct Mine: Error {}
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, 5)
        #expect(throws: Mine.self) { try client.update(key, as: Int.self) { _ in throw Mine() } }
        #expect(throws: Mine.self) { try client.update(key, default: 1) { _ in throw Mine() } }
        #expect(try client.get(key) == 5)
    }

    @Test(arguments: Route.protocols)
    func tryAgainWhenOthersWereFaster(_ route: Route) throws {
        let client = try route.client()
        let other = try client.clone()
        let key = uniqueKey()
        try client.set(key, 0)
        var rounds = 0
        let stored = try client.update(key, as: Int.self) { present in
            rounds += 1
            if rounds < 4 { try other.set(key, 100 * rounds) }
            return (present ?? -1) + 1
        }
        #expect(rounds == 4)
        #expect(stored == 301)
        #expect(try client.get(key) == 301)
    }

    @Test(arguments: Route.protocols)
    func tryAgainWhenOthersCreatedOrDeletedTheItem(_ route: Route) throws {
        let client = try route.client()
        let other = try client.clone()
        let key = uniqueKey()
        var seen: [Int?] = []
        let stored = try client.update(key, as: Int.self) { present in
            seen.append(present)
            switch seen.count {
            case 1: try other.set(key, 7)
            case 2: try other.delete(key)
            default: break
            }
            return (present ?? 0) + 1
        }
        #expect(seen == [nil, 7, nil])
        #expect(stored == 1)
        #expect(try client.get(key) == 1)
    }

    @Test(arguments: Route.protocols, [0, 1, 5])
    func giveUpAfterTheRetries(_ route: Route, retries: Int) throws {
        let client = try route.client()
        let other = try client.clone()
        let key = uniqueKey()
        try client.set(key, 0)
        var rounds = 0
        let error = expectFailure(.casConflict) {
            try client.update(key, as: Int.self, retries: retries) { _ in
                rounds += 1
                try other.incr(key)
                return -1
            }
        }
        #expect(rounds == retries + 1)
        #expect(error?.key == key)
        #expect(error?.isRetriable == true)
        #expect(try client.get(key) == rounds)
    }

    @Test(arguments: Route.protocols)
    func mayUseTheClientInTheBody(_ route: Route) throws {
        let client = try route.client()
        let (key, other) = (uniqueKey(), uniqueKey())
        try client.set(other, 3)
        try client.update(key, default: 1) { present in
            try client.incr(other)
            return try present + client.get(other, default: 0)
        }
        #expect(try client.get(key) == 5)
    }

    @Test(arguments: Route.allCases)
    func loseNothingUnderContention(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        let threads = 4
        let rounds = 25
        try onThreads(threads, cloning: client) { number, client in
            for round in 0..<rounds {
                try client.update(key, retries: 10_000, default: [Int]()) { $0 + [number * rounds + round] }
            }
        }
        let values = try client.get(key, default: [Int]())
        #expect(values.sorted() == Array(0..<threads * rounds))
    }
}
