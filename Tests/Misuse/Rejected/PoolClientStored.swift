// expect: '$0' cannot be task-isolated
import Synchronization
import SwiftLibMC

final class Stock: Sendable {
    let client = Mutex<Client?>(nil)
}

func poolClientStored(_ pool: ClientPool, _ stock: Stock) throws {
    try pool.withClient { client in stock.client.withLock { $0 = client } }
}
