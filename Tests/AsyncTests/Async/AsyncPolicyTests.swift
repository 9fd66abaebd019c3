import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// What the cloned client makes of misses and failures.
@Suite("AsyncClient: policies", .enabled(if: MemcachedServer.isInstalled), .timeLimit(.minutes(2)))
struct AsyncPolicyTests {
    /// A server that has gone, and what was heard of it.
    private func forgiving(_ server: MemcachedServer, _ errors: Locked<[MemcachedError]>) throws -> AsyncClient {
        let client = try Client([server.address], behaviors: .impatient)
        client.errorPolicy = .missing
        client.onError = { error in errors.withLock { $0.append(error) } }
        return try AsyncClient(cloning: client)
    }

    @Test func failuresCanBeMisses() async throws {
        let server = try MemcachedServer.start()
        let errors = Locked<[MemcachedError]>([])
        let cache = try forgiving(server, errors)
        try await cache.set("key", 1)
        server.kill()
        #expect(try await cache.get("key", as: Int.self) == nil)
        #expect(try await cache.get("key", default: 5) == 5)
        #expect(try await cache.gets("key", as: Int.self) == nil)
        #expect(try await cache.item("key") == nil)
        #expect(try await cache.withBytes("key") { $0.byteCount } == nil)
        #expect(try await !cache.contains("key"))
        #expect(try await !cache.set("key", 2))
        #expect(try await !cache.delete("key"))
        #expect(try await !cache.add("key", 2))
        #expect(try await cache.getMulti(["key"], as: Int.self).isEmpty)
        #expect(errors.withLock { $0.count } == 10)
        #expect(errors.withLock { $0.map(\.operation).prefix(3) } == ["get", "get", "gets"])
        #expect(errors.withLock { $0.allSatisfy { $0.key == "key" || $0.operation == "getMulti" } })
        #expect(try await cache.getOrSet("key") { 6 } == 6)
        // What has no room for a miss.
        #expect(try await failure { try await cache.incr("key") } != nil)
        #expect(try await failure { try await cache.update("key", default: 0) { $0 + 1 } }?.code != .casConflict)
        #expect(try await failure { try await cache.get("", as: Int.self) }?.code == .badKey)
    }

    @Test func anUnreadableValueCanBeAMiss() async throws {
        let server = try MemcachedServer.start()
        let errors = Locked<[MemcachedError]>([])
        let cache = try forgiving(server, errors)
        try await cache.set("key", "text")
        #expect(try await cache.get("key", as: Int.self) == nil)
        #expect(errors.withLock { $0.map(\.code) } == [.deserialization])
    }

    @Test func theEndOfACallIsNoMiss() async throws {
        let server = try MemcachedServer.start()
        let cache = try forgiving(server, Locked([]))
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await cache.get("key", as: Int.self)
        }
        task.cancel()
        #expect(try await failure { try await task.value }?.code == .cancelled)
        await cache.shutdown()
        #expect(try await failure { try await cache.get("key", as: Int.self) }?.code == .shutdown)
    }

    @Test func missesCanBeErrors() async throws {
        let client = try sharedClient()
        client.outcomes = .throwing
        let cache = try AsyncClient(cloning: client)
        let key = uniqueKey()
        #expect(try await failure { try await cache.get(key, as: Int.self) }?.code == .noValue)
        #expect(try await failure { try await cache.gets(key, as: Int.self) }?.code == .noValue)
        #expect(try await failure { try await cache.item(key) }?.code == .noValue)
        let error = try await failure { try await cache.delete(key) }
        #expect(error?.code == .notFound && error?.key == key && error?.operation == "delete")
        #expect(try await failure { try await cache.replace(key, 1) }?.code == .notStored)
        #expect(try await !cache.contains(key))
        #expect(try await cache.get(key, default: 3) == 3)
        #expect(try await cache.update(key, default: 0) { $0 + 1 } == 1)
        #expect(try await cache.update(key, default: 0) { $0 + 1 } == 2)
        #expect(try await cache.getOrSet(key + "-new") { 4 } == 4)
        // Together with others, too.
        let keys = uniqueKeys(20)
        await withTaskGroup { group in
            for key in keys {
                group.addTask {
                    let error = try? await failure { try await cache.get(key, as: Int.self) }
                    #expect(error?.code == .noValue && error?.key == key)
                }
            }
        }
    }
}
