import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// What is left of clients and pools that have come and gone, counted in a process of its own.
///
/// Not with a sanitizer, whose own memory would be counted as well.
@Suite(
    "Nothing is left",
    .slow,
    .enabled(if: MemcachedServer.isInstalled && !isSanitized),
    .timeLimit(.minutes(2))
)
struct LeakTests {
    @Test func ofTwoHundredAsyncClients() async {
        await #expect(processExitsWith: .success) {
            try await count { client, number in
                let cache = try AsyncClient(cloning: client, connections: 3)
                await withTaskGroup { group in
                    for key in 0..<30 {
                        group.addTask(executorPreference: key % 3 == 0 ? cache.taskExecutor : nil) {
                            _ = try? await cache.set("key-\(key)", key)
                        }
                    }
                }
                // The others are let go.
                if number % 2 == 0 { await cache.shutdown() }
            }
        }
    }

    @Test func ofTwoHundredPools() async {
        await #expect(processExitsWith: .success) {
            try await count { client, number in
                let pool = try ClientPool(cloning: client, size: 3, idleTimeout: .seconds(600))
                let threads = try ThreadMappedPool(cloning: client)
                try onThreads(3) { thread in
                    try pool.withClient { try $0.set("key-\(thread)", number) }
                    try threads.withClient { try $0.set("key-\(thread)", number) }
                    if thread == 0 { threads.relinquish() }
                }
                // This thread's own is left when the pool goes.
                try borrow(threads)
                if number % 2 == 0 { pool.close() }
            }
        }
    }
}

/// Pools are not for asynchronous code, but here nobody else is kept waiting.
private func borrow(_ pool: ThreadMappedPool) throws {
    try pool.withClient { _ = try $0.get("key-0", as: Int.self) }
}

/// Does something two hundred times, and compares what the process has then with what it had after the first fifty.
private func count(_ work: (Client, Int) async throws -> Void) async throws {
    let server = try MemcachedServer.start()
    let client = try Client([server.address], behaviors: .patient)
    var before = (threads: 0, descriptors: 0, memory: 0)
    for number in 0..<200 {
        try await work(client, number)
        if number == 50 {
            // What has been let go may still be on its way.
            let isQuiet = try await eventually { try server.connectionCount() <= 1 }
            precondition(isQuiet)
            before = (try threadCount(), try openDescriptorCount(), try residentMemory())
        }
    }
    let isQuiet = try await eventually { try server.connectionCount() <= 1 }
    precondition(isQuiet, "connections are left")
    // Swift's and Dispatch's own threads come and go.
    let haveEnded = try await eventually { try threadCount() <= before.threads + 4 }
    precondition(haveEnded, "threads are left")
    let areClosed = try await eventually { try openDescriptorCount() <= before.descriptors + 4 }
    precondition(areClosed, "descriptors are left")
    // A client has buffers of some 20 KB; all of them would be 10 MB.
    let growth = try residentMemory() - before.memory
    precondition(growth < 4 << 20, "\(growth) bytes are left")
}
