// expect: causing data races
import SwiftLibMC

func runsClientSent(_ cache: AsyncClient) async throws {
    try await cache.run { client in
        Task { try client.get("a", as: Int.self) }
    }
}
