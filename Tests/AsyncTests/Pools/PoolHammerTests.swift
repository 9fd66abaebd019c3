import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// Values that name their keys, so that a mixed-up reply is seen, while the server comes and goes.
@Suite("Pools under fire", .enabled(if: MemcachedServer.isInstalled), .timeLimit(.minutes(3)), .serialized)
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

/// What happens under fire, counted.
final class Record: Sendable {
    struct Counts: Sendable {
        var hits = 0
        var failures = 0
        var wrongValues: [String] = []
        var isOver = false
    }

    private let counts = Locked(Counts())

    var isOver: Bool { counts.withLock { $0.isOver } }
    var wrongValues: [String] { counts.withLock { $0.wrongValues } }
    var hits: Int { counts.withLock { $0.hits } }
    var failures: Int { counts.withLock { $0.failures } }

    /// Notes a hit, a miss, or (nil) a failure.
    func note(hit: Bool?) {
        counts.withLock { counts in
            if hit == nil { counts.failures += 1 }
            if hit == true { counts.hits += 1 }
        }
    }

    func note(wrong: String) { counts.withLock { $0.wrongValues.append(wrong) } }

    func end() { counts.withLock { $0.isOver = true } }

    /// Waits until there is more of something than now.
    func goesOn(_ count: (Counts) -> Int) -> Bool {
        let before = counts.withLock { count($0) }
        return eventually(timeout: .seconds(60)) { counts.withLock { count($0) } > before + 20 }
    }
}
