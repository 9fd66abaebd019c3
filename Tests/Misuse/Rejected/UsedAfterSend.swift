// expect: sending 'client' risks causing data races
import SwiftLibMC

actor Owner {
    let client: Client

    init(_ client: sending Client) { self.client = client }
}

func usedAfterSend() throws {
    let client = try Client(["localhost"])
    _ = Owner(client)
    try client.set("a", 1)
}
