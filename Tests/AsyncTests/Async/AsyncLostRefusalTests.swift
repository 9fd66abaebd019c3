import SwiftLibMC
import TestSupport
import Testing

/// Calls that wait at the same time are sent together: one request too many for a server that wants a password.
@Suite("AsyncClient: without credentials", .timeLimit(.minutes(2)))
struct AsyncLostRefusalTests {
    private static let commands: [@Sendable (AsyncClient, String) async throws -> Void] = [
        { _ = try await $0.get($1, as: Int.self) },
        { try await $0.set($1, 1) },
        { try await $0.delete($1) },
        { _ = try await $0.incr($1) },
    ]

    @Test(.hazard(60), arguments: commands.indices)
    func everyCallOfABatchIsRefused(command: Int) async throws {
        let run = Self.commands[command]
        let server = try FakeServer(.wantingPassword)
        let cache = try AsyncClient(cloning: try Client([server.address], behaviors: .patient), connections: 1)
        let codes = try await withThrowingTaskGroup(of: MemcachedError.Code?.self) { group in
            for key in uniqueKeys(100) {
                group.addTask { try await failure { try await run(cache, key) }?.code }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes == Array(repeating: .authFailure, count: 100))
        await cache.shutdown()
    }
}
