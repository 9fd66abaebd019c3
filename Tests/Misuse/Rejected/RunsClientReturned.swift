// expect: conformance of 'Client' to 'Sendable' is unavailable
import SwiftLibMC

func runsClientReturned(_ cache: AsyncClient) async throws {
    let client = try await cache.run { client in client }
    _ = try client.get("a", as: Int.self)
}
