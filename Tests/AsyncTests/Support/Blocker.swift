import SwiftLibMC
import TestSupport

/// Keeps the thread of an asynchronous client with one connection busy, so that calls have to wait.
struct Blocker {
    private let gate = Gate()
    private let task: Task<Void, any Error>

    /// Returns when the thread is busy.
    init(_ client: AsyncClient) async throws {
        precondition(client.connections == 1)
        let gate = gate
        let isBusy = Locked(false)
        task = Task {
            try await client.run { _ in
                isBusy.withLock { $0 = true }
                gate.wait()
            }
        }
        while !isBusy.withLock({ $0 }) { await Task.yield() }
    }

    /// Lets the thread go on.
    func release() async throws {
        gate.open()
        try await task.value
    }
}

/// Starts a call at once, so that it is queued when this returns, and calls are in the order of the program.
func queued<Success: Sendable>(
    _ body: sending @escaping @isolated(any) () async throws -> Success
) -> Task<Success, any Error> {
    Task.immediate(operation: body)
}

/// What a call throws.
func failure<Success>(_ body: () async throws -> Success) async throws -> MemcachedError? {
    do {
        _ = try await body()
        return nil
    } catch let error as MemcachedError {
        return error
    }
}
