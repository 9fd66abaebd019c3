// expect: '$0' cannot be task-isolated
import Synchronization
import SwiftLibMC

final class Store: Sendable {
    let client = Mutex<Client?>(nil)
}

func runsClientStored(_ cache: AsyncClient, _ store: Store) async throws {
    try await cache.run { client in store.client.withLock { $0 = client } }
}
