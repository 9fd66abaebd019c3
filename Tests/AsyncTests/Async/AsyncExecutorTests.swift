import Foundation
import SwiftLibMC
import TestSupport
import Testing

@Suite("AsyncClient: tasks on its threads", .enabled(if: MemcachedServer.isInstalled), .timeLimit(.minutes(2)))
struct AsyncExecutorTests {
    @Test(arguments: [1, 3])
    func tasksThatPreferItsThreadsStayThere(_ connections: Int) async throws {
        let cache = try AsyncClient(cloning: try sharedClient(), connections: connections)
        let keys = uniqueKeys(150)
        try await withThrowingTaskGroup { group in
            for key in keys {
                group.addTask(executorPreference: cache.taskExecutor) {
                    #expect(threadName() == "mc-async")
                    try await cache.set(key, key)
                    #expect(try await cache.get(key) == key)
                    try await Task.sleep(for: .milliseconds(1))
                    #expect(try await cache.run { client in try client.append(key, "+") })
                    #expect(try await cache.getMulti([key], as: String.self) == [key: key + "+"])
                    #expect(threadName() == "mc-async")
                }
            }
            try await group.waitForAll()
        }
        #expect(try await cache.get(keys[0]) == keys[0] + "+")
        #expect(threadName() != "mc-async")
    }

    @Test func actorsTakePart() async throws {
        actor Tally {
            private(set) var count = 0
            func add(_ number: Int) { count += number }
        }
        let cache = try AsyncClient(cloning: try sharedClient(), connections: 2)
        let (key, tally) = (uniqueKey(), Tally())
        try await cache.set(key, 2)
        try await withThrowingTaskGroup { group in
            for _ in 0..<100 {
                group.addTask(executorPreference: cache.taskExecutor) {
                    await tally.add(try await cache.get(key, default: 0))
                    await Self.onTheMainActor()
                    await tally.add(try await cache.get(key, default: 0))
                    #expect(threadName() == "mc-async")
                }
            }
            try await group.waitForAll()
        }
        #expect(await tally.count == 400)
    }

