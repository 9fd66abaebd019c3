import SwiftLibMC

class NamedClient: Client {
    let name: String

    init(_ servers: [Server], name: String) throws(MemcachedError) {
        self.name = name
        try super.init(servers: servers)
    }

    required init(_ seed: consuming sending Seed) {
        name = "clone"
        super.init(seed)
    }
}

func cloneOfSubclass(_ client: NamedClient) throws {
    let clone = try client.clone()
    Task { print(clone.name) }
}
