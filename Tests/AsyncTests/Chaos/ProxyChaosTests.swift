import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// Calls over connections that are delayed, split, stalled, closed and reset by chance: no wrong value, no lost write, no
/// outcome that is not as the error says.
///
/// `CHAOS_SEED` repeats a run, `CHAOS_CALLS` makes it longer, as `Scripts/test --full` does: a million calls in all.
@Suite("Chaos by proxy", .blocking, .slow, .timeLimit(.minutes(30)))
struct ProxyChaosTests {
    private static let seed =
        ProcessInfo.processInfo.environment["CHAOS_SEED"].flatMap(UInt64.init) ?? .random(in: 0..<1_000_000)
    private static let calls =
        ProcessInfo.processInfo.environment["CHAOS_CALLS"].flatMap(Int.init)
        ?? (Effort.current == .full ? 170_000 : 5000)
    /// They wait more than they compute.
    private static let users = Effort.current == .full ? 32 : 8

    @Test(arguments: MemcachedProtocol.allCases) func threadsWithAPool(choice: MemcachedProtocol) async throws {
        try await run(choice) { client in
            PoolCache(pool: try ClientPool(cloning: client, size: Self.users / 2))
        }
    }

    @Test(arguments: MemcachedProtocol.allCases) func tasks(choice: MemcachedProtocol) async throws {
        try await run(choice) { client in AsyncCache(client: try AsyncClient(cloning: client)) }
    }

    private func run(_ choice: MemcachedProtocol, _ makeCache: (Client) throws -> some ChaosCache) async throws {
        let seed = Self.seed
        let servers = try (0..<2).map { _ in try MemcachedServer.start() }
        let proxies = try servers.enumerated().map { number, server in
            try FaultProxy(to: server.address, .chance(.init()), seed: seed &+ UInt64(number))
        }
        var behaviors = Behaviors.default
        behaviors.pollTimeout = .milliseconds(100)
        behaviors.connectTimeout = .milliseconds(500)
        behaviors.retryTimeout = .seconds(1)
        let client = try Client(proxies.map(\.address), protocol: choice, behaviors: behaviors)
        let cache = try makeCache(client)

        let users = await withTaskGroup(of: ChaosUser.self) { group in
            for number in 0..<Self.users {
                let executor = ThreadExecutor()
                group.addTask(executorPreference: executor) {
                    var user = ChaosUser(name: "user\(number)", seed: seed &* 31 &+ UInt64(number))
                    while user.calls < Self.calls / Self.users { await user.step(cache) }
                    return user
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }

        // Whether each key holds what it may is seen past the proxies; their late requests are over by then.
        for proxy in proxies { proxy.stop() }
        let direct = try MemcachedPlacement(of: client, proxies: proxies, servers: servers)
        for user in users {
            #expect(user.complaints.isEmpty, "seed \(seed): \(user.complaints.prefix(3))")
            for (key, possible) in user.expected {
                let value = try direct.client(for: key).get(key, as: [UInt8].self)
                #expect(possible.contains(value), "seed \(seed): \(key) holds \(value.map(\.count) ?? -1) bytes")
            }
            for (key, range) in user.expectedCounts {
                let count = try #require(try direct.client(for: key).get(key, as: UInt64.self))
                #expect(range.contains(count), "seed \(seed): \(key)")
            }
        }
        let calls = users.reduce(0) { $0 + $1.calls }
        let failures = users.reduce(0) { $0 + $1.failures }
        #expect(failures > 0 && failures < calls * 9 / 10, "seed \(seed): \(failures) of \(calls) calls failed")
    }
}

/// Clients of the servers themselves, by where keys live behind proxies.
private struct MemcachedPlacement {
    private let client: Client
    private let byProxy: [String: Client]

    init(of client: Client, proxies: [FaultProxy], servers: [MemcachedServer]) throws {
        self.client = client
        byProxy = Dictionary(
            uniqueKeysWithValues: try zip(proxies, servers).map { ($0.address, try Client([$1.address])) }
        )
    }

    func client(for key: String) throws -> Client {
        try #require(byProxy[try client.server(for: key).description])
    }
}
