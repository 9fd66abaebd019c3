// expect: Sendable
import SwiftLibMC

final class Picture: Codable { var pixels = 0 }

func store(_ cache: some AsyncMemcachedCommands) async throws {
    let values: [String: any Encodable] = ["key": Picture()]
    _ = try await cache.setMulti(values)
}
