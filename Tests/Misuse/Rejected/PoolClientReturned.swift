// expect: conformance of 'Client' to 'Sendable' is unavailable
import SwiftLibMC

func poolClientReturned(_ pool: ClientPool) throws {
    let client = try pool.withClient { client in client }
    _ = try client.get("a", as: Int.self)
}
