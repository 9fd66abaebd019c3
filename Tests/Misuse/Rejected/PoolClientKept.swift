// expect: 'inout sending' parameter 'client' cannot be task-isolated
import SwiftLibMC

func poolClientKept(_ pool: ClientPool) throws {
    var kept: Client?
    try pool.withClient { client in kept = client }
    _ = try kept?.get("a", as: Int.self)
}
