// expect: mutation of captured var
import SwiftLibMC

func runsClientKept(_ cache: AsyncClient) async throws {
    var kept: Client?
    try await cache.run { client in kept = client }
    _ = try kept?.get("a", as: Int.self)
}
