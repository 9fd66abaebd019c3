// expect: It blocks the thread; use AsyncClient.
import SwiftLibMC

func poolInTask(_ pool: ClientPool) async throws -> Int? {
    try pool.withClient { client in try client.get("a", as: Int.self) }
}
