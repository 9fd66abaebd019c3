// expect: sending value of non-Sendable type
import SwiftLibMC

func usedByTwoTasks() async throws {
    let client = try Client(["localhost"])
    let task = Task { try client.get("a", as: Int.self) }
    _ = try client.get("b", as: Int.self)
    _ = try await task.value
}
