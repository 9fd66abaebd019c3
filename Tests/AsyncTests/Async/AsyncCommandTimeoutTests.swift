import SwiftLibMC
import TestSupport
import Testing

/// A server that keeps a call by many short waits.
@Suite("AsyncClient: threads come back", .timeLimit(.minutes(2)))
struct AsyncCommandTimeoutTests {
    private let dripping = FakeScript.dribbling([0x81] + [UInt8](repeating: 0, count: 2000), every: .milliseconds(100))

    private func makeCache(_ server: FakeServer) throws -> AsyncClient {
        try AsyncClient(
            cloning: try Client([server.address], behaviors: .patient),
            connections: 1,
            commandTimeout: .milliseconds(400)
        )
    }

    /// Whatever keeps the thread: the next call in its queue gets its turn, and so does the end.
    @Test(.hazard(29), arguments: ["get", "getMulti", "getStats", "flushAll", "run", "setMulti"])
    func shutdownReturns(_ operation: String) async throws {
        let server = try FakeServer(dripping)
        let cache = try makeCache(server)
        let start = ContinuousClock.now
        let error = try await failure {
            switch operation {
            case "get": _ = try await cache.get("key", as: String.self)
            case "getMulti": _ = try await cache.getMulti(["a", "b"], as: String.self)
            case "getStats": _ = try await cache.getStats()
            case "flushAll": try await cache.flushAll()
            case "setMulti": _ = try await cache.setMulti(["a": 1, "b": 2])
            default: try await cache.run { client in _ = try client.get("key", as: String.self) }
            }
        }
        #expect(error != nil)
        await cache.shutdown()
        #expect(ContinuousClock.now - start < .seconds(3))
    }

    /// Nor do lists and events without end, which the body would go on with.
    @Test(arguments: ["forEachStoredKey", "watch"])
    func endlessRepliesEnd(_ operation: String) async throws {
        let line = operation == "watch" ? "OK\r\n" : "key=a exp=-1 la=1 cas=2 fetch=no cls=1 size=63\r\n"
        let steps = (0..<2000).flatMap { _ in [FakeScript.Step.send(Array(line.utf8)), .pause(.milliseconds(10))] }
        let server = try FakeServer(FakeScript([.request] + steps))
        let cache = try makeCache(server)
        let ending = Locked<MemcachedError?>(nil)
        let start = ContinuousClock.now
        _ = try await failure {
            try await cache.run { client in
                do {
                    if operation == "watch" {
                        try client.watch([.fetchers], on: client.servers[0]) { _ in true }
                    } else {
                        try client.forEachStoredKey { _, _ in }
                    }
                } catch {
                    ending.withLock { $0 = error as? MemcachedError }
                }
            }
        }
        await cache.shutdown()
        #expect(ContinuousClock.now - start < .seconds(3))
        #expect(ending.withLock { $0?.code } == .commandTimeout)
    }

    @Test func theThreadServesOthersThen() async throws {
        let (good, script) = (try MemcachedServer.start(), dripping)
        let server = try FakeServer(script)
        let cache = try makeCache(server)
        #expect(try await failure { try await cache.get("key", as: String.self) } != nil)
        try cache.setServers([Server(parsing: good.address)])
        #expect(try await eventually { try await failure { try await cache.set("key", 1) } == nil })
        #expect(try await cache.get("key", as: Int.self) == 1)
        await cache.shutdown()
    }
}
