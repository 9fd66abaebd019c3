import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// Waits by blocking the thread, because a task can't sleep in a child.
private func eventuallyBlocking(_ condition: () -> Bool) -> Bool { eventually(condition) }

/// What works in both processes after a fork.
///
/// Each test has a process of its own, because a fork takes all of it along.
@Suite("Forks", .enabled(if: MemcachedServer.isInstalled && canFork), .timeLimit(.minutes(2)), .serialized)
struct ForkTests {
    @Test(.hazard(98)) func anAsyncClientGetsNewThreadsInTheChild() async {
        await #expect(processExitsWith: .success) {
            let server = try MemcachedServer.start()
            let cache = try AsyncClient(cloning: try Client([server.address], behaviors: .patient), connections: 2)
            for number in 0..<20 { try await cache.set("key-\(number)", number) }
            let status = inForkedChild {
                for number in 0..<20 {
                    guard let value = try? await cache.get("key-\(number)", as: Int.self), value == number,
                        (try? await cache.set("child-\(number)", number)) == true
                    else { return false }
                }
                return (try? await cache.run { try $0.incr("counter", initial: 1) }) == 1
            }
            try #require(status == 0)
            for number in 0..<20 {
                try #require(try await cache.get("child-\(number)", as: Int.self) == number)
                try #require(try await cache.get("key-\(number)", as: Int.self) == number)
            }
            await cache.shutdown()
        }
    }

    @Test func deadlinesAndCancellationWorkInTheChild() async {
        await #expect(processExitsWith: .success) {
            let server = try MemcachedServer.start()
            let cache = try AsyncClient(
                cloning: try Client([server.address], behaviors: .patient),
                connections: 1,
                commandTimeout: .milliseconds(500)
            )
            try await cache.set("key", 1)
            try server.suspend()
            let status = inForkedChild {
                let error = try? await failure { try await cache.set("key", 2) }
                return error?.code == .commandTimeout
            }
            server.resume()
            try #require(status == 0)
        }
    }

    @Test(.hazard(98)) func poolsWorkInTheChild() async {
        await #expect(processExitsWith: .success) {
            let server = try MemcachedServer.start()
            let client = try Client([server.address], behaviors: .patient)
            let pool = try ClientPool(cloning: client, size: 2, minimum: 0, idleTimeout: .milliseconds(100))
            let mapped = try ThreadMappedPool(cloning: client)
            let use: @Sendable (String) throws -> Bool = { name in
                try pool.withClient { try $0.set("\(name)-pool", name) }
                try mapped.withClient { try $0.set("\(name)-mapped", name) }
                let one = try pool.withClient { try $0.get("\(name)-mapped", as: String.self) }
                let other = try mapped.withClient { try $0.get("\(name)-pool", as: String.self) }
                return one == name && other == name
            }
            try #require(try use("parent"))
            let status = inForkedChild {
                guard (try? use("child")) == true else { return false }
                // Growing old works as well.
                return eventuallyBlocking { pool.idle == 0 }
            }
            try #require(status == 0)
            for number in 0..<20 { try #require(try use("parent-\(number)")) }
            try #require(try use("child"))
        }
    }

    @Test func aClientThatWasShutDownIsShutDownInTheChildToo() async {
        await #expect(processExitsWith: .success) {
            let server = try MemcachedServer.start()
            let cache = try AsyncClient(cloning: try Client([server.address], behaviors: .patient))
            try await cache.set("key", 1)
            let running = try AsyncClient(cloning: try Client([server.address], behaviors: .patient))
            try await running.set("key", 1)
            await cache.shutdown()
            let status = inForkedChild {
                // Its threads are the parent's: nothing to wait for.
                await running.shutdown()
                return (try? await failure { try await cache.get("key", as: Int.self) })??.code == .shutdown
            }
            try #require(status == 0)
        }
    }
}
