import SwiftLibMC
import TestSupport
import Testing

/// What a client of three servers goes through when one of them fails and comes back: failing calls, and time.
///
/// `swift test --filter FailoverTable` with `SWIFTLIBMC_EFFORT=full` prints the table of the page "Production", and
/// `Scripts/partition` the same in a network where the kernel loses packets.
@Suite("Failover, in numbers", .full, .serialized, .blocking, .timeLimit(.minutes(30)))
struct FailoverTableTests {
    /// How a server fails.
    enum Failure: String, CaseIterable {
        case killed, stopped, partitioned
        /// The same, by the kernel.
        case lost

        static let possible = allCases.filter { $0 != .lost || OwnNetwork.isThere }

        func begin(_ server: MemcachedServer, _ proxy: FaultProxy) throws {
            switch self {
            case .killed:
                server.kill()
                proxy.fault = .refuse
            case .stopped: try server.suspend()
            case .partitioned: proxy.fault = .holdRequests
            case .lost: try OwnNetwork.cut(proxy.address)
            }
        }

        func end(_ server: MemcachedServer, _ proxy: FaultProxy) throws {
            switch self {
            case .killed:
                try server.restart()
                proxy.fault = .pass
            case .stopped: server.resume()
            case .partitioned: proxy.fault = .pass
            case .lost: try OwnNetwork.mend(proxy.address)
            }
        }
    }

    enum Preset: String, CaseIterable {
        case standard = "default"
        case failover

        var behaviors: Behaviors { self == .failover ? .failover : .default }
    }

    @Test(arguments: Preset.allCases, Failure.possible)
    func aClient(_ preset: Preset, _ failure: Failure) async throws {
        for binary in [true, false] {
            try await run("Client, \(binary ? "binary" : "text")", preset, failure, binary) { client in
                PoolCache(pool: try ClientPool(cloning: client, size: 1))
            }
        }
    }

    @Test(arguments: Preset.allCases, Failure.possible)
    func anAsyncClient(_ preset: Preset, _ failure: Failure) async throws {
        try await run("AsyncClient", preset, failure, true) { client in
            AsyncCache(client: try AsyncClient(cloning: client))
        }
    }

    private func run(
        _ name: String,
        _ preset: Preset,
        _ failure: Failure,
        _ binary: Bool,
        _ makeCache: (Client) throws -> some ChaosCache
    ) async throws {
        let servers = try (0..<3).map { _ in try MemcachedServer.start() }
        let proxies = try servers.map { try FaultProxy(to: $0.address) }
        // A stopped server is behind a proxy that still takes connections, as the kernel does for one without a proxy.
        let client = try Client(proxies.map(\.address), binary: binary, behaviors: preset.behaviors)
        let cache = try makeCache(client)
        let (server, proxy) = (servers[1], proxies[1])
        let keys = try (0..<200).map { "key-\($0)" }.filter { try client.server(for: $0).description == proxy.address }
        for key in keys { try await cache.set(key, [0]) }
        let clock = ContinuousClock()

        // One caller after the other asks for and sets the keys of the server that fails.
        try failure.begin(server, proxy)
        let begun = clock.now
        var (failures, goodSince): (Int, ContinuousClock.Instant?) = (0, nil)
        // How many calls fail until some in a row don't.
        var (untilMoved, moved): (Int, Duration?) = (0, nil)
        var (number, inARow) = (0, 0)
        while clock.now - begun < .seconds(8) {
            let key = keys[number % keys.count]
            number += 1
            do {
                _ = try await cache.get(key)
                try await cache.set(key, [1])
                goodSince = goodSince ?? clock.now
                inARow += 1
                if moved == nil, inARow == 10, let goodSince { (untilMoved, moved) = (failures, goodSince - begun) }
            } catch {
                failures += 1
                (goodSince, inARow) = (nil, 0)
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        if moved == nil { untilMoved = failures }

        // It comes back, and has old values if it was not killed.
        try failure.end(server, proxy)
        let ended = clock.now
        let whileAway = failures
        var (stale, usedAgain): (Int, Duration?) = (0, nil)
        failures = 0
        let before = proxy.connectionCount
        while clock.now - ended < .seconds(8) {
            let key = keys[number % keys.count]
            number += 1
            do {
                if try await cache.get(key) == [0], preset == .failover || moved != nil { stale += 1 }
                if usedAgain == nil, proxy.connectionCount > before || preset == .standard {
                    usedAgain = clock.now - ended
                }
            } catch {
                failures += 1
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        let row = [
            preset.rawValue, name, failure.rawValue, "\(untilMoved)", text(moved), "\(whileAway)", "\(failures)",
            text(usedAgain), "\(stale)",
        ]
        print("FAILOVER | " + row.joined(separator: " | ") + " |")
        if preset == .failover {
            let moved = try #require(moved, "\(row)")
            #expect(untilMoved <= 3 && moved < .seconds(1.5), "\(row)")
        }
    }

    private func text(_ duration: Duration?) -> String {
        duration.map { "\(Int($0 / .milliseconds(1))) ms" } ?? "–"
    }
}
