import Foundation
import SwiftLibMC

/// The same commands in each of our ways to serve threads and tasks; the way is the style.
func concurrentWork(_ settings: Settings, _ client: Client) throws -> Work? {
    let (key, value) = (settings.key, settings.value)
    guard ["asyncGet", "asyncSet", "poolGet"].contains(settings.op) else { return nil }
    let isSet = settings.op == "asyncSet"
    try client.set(key, value)

    @Sendable func work(_ client: Client) throws {
        if isSet { try client.set(key, value) } else { _ = try client.get(key, as: [UInt8].self) }
    }

    switch settings.style {
    case "plain": return { for _ in 0..<$0 { try work(client) } }
    case "pool":
        let pool = try ClientPool(cloning: client, size: 1)
        return { for _ in 0..<$0 { try pool.withClient { client in try work(client) } } }
    case "mapped":
        let pool = try ThreadMappedPool(cloning: client)
        return { for _ in 0..<$0 { try pool.withClient { client in try work(client) } } }
    case "clones":
        let pool = try ThreadMappedPool(cloning: client)
        return inThreads(settings.parallel) { count in
            for _ in 0..<count { try pool.withClient { client in try work(client) } }
        }
    case "async", "own":
        let cache = try AsyncClient(cloning: client, commandTimeout: .seconds(60))
        let executor = settings.style == "own" ? cache.taskExecutor : nil
        return inTasks(settings.parallel, on: executor) { count in
            for _ in 0..<count {
                if isSet { try await cache.set(key, value) } else { _ = try await cache.get(key, as: [UInt8].self) }
            }
        }
    case "hop":
        let cache = try AsyncClient(cloning: client, commandTimeout: .seconds(60))
        return inTasks(settings.parallel) { count in
            for _ in 0..<count { try await cache.run { client in try work(client) } }
        }
    default: return nil
    }
}

/// Work that is divided among threads.
func inThreads(_ count: Int, _ body: @escaping @Sendable (_ count: Int) throws -> Void) -> Work {
    let crew = Crew(count)
    return { total in crew.run { thread in try body((total + thread) / count) } }
}

/// Work that is divided among tasks.
private func inTasks(
    _ count: Int,
    on executor: (any TaskExecutor)? = nil,
    _ body: @escaping @Sendable (_ count: Int) async throws -> Void
) -> Work {
    { total in
        let isDone = DispatchSemaphore(value: 0)
        Task(executorPreference: executor) {
            do {
                try await withThrowingTaskGroup { group in
                    for task in 0..<count { group.addTask { try await body((total + task) / count) } }
                    try await group.waitForAll()
                }
            } catch {
                fatalError("\(error)")
            }
            isDone.signal()
        }
        isDone.wait()
    }
}
