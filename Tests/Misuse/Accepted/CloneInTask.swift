import SwiftLibMC

func cloneInTask(_ client: Client) async throws {
    let clone = try client.clone()
    let task = Task { try clone.get("a", as: Int.self) }
    _ = try client.get("b", as: Int.self)
    _ = try await task.value
}
