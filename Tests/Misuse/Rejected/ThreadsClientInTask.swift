// expect: It blocks the thread; use AsyncClient.
import SwiftLibMC

func threadsClientInTask(_ pool: ThreadMappedPool) async throws -> Int? {
    try pool.withClient { client in try client.get("a", as: Int.self) }
}
