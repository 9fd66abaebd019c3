import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// Values that name their keys, so that a mixed-up reply is seen, while the server comes and goes.
@Suite("Pools under fire", .slow, .enabled(if: MemcachedServer.isInstalled), .timeLimit(.minutes(3)), .serialized)
struct PoolHammerTests {
    /// A pool of either kind.
    private struct Lender: Sendable {
        let run: @Sendable (_ body: (inout sending Client) throws -> Bool) throws -> Bool
    }

    @Test func sixteenThreadsOverAClientPool() throws {
        let server = try MemcachedServer.start()
        let client = try Client([server.address], behaviors: .impatient)
        let pool = try ClientPool(cloning: client, size: 5, timeout: .seconds(60), idleTimeout: .milliseconds(1))
        try hammer(server, Lender { body in try pool.withClient(body) })
        #expect(pool.idle <= 5)
    }

    @Test func sixteenThreadsOverAThreadMappedPool() throws {
        let server = try MemcachedServer.start()
        let pool = try ThreadMappedPool(cloning: try Client([server.address], behaviors: .impatient))
        try hammer(server, Lender { body in try pool.withClient(body) })
        #expect(eventually { pool.threadCount == 0 })
    }

    private func hammer(_ server: MemcachedServer, _ pool: Lender) throws {
        let record = Record()
        let threads = (0..<16).map { thread in
            TestThread {
                var turn = 0
                while !record.isOver {
                    turn += 1
                    let key = "key-\((turn * 7 + thread) % 50)"
                    do {
                        record.note(hit: try pool.run { client in try Self.visit(key, client, record) })
                    } catch {
                        record.note(hit: nil)
                    }
                }
            }
        }
        for _ in 0..<3 {
            #expect(record.goesOn { $0.hits })
            try server.whileSuspended { #expect(record.goesOn { $0.failures }) }
            #expect(record.goesOn { $0.hits })
            server.kill()
            #expect(record.goesOn { $0.failures })
            try server.restart()
        }
        #expect(record.goesOn { $0.hits })
        record.end()
        for thread in threads { try thread.join() }
        #expect(record.wrongValues == [])
    }

    private static func visit(_ key: String, _ client: Client, _ record: Record) throws -> Bool {
        try client.set(key, "value of \(key)")
        let values = try client.getMulti([key, "\(key)-none"], as: String.self)
        let single = try client.get(key, as: String.self)
        for value in [values[key], single] {
            if let value, value != "value of \(key)" { record.note(wrong: "\(key): \(value)") }
        }
        return single != nil
    }
}
