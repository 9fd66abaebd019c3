import Foundation
import SwiftLibMC
import TestSupport
import Testing

@Suite("ClientPool", .enabled(if: MemcachedServer.isInstalled), .timeLimit(.minutes(2)))
struct ClientPoolTests {
    @Test func clientsWork() throws {
        let pool = try ClientPool(cloning: try sharedClient(), size: 2)
        let key = uniqueKey()
        try pool.withClient { client in try client.set(key, "value") }
        let value = try pool.withClient { try $0.get(key, as: String.self) }
        #expect(value == "value")
    }

    @Test func clonesAreMadeWhenNeededUpToTheSize() throws {
        let count = CountedClient.Count()
        let pool = try ClientPool(
            cloning: try CountedClient(["127.0.0.1:1"], count: count),
            size: 3,
            minimum: 1
        )
        let own = count.value - 1
        #expect(pool.size == 3)
        #expect(pool.idle == 1)
        try pool.withClient { _ in
            #expect(pool.idle == 0)
            #expect(count.value == own + 1)
            try pool.withClient { _ in
                try pool.withClient { _ in #expect(count.value == own + 3) }
            }
        }
        #expect(pool.idle == 3)
        try pool.withClient { _ in }
        #expect(count.value == own + 3)
    }

    @Test func theOneReturnedLastIsLentFirst() throws {
        let pool = try ClientPool(cloning: try sharedClient(), size: 4, minimum: 4)
        let first = try pool.withClient { ObjectIdentifier($0) }
        for _ in 0..<5 { try pool.withClient { client in #expect(ObjectIdentifier(client) == first) } }
    }

    @Test func anExhaustedPoolSaysHowManyWait() throws {
        let pool = try ClientPool(cloning: try sharedClient(), size: 1)
        try pool.withClient { _ in
            let error = try #require(throws: MemcachedError.self) { try pool.tryWithClient { _ in } }
            #expect(error.code == .poolExhausted)
            #expect(error.operation == "tryWithClient")
            #expect(error.detail.contains("all 1 clients"))
            #expect(error.detail.contains("0 others are waiting"))
            #expect(error.isRetriable)

            let waiter = TestThread { try pool.withClient(timeout: .seconds(20)) { _ in } }
            #expect(eventually { waiting(for: pool) == 1 })
            let late = try #require(throws: MemcachedError.self) {
                try pool.withClient(timeout: .milliseconds(20)) { _ in }
            }
            #expect(late.code == .poolExhausted)
            #expect(late.detail.contains("1 other is waiting"))
            #expect(late.operation == "withClient")
            #expect(!waiter.hasEnded)
        }
        #expect(eventually { pool.idle == 1 })
    }

    @Test func waitingTakesAsLongAsSaid() throws {
        let pool = try ClientPool(cloning: try sharedClient(), size: 1, timeout: .milliseconds(100))
        try pool.withClient { _ in
            let time = ContinuousClock().measure { _ = try? pool.withClient { _ in } }
            #expect(time >= .milliseconds(100))
        }
    }

    @Test func firstComeFirstServed() throws {
        let pool = try ClientPool(cloning: try sharedClient(), size: 1)
        let order = Locked<[Int]>([])
        let threads = try pool.withClient { _ in
            (0..<6).map { index in
                let thread = TestThread {
                    try pool.withClient(timeout: .seconds(30)) { _ in order.withLock { $0.append(index) } }
                }
                #expect(eventually { waiting(for: pool) == index + 1 })
                return thread
            }
        }
        for thread in threads { try thread.join() }
        #expect(order.withLock { $0 } == Array(0..<6))
    }

    @Test func whoGaveUpIsPassedOver() throws {
        let pool = try ClientPool(cloning: try sharedClient(), size: 1)
        let patient = try pool.withClient { _ in
            let impatient = TestThread { try pool.withClient(timeout: .milliseconds(50)) { _ in } }
            #expect(eventually { waiting(for: pool) == 1 })
            let patient = TestThread { try pool.withClient(timeout: .seconds(30)) { _ in true } }
            #expect(throws: MemcachedError.self) { try impatient.join() }
            return patient
        }
        #expect(try patient.join())
        #expect(pool.idle == 1)
    }

    @Test func errorsOfTheBodyPassThrough() throws {
        struct Mine: Error {}
        let pool = try ClientPool(cloning: try sharedClient(), size: 1)
        #expect(throws: Mine.self) { try pool.withClient { _ in throw Mine() } }
        #expect(pool.idle == 1)
    }

    @Test func aClientThatWasReplacedIsNotLentAgain() throws {
        let pool = try ClientPool(cloning: try sharedClient(), size: 1)
        let address = try MemcachedServer.shared(.unix).address
        let taken = try pool.withClient { client in
            let mine = client
            client = try Client([address])
            return ObjectIdentifier(mine)
        }
        _ = taken
        #expect(pool.idle == 0)
        let servers = try pool.withClient { $0.servers.map(\.description) }
        #expect(servers == [try MemcachedServer.shared(.tcp).address])
        #expect(pool.idle == 1)
    }

    @Test func aPlaceThatBecameFreeIsGivenToWhoWaits() throws {
        let pool = try ClientPool(cloning: try sharedClient(), size: 1)
        let waiter = try pool.withClient { client in
            let waiter = TestThread { try pool.withClient(timeout: .seconds(30)) { $0.servers.count } }
            #expect(eventually { waiting(for: pool) == 1 })
            client = try Client(["127.0.0.1:1"])
            return waiter
        }
        #expect(try waiter.join() == 1)
    }

    @Test(arguments: [(0, 0), (-1, 0), (2, 3), (2, -1)])
    func impossibleSizesAreRefused(_ size: Int, _ minimum: Int) throws {
        let client = try sharedClient()
        let error = try #require(throws: MemcachedError.self) {
            try ClientPool(cloning: client, size: size, minimum: minimum)
        }
        #expect(error.code == .invalidArguments)
    }

    @Test func aFailedCloneIsNobodysPlace() throws {
        final class Unclonable: Client {
            var failures: Locked<Int>?
            override func clone() throws(MemcachedError) -> sending Self {
                let fails = failures?.withLock { failures in
                    failures -= 1
                    return failures < 0
                }
                guard fails != true else { throw MemcachedError(code: .failure, operation: "clone", detail: "no") }
                let copy = try super.clone()
                copy.failures = failures
                return copy
            }
        }
        let client = try Unclonable([try MemcachedServer.shared(.tcp).address])
        let budget = Locked(1)
        client.failures = budget
        let pool = try ClientPool(cloning: client, size: 1, minimum: 0)
        #expect(throws: MemcachedError.self) { try pool.withClient { _ in } }
        budget.withLock { $0 = 1 }
        try pool.withClient { _ in }
    }

    /// How many wait, by the pool's own account; only while all clients are taken.
    private func waiting(for pool: ClientPool) -> Int? {
        do {
            try pool.tryWithClient { _ in }
            return nil
        } catch let error as MemcachedError {
            return error.detail.split(separator: " ").compactMap { Int($0) }.last
        } catch {
            return nil
        }
    }
}
