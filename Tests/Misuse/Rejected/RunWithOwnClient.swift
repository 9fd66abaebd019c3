// expect: capture of 'client' with non-Sendable type
import SwiftLibMC

func runWithOwnClient(_ client: Client) async throws {
    let cache = try AsyncClient(cloning: client)
    try await cache.run { _ in try client.set("a", 1) }
}
