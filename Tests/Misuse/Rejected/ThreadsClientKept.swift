// expect: 'inout sending' parameter 'client' cannot be task-isolated
import SwiftLibMC

final class Keeper {
    var client: Client?

    func keep(_ pool: ThreadMappedPool) throws {
        try pool.withClient { client in self.client = client }
    }
}