    @MainActor private static func onTheMainActor() { #expect(threadName() != "mc-async") }

    /// A server that does not answer tells: who goes out together shares one time-out, and after the third the server
    /// is not asked any more.
    @Test(arguments: AsyncOrderTests.Request.allCases)
    func whatIsReadyTogetherGoesOutTogether(_ request: AsyncOrderTests.Request) async throws {
        let server = try MemcachedServer.start()
        let cache = try AsyncClient(cloning: try Client([server.address], behaviors: .impatient), connections: 1)
        try await cache.set("warm", 1)
        try server.suspend()
        defer { server.resume() }
        let codes = await withTaskExecutorPreference(cache.taskExecutor) {
            await withTaskGroup { group in
                for number in 0..<300 {
                    group.addTask { try? await failure { try await request.call(cache, "key-\(number)") }?.code }
                }
                return await group.reduce(into: [MemcachedError.Code?]()) { $0.append($1) }
            }
        }
        #expect(codes == Array(repeating: .timeout, count: 300))
    }

    @Test func whoIsAlwaysReadyLetsOthersTakeTheirTurn() async throws {
        let cache = try AsyncClient(cloning: try sharedClient(), connections: 1)
        let key = uniqueKey()
        try await withThrowingTaskGroup { group in
            let isOver = Locked(false)
            group.addTask(executorPreference: cache.taskExecutor) {
                while !isOver.withLock({ $0 }) { await Task.yield() }
            }
            for executor in [nil, cache.taskExecutor] {
                try await withTaskExecutorPreference(executor) {
                    for number in 0..<100 { try await cache.set(key, number) }
                }
            }
            isOver.withLock { $0 = true }
            try await group.waitForAll()
        }
    }

    @Test func tasksTakeTurnsWithWhatIsQueued() async throws {
        let cache = try AsyncClient(cloning: try sharedClient(), connections: 1)
        let log = Locked<[Int]>([])
        let blocker = try await Blocker(cache)
        let calls = (0..<100).map { number in
            queued { try await cache.run { _ in log.withLock { $0.append(number) } } }
        }
        let task = Task(executorPreference: cache.taskExecutor) {
            for _ in 0..<3 {
                log.withLock { $0.append(-1) }
                await Task.yield()
            }
        }
        try await blocker.release()
        for call in calls { try await call.value }
        await task.value
        #expect(log.withLock { $0 }.filter { $0 >= 0 } == Array(0..<100))
        #expect(log.withLock { $0 }.prefix(10).count { $0 < 0 } == 3)
    }

    @Test func whoIsCancelledGoesOnWhenTheThreadIsFree() async throws {
        let server = try MemcachedServer.start()
        let cache = try AsyncClient(cloning: try Client([server.address], behaviors: .patient), connections: 1)
        try await cache.set("key", 1)
        try server.suspend()
        let isCalling = Locked(false)
        let task = Task(executorPreference: cache.taskExecutor) {
            isCalling.withLock { $0 = true }
            return try await failure { try await cache.get("key", as: Int.self) }?.code
        }
        #expect(await eventually { isCalling.withLock { $0 } })
        task.cancel()
        server.resume()
        #expect(try await task.value == .cancelled)
        #expect(try await cache.get("key", as: Int.self) == 1)
    }

    @Test func tasksOutliveTheThreads() async throws {
        let server = try MemcachedServer.start()
        let cache = try AsyncClient(cloning: try Client([server.address], behaviors: .patient), connections: 2)
        let tasks = (0..<20).map { number in
            Task(executorPreference: cache.taskExecutor) {
                let refused = try await failure {
                    while true {
                        try await cache.set("key-\(number)", 1)
                        // It may well be one of the client's tasks that ends it.
                        if number == 7 { await cache.shutdown() }
                    }
                }
                // Whoever is always ready must not keep the thread alive.
                while threadName() == "mc-async" { await Task.yield() }
                return refused?.code
            }
        }
        for task in tasks { #expect(try await task.value == .shutdown) }
        #expect(try await eventually { try server.connectionCount() == 0 })
    }

    /// Other threads hand the tasks back to the client's while these end.
    @Test func nobodyIsLostAtTheEnd() async throws {
        let client = try sharedClient()
        for _ in 0..<200 {
            let cache = try AsyncClient(cloning: client, connections: 2)
            let isOver = Locked(false)
            let tasks = (0..<10).map { _ in
                Task(executorPreference: cache.taskExecutor) {
                    while !isOver.withLock({ $0 }) { await Task.detached {}.value }
                }
            }
            try await cache.set("key", 1)
            await cache.shutdown()
            isOver.withLock { $0 = true }
            for task in tasks { await task.value }
        }
    }

    @Test func theThreadsOutliveNoClient() async throws {
        func executor(afterUse isUsed: Bool) async throws -> any TaskExecutor {
            let cache = try AsyncClient(cloning: try sharedClient(), connections: 2)
            if isUsed { try await cache.set(uniqueKey(), 1) }
            return cache.taskExecutor
        }
        for isUsed in [false, true] {
            let executor = try await executor(afterUse: isUsed)
            #expect(await eventually { await Task(executorPreference: executor) { threadName() }.value != "mc-async" })
        }
    }

    /// Who waits for the same computation is woken by a timer, and not on the client's threads.
    @Test func oneOfManyComputes() async throws {
        let cache = try AsyncClient(cloning: try sharedClient(), connections: 2)
        let key = uniqueKey()
        let count = Locked(0)
        try await withThrowingTaskGroup { group in
            for _ in 0..<30 {
                group.addTask(executorPreference: cache.taskExecutor) {
                    let value = try await cache.getOrSet(key, time: .minutes(1)) {
                        count.withLock { $0 += 1 }
                        try await Task.sleep(for: .milliseconds(50))
                        return "computed"
                    }
                    #expect(value == "computed")
                }
            }
            try await group.waitForAll()
        }
        #expect(count.withLock { $0 } == 1)
    }
}

/// What the system calls the thread.
private func threadName() -> String? {
    try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8).trimmingCharacters(in: .newlines)
}
