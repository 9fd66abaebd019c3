import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// Values that name their keys, so that a mixed-up reply is seen, while servers come and go.
@Suite("AsyncClient under fire", .slow, .enabled(if: MemcachedServer.isInstalled), .timeLimit(.minutes(3)), .serialized)
struct AsyncHammerTests {
    @Test(arguments: [true, false], [1, 3])
    func sixtyFourTasks(_ binary: Bool, _ connections: Int) async throws {
        try await fire(binary: binary, connections: connections) { _ in nil }
    }

    @Test(arguments: [1, 3])
    func sixtyFourTasksOnItsThreads(_ connections: Int) async throws {
        try await fire(binary: true, connections: connections, from: \.taskExecutor)
    }

    private func fire(
        binary: Bool,
        connections: Int,
        from executor: (AsyncClient) -> (any TaskExecutor)?
    ) async throws {
        let cluster = try MemcachedCluster(count: 3)
        let cache = try AsyncClient(
            cloning: try Client(cluster.addresses, binary: binary, behaviors: .impatient),
            connections: connections,
            commandTimeout: .seconds(2),
            queueLimit: 50
        )
        let executor = executor(cache)
        let record = Record()
        try await withThrowingTaskGroup { group in
            for task in 0..<64 {
                group.addTask(executorPreference: executor) {
                    var turn = 0
                    while !record.isOver {
                        turn += 1
                        let key = "key-\((turn * 7 + task) % 200)"
                        do {
                            record.note(hit: try await Self.visit(turn + task, key, cache, record))
                        } catch {
                            record.note(hit: nil)
                        }
                    }
                }
            }
            defer { record.end() }
            for server in cluster.servers {
                #expect(await record.goesOnSoon { $0.hits })
                try server.suspend()
                #expect(await record.goesOnSoon { $0.failures })
                server.resume()
                #expect(await record.goesOnSoon { $0.hits })
                server.kill()
                #expect(await record.goesOnSoon { $0.failures })
                try server.restart()
                #expect(await record.goesOnSoon { $0.hits })
            }
        }
        #expect(record.wrongValues == [])
        #expect(await eventually { (try? await cache.set("last", 1)) == true })
    }

    /// What is read together is kept together: some callers look at theirs while the rest is still being read.
    ///
    /// One in so many callers runs on the client's thread.
    @Test(arguments: [1, 2, 1000])
    func valuesOfEveryLength(_ share: Int) async throws {
        let server = try MemcachedServer.start()
        let cache = try AsyncClient(cloning: try Client([server.address]))
        let values = (0..<512).map { number in String(repeating: "\(number),", count: number * 3) }
        let mapping = Dictionary(uniqueKeysWithValues: values.enumerated().map { ("\($0)", $1) })
        #expect(try await cache.setMulti(mapping) == [])
        for _ in 0..<30 {
            let wrong = try await withThrowingTaskGroup { group in
                for number in values.indices {
                    group.addTask(executorPreference: number % share == 1 % share ? cache.taskExecutor : nil) {
                        try await cache.get("\(number)", as: String.self) == values[number] ? nil : number
                    }
                }
                return try await group.reduce(into: [Int]()) { if let number = $1 { $0.append(number) } }
            }
            #expect(wrong == [])
        }
    }

    private static func visit(_ turn: Int, _ key: String, _ cache: AsyncClient, _ record: Record) async throws -> Bool {
        func check(_ value: String?) {
            if let value, value != "value of \(key)" { record.note(wrong: "\(key): \(value)") }
        }
        switch turn % 8 {
        case 0, 1: try await cache.set(key, "value of \(key)")
        case 2: try await cache.delete(key)
        case 3: check(try await cache.getMulti([key, "none"], as: String.self)[key])
        case 4: check(try await cache.gets(key, as: String.self)?.value)
        case 5:
            // Not all wait for the answer.
            let task = Task { try await cache.get(key, as: String.self) }
            await Task.yield()
            task.cancel()
            if let value = try? await task.value { check(value) }
        default:
            let value: String? = try await cache.get(key)
            check(value)
            return value != nil
        }
        return false
    }
}

extension Record {
    /// Waits until there is more of something than now.
    func goesOnSoon(_ count: @Sendable (Counts) -> Int) async -> Bool {
        let before = read(count)
        return await eventually(timeout: .seconds(60)) { read(count) > before + 20 }
    }
}
