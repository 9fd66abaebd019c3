// expect: 'inout sending' parameter must be reinitialized
import SwiftLibMC

func threadsClientSent(_ pool: ThreadMappedPool) throws {
    try pool.withClient { client in
        let stolen = client
        Task { try stolen.get("a", as: Int.self) }
    }
}
