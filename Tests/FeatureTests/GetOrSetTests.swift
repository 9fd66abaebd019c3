import Foundation
import SwiftLibMC
import TestSupport
import Testing

@Suite("Computing what is not there", .timeLimit(.minutes(1)))
struct GetOrSetTests {
    private struct Mine: Error {}

    @Test(arguments: Backend.allCases)
    func storesWhatItComputes(backend: Backend) throws {
        let cache = try backend.make().cache
        let key = uniqueKey()
        var calls = 0
        func value() throws -> [Int] {
            try cache.getOrSet(key, time: .minutes(1), stale: .seconds(30)) {
                calls += 1
                return [1, 2]
            }
        }
        #expect(try value() == [1, 2])
        #expect(try value() == [1, 2])
        #expect(calls == 1)
        #expect(try cache.get(key) == [1, 2])
        #expect(try !cache.contains("\(key):lock"))
        // Deleting it is enough.
        try cache.delete(key)
        #expect(try value() == [1, 2])
        #expect(calls == 2)
    }

    /// Each with a client of its own, all at once.
    @Test(arguments: [Duration.zero, .seconds(60)])
    func letsOneOfManyCompute(stale: Duration) async throws {
        let key = uniqueKey()
        let calls = Locked(0)
        let values = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<6 {
                let client = try Client.shared()
                let clone = try client.clone()
                group.addTask {
                    try clone.getOrSet(key, time: 60, lock: .seconds(30), stale: stale) {
                        sleepBriefly()
                        return calls.withLock { calls in
                            calls += 1
                            return calls
                        }
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(values == [1, 1, 1, 1, 1, 1])
        #expect(calls.withLock { $0 } == 1)
    }

    @Test func releasesTheLockIfItFails() throws {
        let cache = MockClient()
        #expect(throws: Mine.self) { try cache.getOrSet("key", as: Int.self) { throw Mine() } }
        #expect(cache.count == 0)
        #expect(try cache.getOrSet("key") { 1 } == 1)
    }

    @Test func releasesTheLockIfTheValueCannotBeStored() async throws {
        let cache = MockClient(maxItemSize: 200)
        cache.policies.errors = .missing
        let large = String(repeating: "x", count: 300)
        #expect(try cache.getOrSet("key") { large } == large)
        #expect(try !cache.contains("key:lock"))
        #expect(try await cache.asynchronous.getOrSet("key") { large } == large)
        #expect(try await eventually { try !cache.contains("key:lock") })
    }

    @Test func doesNotWaitForEver() throws {
        let cache = MockClient()
        // Somebody took the lock and died.
        try cache.set("key:lock", 1)
        var value = 0
        let time = try ContinuousClock().measure {
            value = try cache.getOrSet("key", lock: .milliseconds(200)) { 7 }
        }
        #expect(value == 7 && time >= .milliseconds(200))
        #expect(try cache.get("key") == 7)
    }

    @Test func givesTheOldValueWhileANewOneIsMade() throws {
        let clock = MockClock()
        let cache = MockClient(clock: clock)
        func value(_ compute: () throws -> String) throws -> String {
            try cache.getOrSet("key", time: 10, lock: .seconds(5), stale: .seconds(60), compute)
        }
        #expect(try value { "first" } == "first")
        clock.advance(by: .seconds(9))
        #expect(try value { "early" } == "first")
        clock.advance(by: .seconds(2))
        var others = ""
        let second = try value {
            // Anybody else at this moment:
            others = try value { "nobody's" }
            return "second"
        }
        #expect(others == "first")
        #expect(second == "second")
        #expect(try value { "again" } == "second")
        clock.advance(by: .seconds(71))
        #expect(try value { "third" } == "third")
    }

    @Test func keepsTheOldValueIfTheNewOneFails() throws {
        let clock = MockClock()
        let cache = MockClient(clock: clock)
        _ = try cache.getOrSet("key", time: 10, stale: .seconds(60)) { 1 }
        clock.advance(by: .seconds(11))
        #expect(throws: Mine.self) {
            try cache.getOrSet("key", time: 10, as: Int.self, stale: .seconds(60)) { throw Mine() }
        }
        #expect(try cache.get("key") == 1)
        #expect(try cache.getOrSet("key", time: 10, stale: .seconds(60)) { 2 } == 2)
    }

    @Test func computesAnewWhatCannotBeRead() throws {
        let cache = MockClient()
        let heard = Heard()
        cache.onError = heard.handler
        try cache.set("key", "an earlier version")
        #expect(try cache.getOrSet("key") { [1] } == [1])
        try cache.set("key", "an earlier version")
        #expect(try cache.getOrSet("key", time: 5, stale: .seconds(5)) { [2] } == [2])
        #expect(heard.codes.allSatisfy { $0 == .deserialization } && !heard.errors.isEmpty)
    }

    @Test func goesByThePolicyIfTheCacheFails() throws {
        let client = try Client([try RefusingAddress().address], behaviors: .patient)
        #expect(throws: MemcachedError.self) { try client.getOrSet("key") { 1 } }
        client.errorPolicy = .missing
        let heard = Heard()
        client.onError = heard.handler
        #expect(try client.getOrSet("key") { 1 } == 1)
        #expect(try client.cached("key") { 2 } == 2)
        #expect(!heard.errors.isEmpty)
        client.outcomes = .throwing
        #expect(try client.getOrSet("key") { 3 } == 3)
    }

    @Test(arguments: [Outcomes.results, .throwing])
    func goesOnWithOutcomesThatThrow(outcomes: Outcomes) throws {
        let client = try Client.shared()
        client.outcomes = outcomes
        let key = uniqueKey()
        #expect(try client.getOrSet(key) { 1 } == 1)
        #expect(try client.getOrSet(key) { 2 } == 1)
        #expect(try client.cached(uniqueKey()) { 3 } == 3)
        #expect(client.outcomes == outcomes)
    }

    @Test func takesLongAndGroupedKeys() throws {
        let client = try Client.shared()
        let long = uniqueKey() + String(repeating: "k", count: 180)
        #expect(try client.getOrSet(long, time: 60, stale: .seconds(1)) { 1 } == 1)
        #expect(try client.getOrSet(long, time: 60, stale: .seconds(1)) { 2 } == 1)
        let grouped = GroupedKey(group: "group", key: uniqueKey())
        #expect(try client.getOrSet(grouped, time: 60, stale: .seconds(1)) { 1 } == 1)
        #expect(try client.get(grouped) == 1)
        #expect(try code { _ = try client.getOrSet("") { 1 } } == .badKey)
    }

    @Test func functionsCanBeCached() throws {
        let cache = MockClient()
        var calls = 0
        let square = cache.caching(time: .hours(1), key: { "square:\($0)" }) { (number: Int) in
            calls += 1
            return number * number
        }
        #expect(try square(4) == 16)
        #expect(try square(4) == 16)
        #expect(try square(5) == 25)
        #expect(calls == 2)
        #expect(try cache.get("square:5") == 25)
    }

    /// Of an optional type a stored nil is a value.
    @Test(arguments: Backend.allCases)
    func storedNilsAreNotComputedAgain(backend: Backend) throws {
        let cache = try backend.make().cache
        let key = uniqueKey()
        var calls = 0
        func compute() -> Int? {
            calls += 1
            return nil
        }
        #expect(try cache.cached(key, as: Int?.self) { compute() } == nil)
        #expect(try cache.cached(key, as: Int?.self) { compute() } == nil)
        #expect(calls == 1)
        let cached = cache.caching(key: { "\(key)-\($0)" }) { (_: Int) in compute() }
        #expect(try cached(1) == nil)
        #expect(try cached(1) == nil)
        #expect(calls == 2)
        #expect(try cache.getOrSet("\(key)+", as: Int?.self) { compute() } == nil)
        #expect(try cache.getOrSet("\(key)+", as: Int?.self) { compute() } == nil)
        #expect(calls == 3)
        let pairs: [Int?] = [nil, 1]
        #expect(try cache.cached("\(key)*") { pairs } == pairs)
        #expect(try cache.cached("\(key)*") { [] } == pairs)
    }

    @Test func failuresHaveTheNameOfTheCallAndItsKey() throws {
        let cache = MockClient()
        cache.fail(with: .injected(.timeout), when: { _, key in key?.hasSuffix(":lock") == true })
        let error = try #require(throws: MemcachedError.self) { try cache.getOrSet("key") { 1 } }
        #expect(error.code == .timeout && error.operation == "getOrSet" && error.key == "key")
        struct Unwritable: Codable {
            func encode(to encoder: any Encoder) throws { throw Mine() }
        }
        cache.stopFailing()
        let unwritable = try #require(throws: MemcachedError.self) { try cache.getOrSet("key") { Unwritable() } }
        #expect(unwritable.code == .serialization && unwritable.operation == "getOrSet" && unwritable.key == "key")
        #expect(cache.count == 0)
    }
}

/// Callers of one key in one process, each on a thread of its own.
@Suite("Computing what others compute", .timeLimit(.minutes(2)))
struct SharedComputationTests {
    private struct Mine: Error {}

    /// Caches that can be shared by threads.
    enum Shared: CaseIterable, Sendable {
        case pool, threadPool, clones, prefixed, namespaced, mock

        /// What each of several threads is given.
        func caches(_ count: Int, of client: Client) throws -> [@Sendable () throws -> any MemcachedCommands] {
            let pool = try ClientPool(cloning: client, size: 3, timeout: .seconds(60))
            let threadPool = try ThreadMappedPool(cloning: client)
            let mock = MockClient()
            return try (0..<count).map { _ in
                switch self {
                case .pool: return { pool }
                case .threadPool: return { threadPool }
                case .clones:
                    let own = try ClientPool(cloning: client, size: 1)
                    return { own }
                case .prefixed: return { RetryingClient(PrefixedCommands(pool, prefix: "p/"), attempts: 1) }
                case .namespaced: return { pool.namespace("name") }
                case .mock:
                    mock.fail(with: .injected(.timeout))
                    mock.policies = client.policies
                    return { mock }
                }
            }
        }
    }

    private func unreachable() throws -> Client {
        let client = try Client([try RefusingAddress().address], behaviors: .patient)
        client.errorPolicy = .missing
        return client
    }

    @Test(arguments: Shared.allCases)
    func withoutAServerOneOfManyComputes(shared: Shared) throws {
        let calls = Locked(0)
        let caches = try shared.caches(12, of: try unreachable())
        let values = try onThreads(12) { index in
            try caches[index]().getOrSet("key", lock: .seconds(60)) {
                usleep(500_000)
                return calls.withLock { calls in
                    calls += 1
                    return calls
                }
            }
        }
        #expect(values == Array(repeating: 1, count: 12))
        #expect(calls.withLock { $0 } == 1)
    }

    @Test(arguments: [ErrorPolicy.throwing, .missing])
    func errorsAreShared(policy: ErrorPolicy) throws {
        let client = try Client.shared()
        client.errorPolicy = policy
        let pool = try ClientPool(cloning: client, size: 12)
        let key = uniqueKey()
        let calls = Locked(0)
        let failures = try onThreads(12) { _ in
            do {
                _ = try pool.getOrSet(key, as: Int.self, lock: .seconds(60)) {
                    usleep(500_000)
                    calls.withLock { $0 += 1 }
                    throw Mine()
                }
                return false
            } catch {
                return error is Mine
            }
        }
        #expect(failures.allSatisfy { $0 })
        #expect(calls.withLock { $0 } == 1)
        #expect(try pool.getOrSet(key) { 7 } == 7)
    }

    /// The same key in other hands is another one: nobody gets a value that is not his.
    @Test func othersKeysAreNotShared() throws {
        struct Tenant: ForwardingCommands {
            let base: any MemcachedCommands
            let name: String

            func execute(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
                try base.execute(request.prefixed(by: name))
            }
        }
        let pool = try ClientPool(cloning: try unreachable(), size: 3, timeout: .seconds(60))
        let names = (0..<8).map { "tenant\($0)/" }
        let values = try onThreads(8) { index in
            try Tenant(base: pool, name: names[index]).getOrSet("key", lock: .seconds(60)) {
                usleep(300_000)
                return names[index]
            }
        }
        #expect(values == names)
        let prefixed = try onThreads(8) { index in
            try PrefixedCommands(pool, prefix: names[index]).getOrSet("key", lock: .seconds(60)) {
                usleep(300_000)
                return names[index]
            }
        }
        #expect(prefixed == names)
    }

    @Test func otherTypesAreComputedAnew() throws {
        let pool = try ClientPool(cloning: try unreachable(), size: 3, timeout: .seconds(60))
        let results = try onThreads(2) { index in
            if index == 0 {
                return try pool.getOrSet("key", lock: .seconds(60)) {
                    usleep(300_000)
                    return "text"
                }
            }
            usleep(100_000)
            return "\(try pool.getOrSet("key", lock: .seconds(60)) { 42 })"
        }
        #expect(results == ["text", "42"])
    }

    @Test func nobodyWaitsLongerThanItsLock() throws {
        let pool = try ClientPool(cloning: try unreachable(), size: 3, timeout: .seconds(60))
        let gate = Gate()
        let slow = TestThread {
            try pool.getOrSet("key", lock: .seconds(60)) {
                gate.wait()
                return "slow"
            }
        }
        usleep(200_000)
        #expect(try pool.getOrSet("key", lock: .milliseconds(300)) { "own" } == "own")
        gate.open()
        #expect(try slow.join() == "slow")
    }
}

/// Long enough for others to come and find the lock taken.
private func sleepBriefly() { usleep(50_000) }
