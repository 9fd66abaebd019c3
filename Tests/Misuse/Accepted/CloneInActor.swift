import SwiftLibMC

func read(_ client: Client) async throws -> Int? {
    await Task.yield()
    return try client.get("a", as: Int.self)
}

actor Owner {
    let client: Client

    init(_ client: sending Client) { self.client = client }

    func value() async throws -> Int? { try await read(client) }
}

func cloneInActor(_ client: Client) async throws -> Int? {
    let owner = Owner(try client.clone())
    return try await owner.value()
}
