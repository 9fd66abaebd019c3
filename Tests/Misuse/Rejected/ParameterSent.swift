// expect: passing closure as a 'sending' parameter risks causing data races
import SwiftLibMC

func parameterSent(_ client: Client) async throws {
    let task = Task { try client.get("a", as: Int.self) }
    _ = try await task.value
}
