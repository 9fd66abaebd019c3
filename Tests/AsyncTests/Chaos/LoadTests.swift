import SwiftLibMC
import TestSupport
import Testing

/// Many users at once: nobody starves, and nothing is kept without bound.
///
/// The numbers that it prints are in the page "How it scales".
@Suite("Load", .full, .serialized, .blocking, .timeLimit(.minutes(30)))
struct LoadTests {
    /// How long calls took.
    private struct Waits: CustomStringConvertible {
        private let sorted: [Duration]

        init(_ waits: [Duration]) { sorted = waits.sorted() }

        var median: Duration { sorted[sorted.count / 2] }
        var longest: Duration { sorted[sorted.count - 1] }

        var description: String {
            let values = [median, sorted[sorted.count * 99 / 100], longest].map { "\(Int($0 / .microseconds(1))) µs" }
            return "median \(values[0]), 99 % \(values[1]), longest \(values[2])"
        }
    }

    @Test("10,000 tasks and one client: the longest wait is a few times the median")
    func manyTasks() async throws {
        let server = try MemcachedServer.start()
        let cache = try server.asyncClient(behaviors: .patient)
        let waits = try await withThrowingTaskGroup(of: [Duration].self) { group in
            for task in 0..<10_000 {
                group.addTask {
                    var waits: [Duration] = []
                    for _ in 0..<20 {
                        let start = ContinuousClock.now
                        if task.isMultiple(of: 10) {
                            try await cache.set("task-\(task)", "\(task)")
                        } else {
                            let value = try await cache.get("task-\(task / 10 * 10)", as: String.self)
                            try #require(value == nil || value == "\(task / 10 * 10)")
                        }
                        waits.append(ContinuousClock.now - start)
                    }
                    return waits
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let result = Waits(waits)
        print("LOAD 10,000 tasks, one AsyncClient: \(result)")
        #expect(result.longest < result.median * 20)
    }

    @Test(
        "A full queue lets the next calls wait, or refuses them",
        arguments: [AsyncClient.Overload.waiting, .throwing]
    )
    func aFullQueue(_ overload: AsyncClient.Overload) async throws {
        let server = try MemcachedServer.start()
        let client = try server.client(behaviors: .patient)
        let cache = try AsyncClient(cloning: client, queueLimit: 100, overload: overload)
        let outcomes = await withTaskGroup(of: MemcachedError.Code?.self) { group in
            for task in 0..<5000 {
                group.addTask {
                    do throws(MemcachedError) {
                        try await cache.set("task-\(task)", "1")
                        return nil
                    } catch {
                        return error.code
                    }
                }
            }
            return await group.reduce(into: [MemcachedError.Code?]()) { $0.append($1) }
        }
        #expect(outcomes.allSatisfy { $0 == nil || overload == .throwing && $0 == .overloaded })
        print("LOAD \(overload): \(outcomes.count { $0 != nil }) of \(outcomes.count) calls refused")
    }

    @Test("500 threads and a pool of 16: the longest wait is a few times the median")
    func manyThreads() throws {
        let server = try MemcachedServer.start()
        let pool = try ClientPool(cloning: server.client(behaviors: .patient), size: 16)
        let waits = try onThreads(500) { thread in
            try (0..<40).map { _ in
                let start = ContinuousClock.now
                try pool.withClient(timeout: .seconds(60)) { client in
                    _ = try client.set("thread-\(thread)", thread)
                    try #require(try client.get("thread-\(thread)", as: Int.self) == thread)
                }
                return ContinuousClock.now - start
            }
        }
        let result = Waits(waits.flatMap { $0 })
        print("LOAD 500 threads, a ClientPool of 16: \(result)")
        #expect(result.longest < result.median * 50)
    }

    @Test("1,000 connections to one server")
    func manyConnections() throws {
        let server = try MemcachedServer.start("-c", "2000")
        let memory = try residentMemory()
        let clients = try (0..<1000).map { _ in try server.client(behaviors: .patient) }
        for (number, client) in clients.enumerated() { try client.set("client-\(number)", number) }
        for (number, client) in clients.enumerated() {
            #expect(try client.get("client-\(number)", as: Int.self) == number)
        }
        let each = try (residentMemory() - memory) / clients.count
        print("LOAD 1,000 clients: \(each >> 10) KiB each")
        #expect(each < 256 << 10)
    }
}
