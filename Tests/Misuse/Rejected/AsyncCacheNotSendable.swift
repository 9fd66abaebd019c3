// expect: stored property 'calls' of 'Sendable'-conforming class 'Own' is mutable
import SwiftLibMC

final class Own: AsyncMemcachedCommands {
    var calls = 0

    func execute(_ request: MemcachedRequest) async throws(MemcachedError) -> MemcachedResponse {
        calls += 1
        return MemcachedResponse()
    }
}
