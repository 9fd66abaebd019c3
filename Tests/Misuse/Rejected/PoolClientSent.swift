// expect: 'inout sending' parameter must be reinitialized
import SwiftLibMC

func poolClientSent(_ pool: ClientPool) throws {
    try pool.tryWithClient { client in
        let stolen = client
        Task { try stolen.get("a", as: Int.self) }
    }
}
