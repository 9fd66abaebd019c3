// expect: 'inout sending' parameter 'client' cannot be 'self'-isolated
import SwiftLibMC

actor Thief {
    var client: Client?

    func steal(_ pool: ClientPool) throws {
        try pool.withClient { client in self.client = client }
    }
}
