import Foundation
import SwiftLibMC
import TestSupport
import Testing

@Suite("ThreadMappedPool", .enabled(if: MemcachedServer.isInstalled), .timeLimit(.minutes(2)))
struct ThreadMappedPoolTests {
    @Test func aThreadKeepsItsClient() throws {
        let pool = try ThreadMappedPool(cloning: try sharedClient())
        try onThreads(1) { _ in
            let first = try pool.withClient { ObjectIdentifier($0) }
            for _ in 0..<5 { #expect(try pool.withClient { ObjectIdentifier($0) } == first) }
            #expect(pool.threadCount == 1)
        }
    }

    @Test func threadsHaveDifferentClients() throws {
        let pool = try ThreadMappedPool(cloning: try sharedClient())
        let gate = Gate()
        let ready = Locked(0)
        let threads = (0..<4).map { _ in
            TestThread {
                let mine = try pool.withClient { ObjectIdentifier($0) }
                ready.withLock { $0 += 1 }
                gate.wait()
                return mine
            }
        }
        // Not before: another client may be where that of a thread was that has ended.
        #expect(eventually { ready.withLock { $0 } == 4 })
        #expect(pool.threadCount == 4)
        gate.open()
        let clients = try threads.map { try $0.join() }
        #expect(Set(clients).count == 4)
        #expect(eventually { pool.threadCount == 0 })
    }

    @Test func theEndOfAThreadIsThatOfItsClient() throws {
        let count = CountedClient.Count()
        let server = try MemcachedServer.start()
        let pool = try ThreadMappedPool(cloning: try CountedClient([server.address], count: count))
        let before = count.value
        for _ in 0..<10 { try onThreads(4) { index in try pool.withClient { try $0.set("\(index)", index) } } }
        #expect(eventually { count.value == before })
        #expect(try eventually { try server.connectionCount() == 0 })
    }

    @Test func relinquishingFreesTheClient() throws {
        let count = CountedClient.Count()
        let client = try CountedClient([try MemcachedServer.shared(.tcp).address], count: count)
        let pool = try ThreadMappedPool(cloning: client)
        try onThreads(1) { _ in
            pool.relinquish()
            let before = count.value
            try pool.withClient { _ in }
            #expect(count.value == before + 1)
            pool.relinquish()
            #expect(count.value == before)
            #expect(pool.threadCount == 0)
            try pool.withClient { _ in #expect(count.value == before + 1) }
        }
    }

    @Test func relinquishingWhileTheClientIsLentWaitsForItsReturn() throws {
        let count = CountedClient.Count()
        let client = try CountedClient([try MemcachedServer.shared(.tcp).address], count: count)
        let pool = try ThreadMappedPool(cloning: client)
        try onThreads(1) { _ in
            let before = count.value
            try pool.withClient { client in
                pool.relinquish()
                #expect(count.value == before + 1)
                try client.set(uniqueKey(), 1)
            }
            #expect(count.value == before)
        }
    }

    @Test func aNestedCallGetsAnotherClient() throws {
        let pool = try ThreadMappedPool(cloning: try sharedClient())
        try onThreads(1) { _ in
            let outer = try pool.withClient { outer in
                let inner = try pool.withClient { ObjectIdentifier($0) }
                #expect(inner != ObjectIdentifier(outer))
                #expect(try pool.withClient { ObjectIdentifier($0) } == inner)
                return ObjectIdentifier(outer)
            }
            #expect(try pool.withClient { ObjectIdentifier($0) } == outer)
        }
    }

    @Test func theEndOfThePoolFreesTheClientsOfLivingThreads() throws {
        let count = CountedClient.Count()
        let address = try MemcachedServer.shared(.tcp).address
        try onThreads(1) { _ in
            let client = try CountedClient([address], count: count)
            for _ in 0..<3 {
                let pool = try ThreadMappedPool(cloning: client)
                try pool.withClient { try $0.set(uniqueKey(), 1, time: 1) }
            }
            #expect(count.value == 1)
        }
    }

    @Test func poolsDoNotMix() throws {
        let one = try ThreadMappedPool(cloning: try sharedClient())
        let other = try ThreadMappedPool(cloning: try Client(["127.0.0.1:1"]))
        try onThreads(1) { _ in
            try one.withClient { _ in }
            #expect(try other.withClient { $0.servers.map(\.description) } == ["127.0.0.1:1"])
            other.relinquish()
            #expect(one.threadCount == 1)
        }
    }

    @Test func errorsOfTheBodyPassThroughAndTheClientStays() throws {
        struct Mine: Error {}
        let pool = try ThreadMappedPool(cloning: try sharedClient())
        try onThreads(1) { _ in
            let first = try pool.withClient { ObjectIdentifier($0) }
            #expect(throws: Mine.self) { try pool.withClient { _ in throw Mine() } }
            #expect(try pool.withClient { ObjectIdentifier($0) } == first)
        }
    }
}
