import SwiftLibMC
import TestSupport
import Testing

@Suite("Health of an asynchronous client", .timeLimit(.minutes(1)))
struct HealthTests {
    @Test(arguments: [true, false])
    func eachServerIsAsked(binary: Bool) async throws {
        let servers = [try MemcachedServer.start(), try MemcachedServer.start()]
        let cache = try AsyncClient(cloning: Client(servers.map(\.address), binary: binary))
        var health = await cache.health()
        #expect(health.status == .healthy && health.servers.map(\.server) == cache.servers)
        servers[1].kill()
        health = await cache.health()
        #expect(health.status == .degraded && health.servers[0].error == nil)
        #expect(health.servers[1].error?.isConnectionFailure == true)
        servers[0].kill()
        #expect(await cache.health().status == .unavailable)
        await cache.shutdown()
    }

    @Test func serversThatHangTakeTheTimeThatTheyAreGiven() async throws {
        let servers = [try MemcachedServer.start(), try MemcachedServer.start()]
        let cache = try AsyncClient(cloning: Client(servers.map(\.address)))
        try servers[0].suspend()
        let start = ContinuousClock.now
        let health = await cache.health(timeout: .milliseconds(100))
        #expect(ContinuousClock.now - start < .seconds(2))
        servers[0].resume()
        #expect(health.status == .degraded && health.servers[0].error?.code == .timeout)
        await cache.shutdown()
    }

    /// Probes come again and again: each gives up its thread and its connection with its time.
    @Test(arguments: [BadServer.mute, .drips])
    func probesDoNotAddUp(_ state: BadServer) async throws {
        let (address, owner) = try state.start(binary: true)
        let server = try #require(owner as? FakeServer)
        let client = try Client([address], binary: true, behaviors: .patient)
        client.commandTimeout = .seconds(60)
        let cache = try AsyncClient(cloning: client)
        for _ in 0..<20 {
            let health = await cache.health(timeout: .milliseconds(20))
            #expect(health.status == .unavailable && health.servers[0].error?.code == .timeout)
        }
        #expect(await eventually(timeout: .seconds(20)) { server.openConnectionCount == 0 })
        await cache.shutdown()
    }

    @Test(arguments: [1, 3, 5])
    func warmUpConnectsTheThreadsOfEachServer(connections: Int) async throws {
        let servers = [try MemcachedServer.start(), try MemcachedServer.start()]
        let cache = try AsyncClient(cloning: Client(servers.map(\.address)), connections: connections)
        try await cache.warmUp()
        // With 5, three threads serve one of the servers, and two the other.
        let threads = connections == 1 ? [1, 1] : [connections / 2 + 1, connections / 2]
        for (server, threads) in zip(servers, threads) {
            let connections = try Client([server.address]).getStats()[0].stats["curr_connections"] ?? ""
            // One is the server's own, or the listening socket's, and one asks.
            #expect(try #require(Int(connections)) >= threads + 1)
        }
        servers[0].kill()
        try await cache.warmUp()
        await cache.shutdown()
        await #expect(throws: MemcachedError.self) { try await cache.warmUp() }
    }

    /// Whatever it does with a server that hangs, and for however long: calls for the others don't wait, and it ends.
    @Test(.hazard(29), arguments: [BadServer.mute, .drips, .blackHole])
    func warmUpHoldsUpNoOtherServersKeys(_ state: BadServer) async throws {
        let good = try MemcachedServer.shared(.tcp)
        let (address, owner) = try state.start(binary: true)
        defer { withExtendedLifetime(owner) {} }
        let client = try Client([good.address, address], binary: true, behaviors: .patient)
        let limit = Duration.seconds(2)
        let cache = try AsyncClient(cloning: client, commandTimeout: limit)
        let keys = uniqueKeys(40)
        let key = try #require(try keys.first { try client.server(for: $0).description == good.address })
        try await cache.set(key, 1)
        let start = ContinuousClock.now
        let isOver = Locked(false)
        try await withThrowingTaskGroup { group in
            group.addTask {
                // With a server that can't be reached it does not fail.
                try await cache.warmUp()
                isOver.withLock { $0 = true }
            }
            while !isOver.withLock({ $0 }) {
                let begun = ContinuousClock.now
                #expect(try await cache.get(key, as: Int.self) == 1)
                #expect(ContinuousClock.now - begun < limit / 2)
                try await Task.sleep(for: .milliseconds(5))
            }
            try await group.waitForAll()
        }
        // Not once for each thread.
        #expect(ContinuousClock.now - start < limit * 1.8)
        await cache.shutdown()
    }

    /// What is done on all threads waits for those that are at something at the same time, not one after the other.
    @Test func whatConcernsAllThreadsEndsInTime() async throws {
        let bad = [try FakeServer(.silent), try FakeServer(.silent), try FakeServer(.silent), try FakeServer(.silent)]
        let client = try Client(bad.map(\.address), binary: true, behaviors: .patient)
        let limit = Duration.seconds(2)
        let cache = try AsyncClient(cloning: client, commandTimeout: limit)
        let keys = uniqueKeys(200)
        let own = try bad.map { server in
            try #require(try keys.first { try client.server(for: $0).description == server.address })
        }
        let isOver = Locked(false)
        await withTaskGroup(of: Void.self) { group in
            // Each thread is always at a call that takes all of its time.
            for key in own {
                for _ in 0..<2 {
                    group.addTask { while !isOver.withLock({ $0 }) { _ = try? await cache.get(key, as: Int.self) } }
                }
            }
            _ = await eventually { bad.allSatisfy { $0.openConnectionCount > 0 } }
            let start = ContinuousClock.now
            try? await cache.disconnectAll()
            // One after the other it would be four times the limit; a busy machine takes its time, too.
            #expect(ContinuousClock.now - start < limit * 3.5)
            isOver.withLock { $0 = true }
        }
        await cache.shutdown()
    }
}
