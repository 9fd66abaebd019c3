import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// What becomes of a pool's clients when they fail, grow old, or the pool ends.
@Suite("ClientPool: the lives of clients", .enabled(if: MemcachedServer.isInstalled), .timeLimit(.minutes(2)))
struct ClientPoolLifeTests {
    @Test func aClientThatFailedComesBackUsable() throws {
        let server = try MemcachedServer.start()
        let pool = try ClientPool(cloning: try Client([server.address], behaviors: .patient), size: 1)
        let key = uniqueKey()
        try pool.withClient { try $0.set(key, 1) }
        server.kill()
        #expect(throws: MemcachedError.self) { try pool.withClient { try $0.incr(key) } }
        try server.restart()
        try pool.withClient { try $0.set(key, 2) }
        #expect(try pool.withClient { try $0.get(key, as: Int.self) } == 2)
    }

    @Test func theReplyToATimedOutCommandIsNobodysValue() throws {
        let server = try MemcachedServer.start()
        let pool = try ClientPool(cloning: try Client([server.address], behaviors: .impatient), size: 1)
        try pool.withClient { client in
            try client.set("a", "a")
            try client.set("b", "b")
        }
        try server.suspend()
        #expect(throws: MemcachedError.self) { try pool.withClient { try $0.get("a", as: String.self) } }
        server.resume()
        let read = eventually {
            let value = try? pool.withClient { try $0.get("b", as: String.self) }
            #expect(value == nil || value == "b")
            return value == "b"
        }
        #expect(read)
    }

    @Test func idleClientsAreClosedByThemselvesButForTheMinimum() throws {
        let count = CountedClient.Count()
        let server = try MemcachedServer.start()
        let pool = try ClientPool(
            cloning: try CountedClient([server.address], count: count),
            size: 4,
            minimum: 1,
            idleTimeout: .milliseconds(300)
        )
        let before = count.value
        let barrier = Gate()
        let threads = (0..<4).map { _ in
            TestThread {
                try pool.withClient { client in
                    try client.set("key", 1)
                    barrier.wait()
                }
            }
        }
        #expect(eventually { count.value == before + 3 })
        barrier.open()
        for thread in threads { try thread.join() }
        // Nobody calls any more.
        #expect(eventually { count.value == before })
        #expect(try eventually { try server.connectionCount() == 1 })
        #expect(pool.idle == 1)
        try pool.withClient { try $0.set("key", 2) }
    }

    @Test func closingLetsBorrowersFinishAndRefusesOthers() throws {
        let count = CountedClient.Count()
        let pool = try ClientPool(
            cloning: try CountedClient([try MemcachedServer.shared(.tcp).address], count: count),
            size: 2,
            minimum: 2
        )
        let key = uniqueKey()
        try pool.withClient { client in
            let other = Gate()
            let borrower = TestThread { try pool.withClient { _ in other.wait() } }
            #expect(eventually { pool.idle == 0 })
            let waiter = TestThread { try pool.withClient(timeout: .seconds(30)) { _ in } }
            let alone = count.value - 2
            #expect(eventually { isWaitedFor(pool) })
            pool.close()
            let error = try #require(throws: MemcachedError.self) { try waiter.join() }
            #expect(error.code == .shutdown)
            #expect(throws: MemcachedError.self) { try pool.withClient { _ in } }
            try client.set(key, "finished")
            other.open()
            try borrower.join()
            #expect(count.value == alone + 1)
        }
        #expect(count.value == 1)
        #expect(pool.idle == 0)
        pool.close()
        let error = try #require(throws: MemcachedError.self) { try pool.tryWithClient { _ in } }
        #expect(error.code == .shutdown)
    }

    @Test func nothingIsLeftOfAPoolThatIsLetGo() throws {
        let count = CountedClient.Count()
        let client = try CountedClient([try MemcachedServer.shared(.tcp).address], count: count)
        for _ in 0..<20 {
            let pool = try ClientPool(cloning: client, size: 4, minimum: 2, idleTimeout: .seconds(600))
            try onThreads(4) { _ in try pool.withClient { try $0.set(uniqueKey(), 1, time: 1) } }
        }
        #expect(eventually { count.value == 1 })
    }

    @Test func clonesAreOfTheSameClass() throws {
        let count = CountedClient.Count()
        let client = try CountedClient([try MemcachedServer.shared(.tcp).address], count: count)
        let pool = try ClientPool(cloning: client, size: 2)
        #expect(try pool.withClient { $0 is CountedClient })
    }

    private func isWaitedFor(_ pool: ClientPool) -> Bool {
        do {
            try pool.tryWithClient { _ in }
            return false
        } catch {
            return "\(error)".contains("1 other is waiting")
        }
    }
}
