import Foundation
import SwiftLibMC
import TestSupport
import Testing

@Suite("AsyncClient: computing what is not there", .enabled(if: MemcachedServer.isInstalled), .timeLimit(.minutes(2)))
struct AsyncGetOrSetTests {
    private struct Mine: Error {}

    /// Counts how often something is computed.
    private actor Computer {
        private(set) var count = 0

        func value(taking time: Duration = .zero) async throws -> Int {
            count += 1
            let value = count
            try await Task.sleep(for: time)
            return value
        }
    }

    @Test(arguments: [Duration.zero, .seconds(30)])
    func ofManyCallersOneComputes(stale: Duration) async throws {
        let cache = try AsyncClient(cloning: try sharedClient(), commandTimeout: .seconds(60))
        let (key, computer) = (uniqueKey(), Computer())
        let values = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    try await cache.getOrSet(key, time: 60, lock: .seconds(60), stale: stale) {
                        try await computer.value(taking: .milliseconds(50))
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(values == Array(repeating: 1, count: 100))
        #expect(await computer.count == 1)
        #expect(try await !cache.contains("\(key):lock"))
        // Synchronous clients work with it.
        #expect(try sharedClient().getOrSet(key, stale: stale) { 7 } == 1)
    }

    @Test func waitingBlocksNoThread() async throws {
        let cache = try AsyncClient(cloning: try sharedClient(), connections: 1, commandTimeout: .seconds(60))
        let key = uniqueKey()
        try await cache.set("\(key):lock", 1)
        let waiters = (0..<50).map { _ in
            queued { try await cache.getOrSet(key, lock: .seconds(60)) { "own" } }
        }
        // Others are served meanwhile.
        for number in 0..<100 { try await cache.set("\(key)-\(number)", number) }
        try await cache.set(key, "other's")
        for waiter in waiters { #expect(try await waiter.value == "other's") }
    }

    @Test func whoHasWaitedTooLongComputes() async throws {
        let cache = try AsyncClient(cloning: try sharedClient())
        let key = uniqueKey()
        // Somebody took the lock and died.
        try await cache.set("\(key):lock", 1)
        let start = ContinuousClock.now
        #expect(try await cache.getOrSet(key, lock: .milliseconds(200)) { 7 } == 7)
        #expect(ContinuousClock.now - start >= .milliseconds(200))
        #expect(try await cache.get(key) == 7)
    }

    @Test func aFailureReleasesTheLock() async throws {
        let cache = try AsyncClient(cloning: try sharedClient())
        let key = uniqueKey()
        await #expect(throws: Mine.self) { try await cache.getOrSet(key, as: Int.self) { throw Mine() } }
        #expect(try await eventually { try await !cache.contains("\(key):lock") })
    }

    @Test func aCancelledCallerReleasesTheLock() async throws {
        let cache = try AsyncClient(cloning: try sharedClient())
        let key = uniqueKey()
        let isComputing = Locked(false)
        let task = Task {
            try await cache.getOrSet(key, lock: .seconds(60)) {
                isComputing.withLock { $0 = true }
                while true { try await Task.sleep(for: .seconds(1)) }
                return 1
            }
        }
        #expect(await eventually { isComputing.withLock { $0 } })
        #expect(try await cache.contains("\(key):lock"))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await eventually { try await !cache.contains("\(key):lock") })
    }

    /// The lock is taken, but the caller does not get to know it.
    @Test func aLockThatMayHaveBeenTakenIsGivenBack() async throws {
        struct Losing: AsyncForwardingCommands {
            let base: any AsyncMemcachedCommands
            let looks = Locked(0)

            func execute(_ request: MemcachedRequest) async throws(MemcachedError) -> MemcachedResponse {
                let response = try await base.execute(request)
                if case .fetch = request.action { looks.withLock { $0 += 1 } }
                guard case .store(_, .ifAbsent, _) = request.action else { return response }
                var error = MemcachedError(code: .cancelled, operation: "getOrSet", detail: "the reply is lost")
                error.isOutcomeUnknown = true
                throw error
            }
        }
        let client = try AsyncClient(cloning: try sharedClient())
        let (cache, key) = (Losing(base: client), uniqueKey())
        #expect(try await failure { try await cache.getOrSet(key) { 1 } }?.code == .cancelled)
        #expect(try await eventually { try await !client.contains("\(key):lock") })
        // Another caller's stays.
        try await client.set("\(key):lock", 1)
        #expect(try await failure { try await cache.getOrSet(key) { 1 } }?.code == .cancelled)
        // For the value and for the lock, twice.
        #expect(await eventually { cache.looks.withLock { $0 } == 4 })
        #expect(try await client.contains("\(key):lock"))
    }

    @Test func aCancelledCallerWaitsNoLonger() async throws {
        let cache = try AsyncClient(cloning: try sharedClient())
        let key = uniqueKey()
        try await cache.set("\(key):lock", 1)
        let task = queued { try await cache.getOrSet(key, lock: .seconds(100)) { 1 } }
        task.cancel()
        #expect(try await failure { try await task.value }?.code == .cancelled)
    }

    @Test func theOldValueIsGivenWhileANewOneIsMade() async throws {
        let cache = try AsyncClient(cloning: try sharedClient())
        let (key, computer) = (uniqueKey(), Computer())
        func value() async throws -> Int {
            try await cache.getOrSet(key, time: 1, lock: .seconds(60), stale: .seconds(60)) {
                try await computer.value()
            }
        }
        #expect(try await value() == 1)
        #expect(try await eventually { try await !cache.contains("\(key):fresh") })
        // Somebody else is at it.
        #expect(try await cache.add("\(key):lock", 1))
        #expect(try await value() == 1)
        try await cache.delete("\(key):lock")
        #expect(try await value() == 2)
    }

    @Test(arguments: [Duration.zero, .seconds(30)])
    func aBadKeyIsAnErrorWithoutAServer(stale: Duration) async throws {
        let client = try Client(["127.0.0.1:1"])
        client.errorPolicy = .missing
        let cache = try AsyncClient(cloning: client)
        for key in ["", String(repeating: "k", count: 251)] {
            let error = try await failure { try await cache.getOrSet(key, stale: stale) { 1 } }
            #expect(error?.code == .badKey && error?.key == key)
        }
    }

    @Test func whatCannotBeReadIsComputedAnew() async throws {
        let cache = try AsyncClient(cloning: try sharedClient())
        let key = uniqueKey()
        try await cache.set(key, "text")
        #expect(try await cache.getOrSet(key) { 5 } == 5)
        #expect(try await cache.get(key) == 5)
    }
}
