import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// A server that hangs, among others that don't.
@Suite("AsyncClient: a stalled server", .enabled(if: MemcachedServer.isInstalled), .timeLimit(.minutes(2)))
struct AsyncStallTests {
    private static let timeout = Duration.seconds(1)

    /// With fewer threads than servers, keys of others wait for one time-out at most; with enough, for none.
    ///
    /// A client that has nothing to do with the stalled server shows what the machine takes for itself.
    @Test(.hazard(32), arguments: [(1, 1.9), (2, 1.9), (3, 0.9), (6, 0.9)])
    func keysOfOtherServersWaitForOneTimeOutAtMost(_ connections: Int, _ limit: Double) async throws {
        let cluster = try MemcachedCluster(count: 3)
        var behaviors = Behaviors.patient
        behaviors.pollTimeout = Self.timeout
        let client = try Client(cluster.addresses, behaviors: behaviors)
        let cache = try AsyncClient(cloning: client, connections: connections, commandTimeout: .seconds(60))
        let stalled = cluster[1]
        var (bad, good): ([String], [String]) = ([], [])
        while bad.count < 10 || good.count < 20 {
            let key = uniqueKey()
            try await cache.set(key, 1)
            if try client.server(for: key).description == stalled.address { bad.append(key) } else { good.append(key) }
        }

        try stalled.suspend()
        defer { stalled.resume() }
        // The times are not to depend on how busy other tests keep Swift's threads.
        let executor = ThreadExecutor()
        let isOver = Locked(false)
        let worst = Locked(Duration.zero)
        let control = try AsyncClient(
            cloning: Client([cluster[0].address], behaviors: behaviors),
            connections: connections
        )
        let delay = Locked(Duration.zero)
        let codes = Locked<Set<MemcachedError.Code>>([])
        try await withThrowingTaskGroup { group in
            for key in bad[..<10] {
                group.addTask(executorPreference: executor) {
                    // One at a time on the wire, and so the worst case; then those that go out together.
                    for error in [
                        try await failure { try await cache.incr(key) },
                        try await failure { try await cache.get(key, as: Int.self) },
                    ] {
                        if let error { codes.withLock { _ = $0.insert(error.code) } }
                    }
                }
            }
            for key in good[..<20] {
                group.addTask(executorPreference: executor) {
                    while !isOver.withLock({ $0 }) {
                        for isRead in [true, false] {
                            let start = ContinuousClock.now
                            if isRead { _ = try await cache.get(key, as: Int.self) } else { try await cache.incr(key) }
                            let time = ContinuousClock.now - start
                            worst.withLock { $0 = max($0, time) }
                        }
                        try await Task.sleep(for: .milliseconds(5))
                    }
                }
            }
            group.addTask(executorPreference: executor) {
                let key = uniqueKey()
                while !isOver.withLock({ $0 }) {
                    let start = ContinuousClock.now
                    try await control.set(key, 1)
                    let time = ContinuousClock.now - start
                    delay.withLock { $0 = max($0, time) }
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
            group.addTask {
                // Until the stalled server is left alone.
                #expect(await eventually { codes.withLock { $0.contains(.serverTemporarilyDisabled) } })
                isOver.withLock { $0 = true }
            }
            try await group.waitForAll()
        }
        #expect(worst.withLock { $0 } < .seconds(limit) + delay.withLock { $0 } * 2)
        #expect(codes.withLock { $0 }.isSubset(of: [.timeout, .serverTemporarilyDisabled]))
    }

    @Test func theServerIsAskedAgainLater() async throws {
        let cluster = try MemcachedCluster(count: 3)
        let cache = try AsyncClient(cloning: try Client(cluster.addresses, behaviors: .impatient), connections: 2)
        let keys = uniqueKeys(60)
        for key in keys { try await cache.set(key, 1) }
        try cluster[0].suspend()
        #expect(
            await eventually {
                for key in keys {
                    let error = try? await failure { try await cache.get(key, as: Int.self) }
                    if error?.code == .serverTemporarilyDisabled { return true }
                }
                return false
            }
        )
        cluster[0].resume()
        #expect(
            await eventually {
                for key in keys where (try? await cache.get(key, as: Int.self)) != 1 { return false }
                return true
            }
        )
    }
}
