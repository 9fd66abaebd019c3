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

    @Test func warmUpConnectsEveryThreadWithEveryServer() async throws {
        let servers = [try MemcachedServer.start(), try MemcachedServer.start()]
        let cache = try AsyncClient(cloning: Client(servers.map(\.address)), connections: 3)
        try await cache.warmUp()
        for server in servers {
            let connections = try Client([server.address]).getStats()[0].stats["curr_connections"] ?? ""
            // One is the server's own, or the listening socket's, and one asks.
            #expect(try #require(Int(connections)) >= 3)
        }
        servers[0].kill()
        try await cache.warmUp()
        await cache.shutdown()
    }
}
