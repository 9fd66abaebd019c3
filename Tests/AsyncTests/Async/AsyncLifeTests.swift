import Foundation
import SwiftLibMC
import TestSupport
import Testing

@Suite("AsyncClient: its end", .enabled(if: MemcachedServer.isInstalled), .timeLimit(.minutes(2)))
struct AsyncLifeTests {
    @Test func shuttingDownFinishesWhatIsQueuedThenRefuses() async throws {
        let server = try MemcachedServer.start()
        let count = CountedClient.Count()
        let cache = try AsyncClient(
            cloning: try CountedClient([server.address], count: count),
            connections: 1,
            commandTimeout: .seconds(60)
        )
        let blocker = try await Blocker(cache)
        let calls = (0..<50).map { number in queued { try await cache.set("key-\(number)", number) } }
        let single = queued { try await cache.incr("counter", initial: 1) }
        let end = queued { await cache.shutdown() }
        let second = queued { await cache.shutdown() }
        let late = try await failure { try await cache.get("key-1", as: Int.self) }
        #expect(late?.code == .shutdown)
        #expect(late?.operation == "get")
        try await blocker.release()
        for call in calls { #expect(try await call.value) }
        #expect(try await single.value == 1)
        try await end.value
        try await second.value
        #expect(try await eventually { try server.connectionCount() == 0 })
        #expect(try await failure { try await cache.run { _ in } }?.code == .shutdown)
        await cache.shutdown()
        // The one that clones are made of is left.
        #expect(await eventually { count.value == 1 })
        #expect(try Client([server.address]).get("key-49", as: Int.self) == 49)
    }

    @Test func shuttingDownWhatWasNeverUsed() async throws {
        let cache = try AsyncClient(cloning: try sharedClient(), connections: 4)
        await cache.shutdown()
        #expect(try await failure { try await cache.set("key", 1) }?.code == .shutdown)
    }

    @Test func lettingGoEndsTheThreads() async throws {
        let server = try MemcachedServer.start()
        let count = CountedClient.Count()
        let client = try CountedClient([server.address], count: count)
        for _ in 0..<10 {
            let cache = try AsyncClient(cloning: client, connections: 3)
            try await withThrowingTaskGroup { group in
                for number in 0..<30 { group.addTask { try await cache.set("key-\(number)", 1) } }
                try await group.waitForAll()
            }
        }
        #expect(await eventually { count.value == 1 })
        #expect(try await eventually { try server.connectionCount() == 0 })
    }

    @Test func threadsAreStartedWhenTheyAreNeeded() async throws {
        let server = try MemcachedServer.start()
        let count = CountedClient.Count()
        let client = try CountedClient([server.address], count: count)
        let cache = try AsyncClient(cloning: client, connections: 8)
        #expect(count.value == 2)
        try await cache.set("key", 1)
        #expect(count.value == 3)
    }

    @Test func theGivenClientIsLeftAlone() async throws {
        let client = try sharedClient()
        let cache = try AsyncClient(cloning: client)
        let key = uniqueKey()
        async let other: Bool = cache.set(key, "async")
        _ = try client.get(key, as: String.self)
        _ = try await other
        #expect(try client.get(key, as: String.self) == "async")
        client.compression = Compression(minLength: 1)
        try await cache.set(key, String(repeating: "a", count: 1000))
        #expect(try client.item(key)?.flags == .text)
    }

    @Test func worksOnAnActorWithoutLeavingIt() async throws {
        actor Holder {
            let cache: AsyncClient
            var log: [String] = []
            init(_ cache: AsyncClient) { self.cache = cache }
            func work(_ key: String) async throws {
                try await cache.set(key, "actor")
                log.append(try await cache.get(key, default: ""))
                _ = try await cache.withBytes(key) { log.append("\($0.byteCount)") }
            }
        }
        let holder = Holder(try AsyncClient(cloning: try sharedClient()))
        try await holder.work(uniqueKey())
        #expect(await holder.log == ["actor", "5"])
    }
}
