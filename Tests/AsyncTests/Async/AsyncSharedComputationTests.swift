import SwiftLibMC
import TestSupport
import Testing

@Suite(
    "AsyncClient: callers of one key share a computation",
    .enabled(if: MemcachedServer.isInstalled),
    .timeLimit(.minutes(2))
)
struct AsyncSharedComputationTests {
    private struct Mine: Error {}

    /// Computes when it is told to.
    private final class Computer: Sendable {
        private let state = Locked((count: 0, isReleased: false))

        var count: Int { state.withLock { $0.count } }
        func release() { state.withLock { $0.isReleased = true } }

        func value() async throws -> Int {
            let count = state.withLock { state in
                state.count += 1
                return state.count
            }
            while !state.withLock({ $0.isReleased }) { try await Task.sleep(for: .milliseconds(1)) }
            return count
        }
    }

    /// A client whose server is down.
    private func unreachable(_ policy: ErrorPolicy) throws -> AsyncClient {
        let server = try MemcachedServer.start()
        server.kill()
        let client = try Client([server.address], behaviors: .impatient)
        client.errorPolicy = policy
        return try AsyncClient(cloning: client, commandTimeout: .seconds(60))
    }

    /// The results of callers, all of which have begun before the computation ends.
    private func results(
        of count: Int,
        _ computer: Computer,
        _ call: @escaping @Sendable () async throws -> Int
    ) async throws -> [Result<Int, any Error>] {
        let tasks = (0..<count).map { _ in queued { try await call() } }
        #expect(await eventually { computer.count > 0 })
        computer.release()
        var results: [Result<Int, any Error>] = []
        for task in tasks { results.append(await task.result) }
        return results
    }

    @Test func withoutAServerOneOfManyComputes() async throws {
        let (cache, computer) = (try unreachable(.missing), Computer())
        let found = try await results(of: 50, computer) {
            try await cache.getOrSet("key") { try await computer.value() }
        }
        #expect(try found.map { try $0.get() } == Array(repeating: 1, count: 50))
        #expect(computer.count == 1)
        // Later callers are others.
        #expect(try await cache.getOrSet("key") { 2 } == 2)
    }

    @Test func throughWrappersToo() async throws {
        let (client, computer) = (try unreachable(.missing), Computer())
        let cache = AsyncPrefixedCommands(AsyncRetryingClient(client), prefix: "a/")
        let found = try await results(of: 50, computer) {
            try await cache.getOrSet("key") { try await computer.value() }
        }
        #expect(try found.map { try $0.get() } == Array(repeating: 1, count: 50))
        #expect(computer.count == 1)
    }

    @Test func failuresOfTheServerAreThrownToAll() async throws {
        let cache = try unreachable(.throwing)
        for _ in 0..<2 {
            let error = try await failure { try await cache.getOrSet("key") { 1 } }
            #expect(error?.operation == "getOrSet" && error?.key == "key")
        }
    }

    @Test func anErrorIsSharedAsWell() async throws {
        let cache = try AsyncClient(cloning: try sharedClient(), commandTimeout: .seconds(60))
        let (key, computer) = (uniqueKey(), Computer())
        let found = try await results(of: 10, computer) {
            try await cache.getOrSet(key, lock: .seconds(60)) {
                _ = try await computer.value()
                throw Mine()
            }
        }
        for result in found { #expect(throws: Mine.self) { try result.get() } }
        #expect(computer.count == 1)
        #expect(try await eventually { try await !cache.contains("\(key):lock") })
        #expect(try await cache.getOrSet(key) { 5 } == 5)
    }

    @Test func whoTakesOverFromACancelledCallerComputes() async throws {
        let cache = try AsyncClient(cloning: try sharedClient(), commandTimeout: .seconds(60))
        let (key, first, second) = (uniqueKey(), Computer(), Computer())
        let leader = queued { try await cache.getOrSet(key, lock: .seconds(60)) { try await first.value() } }
        #expect(await eventually { first.count == 1 })
        second.release()
        let others = (0..<5).map { _ in
            queued { try await cache.getOrSet(key, lock: .seconds(60)) { try await second.value() + 10 } }
        }
        leader.cancel()
        await #expect(throws: CancellationError.self) { try await leader.value }
        for other in others { #expect(try await other.value == 11) }
        #expect(second.count == 1)
    }

    @Test func aCancelledWaiterGoesAtOnce() async throws {
        let (cache, computer) = (try unreachable(.missing), Computer())
        let leader = queued { try await cache.getOrSet("key") { try await computer.value() } }
        #expect(await eventually { computer.count == 1 })
        let waiter = queued { try await cache.getOrSet("key") { try await computer.value() } }
        waiter.cancel()
        #expect(try await failure { try await waiter.value }?.code == .cancelled)
        computer.release()
        #expect(try await leader.value == 1)
        #expect(computer.count == 1)
    }

    @Test func whoHasWaitedLongEnoughComputes() async throws {
        let (cache, computer) = (try unreachable(.missing), Computer())
        let leader = queued { try await cache.getOrSet("key") { try await computer.value() } }
        #expect(await eventually { computer.count == 1 })
        #expect(try await cache.getOrSet("key", lock: .milliseconds(100)) { 7 } == 7)
        computer.release()
        #expect(try await leader.value == 1)
    }

    @Test func otherKeysPrefixesAndTypesAreComputedByThemselves() async throws {
        let (cache, computer) = (try unreachable(.missing), Computer())
        let leader = queued { try await cache.getOrSet("key") { try await computer.value() } }
        #expect(await eventually { computer.count == 1 })
        #expect(try await cache.getOrSet("other") { 2 } == 2)
        #expect(try await cache.getOrSet("key") { "text" } == "text")
        #expect(try await AsyncPrefixedCommands(cache, prefix: "a/").getOrSet("key") { 4 } == 4)
        #expect(try await cache.getOrSet(GroupedKey(group: "group", key: "key")) { 5 } == 5)
        // To Swift the same text, to a server another key.
        let (composed, decomposed) = ("caf\u{e9}", "cafe\u{301}")
        let accent = queued { try await cache.getOrSet(composed) { try await computer.value() } }
        #expect(await eventually { computer.count == 2 })
        #expect(try await cache.getOrSet(decomposed) { 6 } == 6)
        computer.release()
        #expect(try await leader.value == 1)
        #expect(try await accent.value == 2)
    }

    @Test func whatIsComputedForAnEmptiedNamespaceIsNotShared() async throws {
        let client = try AsyncClient(cloning: try sharedClient(), commandTimeout: .seconds(60))
        let (cache, computer) = (client.namespace(uniqueKey()), Computer())
        let leader = queued { try await cache.getOrSet("key") { try await computer.value() } }
        #expect(await eventually { computer.count == 1 })
        try await cache.invalidate()
        #expect(try await cache.getOrSet("key") { 2 } == 2)
        computer.release()
        #expect(try await leader.value == 1)
    }
}
