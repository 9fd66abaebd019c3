import SwiftLibMC

func cloneInGroup(_ client: Client) async throws {
    try await withThrowingTaskGroup(of: Int?.self) { group in
        for _ in 0..<4 {
            let clone = try client.clone()
            group.addTask { try clone.get("a", as: Int.self) }
        }
        try await group.waitForAll()
    }
}
