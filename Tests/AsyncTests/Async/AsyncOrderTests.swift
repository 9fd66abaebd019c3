import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// What goes out together, and in which order.
@Suite("AsyncClient: batches", .enabled(if: MemcachedServer.isInstalled), .timeLimit(.minutes(2)))
struct AsyncOrderTests {
    /// What callers of one key do, one after the other, and what each should hear.
    private enum Step {
        case set(String), delete, get, add(String), contains, append(String), gets
    }

    @Test(arguments: [true, false], [1, 3])
    func callsForOneKeyAreExecutedInTheirOrder(_ binary: Bool, _ connections: Int) async throws {
        let address = try MemcachedServer.shared(.tcp).address
        let cache = try AsyncClient(
            cloning: try Client([address], binary: binary, behaviors: .patient),
            connections: connections,
            commandTimeout: .seconds(60)
        )
        let keys = uniqueKeys(12)
        var model: [String: String] = [:]
        var calls: [(task: Task<String?, any Error>, expected: String?)] = []
        var random = SystemRandomNumberGenerator()
        for number in 0..<1500 {
            let key = keys.randomElement(using: &random) ?? keys[0]
            let expected = Self.expectation(number, key, &model)
            calls.append((expected.call(cache, key), expected.outcome))
            // Some go out while others still come.
            if number % 100 == 99 { await Task.yield() }
        }
        for (number, call) in calls.enumerated() {
            let outcome = try await call.task.value
            #expect(outcome == call.expected, "call \(number)")
        }
    }

    private struct Expectation {
        let step: Step
        let outcome: String?

        func call(_ cache: AsyncClient, _ key: String) -> Task<String?, any Error> {
            switch step {
            case .set(let value): queued { "\(try await cache.set(key, value))" }
            case .delete: queued { "\(try await cache.delete(key))" }
            case .get: queued { try await cache.get(key) }
            case .gets: queued { try await cache.gets(key, as: String.self)?.value }
            case .add(let value): queued { "\(try await cache.add(key, value))" }
            case .contains: queued { "\(try await cache.contains(key))" }
            case .append(let value): queued { "\(try await cache.append(key, value))" }
            }
        }
    }

    private static func expectation(_ number: Int, _ key: String, _ model: inout [String: String]) -> Expectation {
        let present = model[key]
        switch Int.random(in: 0..<10) {
        case 0, 1, 2:
            model[key] = "\(key) \(number)"
            return Expectation(step: .set("\(key) \(number)"), outcome: "true")
        case 3:
            model[key] = nil
            return Expectation(step: .delete, outcome: "\(present != nil)")
        case 4:
            if present == nil { model[key] = "\(key) \(number)" }
            return Expectation(step: .add("\(key) \(number)"), outcome: "\(present == nil)")
        case 5:
            return Expectation(step: .contains, outcome: "\(present != nil)")
        case 6:
            if let present { model[key] = present + "+" }
            return Expectation(step: .append("+"), outcome: "\(present != nil)")
        case 7:
            return Expectation(step: .gets, outcome: present)
        default:
            return Expectation(step: .get, outcome: present)
        }
    }

    /// A server that does not answer tells: who goes out together shares one time-out.
    ///
    /// One after the other would take a time-out each, and after the third the server would not be asked any more.
    @Test(arguments: [Request.get, .set, .delete])
    func whatWaitsTogetherGoesOutTogether(_ request: Request) async throws {
        let server = try MemcachedServer.start()
        let cache = try AsyncClient(
            cloning: try Client([server.address], behaviors: .impatient),
            connections: 1,
            commandTimeout: .seconds(60)
        )
        try await cache.set("warm", 1)
        let blocker = try await Blocker(cache)
        try server.suspend()
        let calls = (0..<100).map { number in queued { try await request.call(cache, "key-\(number)") } }
        try await blocker.release()
        for call in calls {
            let error = try await failure { try await call.value }
            #expect(error?.code == .timeout)
            #expect(error?.isOutcomeUnknown == (request != .get))
        }
        server.resume()
    }

    enum Request: CaseIterable {
        case get, set, delete

        func call(_ cache: some AsyncMemcachedCommands, _ key: String) async throws {
            switch self {
            case .get: _ = try await cache.get(key, as: Int.self)
            case .set: try await cache.set(key, 1)
            case .delete: try await cache.delete(key)
            }
        }
    }

    @Test(arguments: [true, false])
    func largeBatchesAreComplete(_ binary: Bool) async throws {
        let address = try MemcachedServer.shared(.unix).address
        let cache = try AsyncClient(
            cloning: try Client([address], binary: binary, behaviors: .patient),
            connections: 1,
            commandTimeout: .seconds(60)
        )
        let keys = uniqueKeys(3000)
        let blocker = try await Blocker(cache)
        let stores = keys.map { key in
            queued { try await cache.set(key, "\(key) \(String(repeating: "x", count: 300))") }
        }
        let reads = keys.map { key in queued { try await cache.get(key, as: String.self) } }
        let deletes = keys[..<1000].map { key in queued { try await cache.delete(key) } }
        let misses = keys.map { key in queued { try await cache.get(key + "-", as: String.self) } }
        try await blocker.release()
        for store in stores { #expect(try await store.value) }
        for (key, read) in zip(keys, reads) { #expect(try await read.value?.hasPrefix("\(key) ") == true) }
        for delete in deletes { #expect(try await delete.value) }
        for miss in misses { #expect(try await miss.value == nil) }
    }

    @Test func expirationsAreEachCallersOwn() async throws {
        let cache = try AsyncClient(
            cloning: try sharedClient(),
            connections: 1,
            commandTimeout: .seconds(60)
        )
        let keys = uniqueKeys(40)
        let blocker = try await Blocker(cache)
        let stores = keys.enumerated().map { index, key in
            queued { try await cache.set(key, index, time: index % 2 == 0 ? .now : .hours(1)) }
        }
        try await blocker.release()
        for store in stores { #expect(try await store.value) }
        for (index, key) in keys.enumerated() {
            #expect(try await cache.get(key, as: Int.self) == (index % 2 == 0 ? nil : index))
        }
    }

    @Test func severalServersWithOneAndManyConnections() async throws {
        let cluster = try MemcachedCluster(count: 3)
        for connections in [1, 2, 3, 7] {
            let cache = try AsyncClient(
                cloning: try Client(cluster.addresses, behaviors: .patient),
                connections: connections
            )
            let keys = uniqueKeys(300)
            try await withThrowingTaskGroup { group in
                for key in keys {
                    group.addTask {
                        try await cache.set(key, key)
                        #expect(try await cache.get(key) == key)
                        #expect(try await cache.incr(key + "-n", initial: 1) == 1)
                    }
                }
                try await group.waitForAll()
            }
            // They are where the synchronous client finds them.
            let client = try Client(cluster.addresses, behaviors: .patient)
            #expect(try client.getMulti(keys, as: String.self).count == 300)
            for key in keys[..<10] { #expect(try await cache.hash(key) == client.hash(key)) }
            for server in cluster.servers { #expect(try server.connectionCount() >= 1) }
            await cache.shutdown()
        }
    }
}
