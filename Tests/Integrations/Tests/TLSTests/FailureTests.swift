import SwiftLibMC
import SwiftLibMCTLS
import SwiftLibMCTesting
import Synchronization
import Testing

/// Servers that go and come back.
@Suite(
    "Failures",
    .blocking,
    .timeLimit(.minutes(2)),
    .enabled(if: TLSServer.isAvailable, Comment(rawValue: TLSServer.comment))
)
struct FailureTests {
    @Test(arguments: [true, false]) func aServerThatIsRestartedIsUsedAgain(binary: Bool) async throws {
        let server = try TLSServer()
        let tls = try TLSForwarder([server.address], options: TLSServer.options())
        let cache = try tls.client(binary: binary)
        try cache.set("a", 1)
        server.server.kill()
        let error = #expect(throws: MemcachedError.self) { try cache.get("a", as: Int.self) }
        #expect(error?.isConnectionFailure == true && error?.server?.description == server.address)
        // From the second on it is clear that there is nothing to connect to.
        let second = #expect(throws: MemcachedError.self) { try cache.set("a", 1) }
        #expect(second?.detail.contains("Connection refused") == true, "\(String(describing: second))")
        #expect(second?.isOutcomeUnknown == false)
        try server.server.restart()
        #expect(await eventually { (try? cache.set("a", 2)) == true })
        #expect(try cache.get("a", as: Int.self) == 2)
    }

    @Test func aBreakInTheMiddleLeavesTheOutcomeOpen() throws {
        let server = try TLSServer()
        let tls = try TLSForwarder([server.address], options: TLSServer.options())
        let cache = try Client(
            servers: tls.servers,
            behaviors: .default.merging(Behaviors(pollTimeout: .milliseconds(300)))
        )
        try cache.set("a", 1)
        try server.server.whileSuspended {
            let error = #expect(throws: MemcachedError.self) { try cache.set("a", 2) }
            #expect(error?.code == .timeout && error?.isOutcomeUnknown == true)
            #expect(error?.detail == "no answer within 300 ms (pollTimeout)")
        }
        #expect(eventually { (try? cache.set("a", 3)) == true })
        #expect(try cache.get("a", as: Int.self) == 3)
    }

    @Test(arguments: [1, 3]) func theOthersTakeOverAsWithoutTheForwarder(failureLimit: Int) throws {
        let certificates = try Certificates.shared.get()
        let servers = try (0..<3).map { _ in try BothWays(certificates) }
        let names = try servers.map { try Server(parsing: $0.address) }
        let behaviors = Behaviors.failover.merging(
            Behaviors(connectTimeout: .seconds(8), pollTimeout: .seconds(8), failureLimit: failureLimit)
        )
        let tls = try TLSForwarder(servers: names, options: TLSServer.options())
        let cache = try Client(servers: tls.servers, behaviors: behaviors)
        // Knows nothing of the third.
        let rest = try Client(servers: Array(names.dropLast()), behaviors: behaviors)
        let keys = uniqueKeys(200)
        #expect(try cache.setMulti(keys.map { ($0, 1) }).isEmpty)
        let lost = try keys.filter { try cache.server(for: $0) == tls.servers[2] }
        #expect(!lost.isEmpty && lost.count < keys.count)

        servers[2].server.kill()
        #expect(eventually { lost.allSatisfy { (try? cache.set($0, 2)) == true } })
        for key in lost {
            #expect(try cache.server(for: key).description == rest.server(for: key).description)
            #expect(try rest.get(key, as: Int.self) == 2)
        }
        for key in keys where !lost.contains(key) { #expect(try cache.get(key, as: Int.self) == 1) }

        try servers[2].server.restart()
        #expect(
            eventually {
                lost.allSatisfy { (try? cache.set($0, 3)) == true && (try? cache.server(for: $0)) == tls.servers[2] }
            }
        )
        let plain = try Client(servers: names, behaviors: behaviors)
        #expect(try plain.getMulti(lost, as: Int.self).values.allSatisfy { $0 == 3 })
    }

    @Test func theKeysOfTheOthersAreServedMeanwhile() async throws {
        let servers = [try TLSServer(), try TLSServer()]
        let tls = try TLSForwarder(servers.map(\.address), options: TLSServer.options())
        let cache = try AsyncClient(cloning: tls.client())
        servers[0].server.kill()
        var results: [String: Int] = [:]
        for key in uniqueKeys(50) {
            do throws(MemcachedError) {
                try await cache.set(key, 1)
                results["stored", default: 0] += 1
            } catch {
                #expect(error.server?.description == servers[0].address && !error.isOutcomeUnknown, "\(error)")
                results["failed", default: 0] += 1
            }
        }
        #expect(results["stored", default: 0] > 0 && results["failed", default: 0] > 0)
        let health = await cache.health(timeout: .seconds(10))
        #expect(health.servers.count == 2)
    }

    @Test func connectionsOfManyClientsEndWithThem() throws {
        let server = try TLSServer()
        let tls = try TLSForwarder([server.address], options: TLSServer.options())
        for _ in 0..<50 {
            let cache = try tls.client()
            try cache.set("a", 1)
        }
        let cache = try tls.client()
        #expect(
            eventually {
                (try? cache.getStats()).map { ["1", "2", "3", "4"].contains($0[0].stats["curr_connections"]) } == true
            }
        )
    }
}
