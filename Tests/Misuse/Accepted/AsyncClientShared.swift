import SwiftLibMC

struct Handler: Sendable {
    let cache: AsyncClient

    func answer() async throws -> Int {
        async let first = cache.get("a", as: Int.self)
        async let second = cache.run { client in try client.gets("b", as: Int.self)?.value }
        return (try await first ?? 0) + (try await second ?? 0)
    }
}

@MainActor
func asyncClientShared(_ client: Client) async throws -> [Int] {
    let handler = Handler(cache: try AsyncClient(cloning: client))
    return try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 1...2 { group.addTask { try await handler.answer() } }
        var answers: [Int] = []
        while let answer = try await group.next() { answers.append(answer) }
        return answers
    }
}
