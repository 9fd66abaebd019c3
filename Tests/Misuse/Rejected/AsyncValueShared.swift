// expect: type 'Box' does not conform to the 'Sendable' protocol
import SwiftLibMC

final class Box: Codable {
    var number = 0
}

func asyncValueShared(_ cache: AsyncClient, _ box: Box) async throws {
    try await cache.set("a", box)
    box.number = 1
}
