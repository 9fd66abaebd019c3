import SwiftLibMC
import TestSupport
import Testing

/// A server that hangs, or drips, must not touch what is asked of the others.
@Suite("AsyncClient: servers are isolated", .enabled(if: MemcachedServer.isInstalled), .timeLimit(.minutes(5)))
struct AsyncIsolationTests {
    private static let chosen: [BadServer] = Effort.current == .quick ? [.drips] : [.drips, .mute, .readsNothing]

    /// What is called on it.
    enum Call: String, CaseIterable, Sendable {
        case get, getMulti, setMulti, deleteMulti, incrMulti, touchMulti, run, watch, getStats, version, flushAll, ping

        func make(_ cache: AsyncClient, _ keys: [String]) async throws {
            let values = keys.map { ($0, [UInt8](repeating: 1, count: 200_000)) }
            switch self {
            case .get: _ = try await cache.get(keys[0], as: String.self)
            case .getMulti: _ = try await cache.getMulti(keys, as: String.self)
            case .setMulti: _ = try await cache.setMulti(Dictionary(uniqueKeysWithValues: values))
            case .deleteMulti: _ = try await cache.deleteMulti(keys)
            case .incrMulti: _ = try await cache.incrMulti(keys)
            case .touchMulti: _ = try await cache.touchMulti(keys, time: 100)
            case .run: try await cache.run { client in _ = try client.get(keys[0], as: String.self) }
            case .watch:
                try await cache.run { client in
                    let server = try client.server(for: keys[0])
                    try client.watch([.fetchers], on: server, pause: .milliseconds(100)) { _ in true }
                }
            case .getStats: _ = try await cache.getStats()
            case .version: _ = try await cache.version()
            case .flushAll: try await cache.flushAll()
            case .ping: _ = try await cache.ping()
            }
        }
    }

    private static let limit = Duration.seconds(4)

    /// Calls of the healthy server, while others wait for the bad one for `limit`, take no longer than machine and
    /// scheduler make them: far less than that.
    @Test(.hazard(29, 32), arguments: chosen, Call.allCases)
    func healthyServersAreServed(_ state: BadServer, _ call: Call) async throws {
        var longest = Self.limit
        // A busy machine holds up a call now and then, a bad server would each time.
        for _ in 0..<3 where longest >= Self.limit / 2 { longest = try await longestRound(beside: state, call) }
        #expect(longest < Self.limit / 2)
    }

    /// How long a few calls of a healthy server take at most, while others wait for a bad one.
    private func longestRound(beside state: BadServer, _ call: Call) async throws -> Duration {
        let good = try MemcachedServer.start()
        let (badAddress, owner) = try state.start(binary: true)
        defer { withExtendedLifetime(owner) {} }
        var behaviors = Behaviors.patient
        behaviors.retryTimeout = .seconds(1)
        let client = try Client([good.address, badAddress], behaviors: behaviors)
        let cache = try AsyncClient(cloning: client, commandTimeout: Self.limit)
        var (own, others): ([String], [String]) = ([], [])
        while own.count < 10 || others.count < 10 {
            let key = uniqueKey()
            if try client.server(for: key).description == badAddress { own.append(key) } else { others.append(key) }
        }
        let (keys, healthy) = (own, others)
        _ = try await cache.setMulti(Dictionary(uniqueKeysWithValues: healthy.map { ($0, 1) }))
        let isOver = Locked(false)
        let longest = Locked(Duration.zero)
        try await withThrowingTaskGroup { group in
            // More than one, so that the next one waits behind the first.
            for _ in 0..<3 {
                group.addTask {
                    try? await call.make(cache, keys)
                    isOver.withLock { $0 = true }
                }
            }
            group.addTask {
                while !isOver.withLock({ $0 }) {
                    let start = ContinuousClock.now
                    let value = try await cache.get(healthy[0], as: Int.self)
                    let values = try await cache.getMulti(healthy, as: Int.self)
                    let own = try await cache.run { client in try client.get(healthy[0], as: Int.self) }
                    #expect(call == .flushAll || value == 1 && own == 1 && values.count == healthy.count)
                    let time = ContinuousClock.now - start
                    longest.withLock { $0 = max($0, time) }
                }
            }
            try await group.waitForAll()
        }
        await cache.shutdown()
        return longest.withLock { $0 }
    }

    /// More bodies than there are servers wait for the bad one; the next one does not wait for them.
    @Test func bodiesDoNotWaitForOthers() async throws {
        let good = try MemcachedServer.shared(.tcp)
        let bad = try FakeServer(.silent)
        let client = try Client([good.address, bad.address], behaviors: .patient)
        let cache = try AsyncClient(cloning: client, commandTimeout: Self.limit)
        let keys = uniqueKeys(40)
        let own = try #require(try keys.first { try client.server(for: $0).description == good.address })
        let others = try keys.filter { try client.server(for: $0).description == bad.address }
        try await cache.set(own, 1)
        try await withThrowingTaskGroup { group in
            for number in 0..<8 {
                group.addTask {
                    _ = try? await cache.run { client in try client.get(others[number % others.count], as: Int.self) }
                }
            }
            try #require(await eventually { bad.openConnectionCount >= 8 })
            let start = ContinuousClock.now
            #expect(try await cache.run { client in try client.get(own, as: Int.self) } == 1)
            #expect(ContinuousClock.now - start < Self.limit / 2)
            try await group.waitForAll()
        }
        await cache.shutdown()
    }

    /// Keys of both: those of the healthy server are there, and the others' failure is told.
    @Test func theHealthyPartOfACallIsDone() async throws {
        let good = try MemcachedServer.shared(.tcp)
        let bad = try FakeServer(.silent)
        let client = try Client([good.address, bad.address], behaviors: .patient)
        let told = Locked<[MemcachedError.Code]>([])
        client.onError = { error in told.withLock { $0.append(error.code) } }
        let cache = try AsyncClient(cloning: client, commandTimeout: Self.limit)
        let keys = uniqueKeys(40)
        let own = try keys.filter { try client.server(for: $0).description == good.address }
        #expect(!own.isEmpty && own.count < keys.count)
        let failed = try await cache.setMulti(Dictionary(uniqueKeysWithValues: keys.map { ($0, $0) }))
        #expect(Set(failed) == Set(keys).subtracting(own))
        let values = try await cache.getMulti(keys, as: String.self)
        #expect(values == Dictionary(uniqueKeysWithValues: own.map { ($0, $0) }))
        #expect(told.withLock { $0.contains(.commandTimeout) })
        await #expect(throws: MemcachedError.self) { try await cache.getMulti(keys + [""], as: String.self) }
        await cache.shutdown()
    }
}
