import SwiftLibMC

/// Work on several threads at once, each with a client of its own.
func threadedWork(_ settings: Settings, _ client: Client) throws -> Work? {
    let key = settings.key
    let pool = try ThreadMappedPool(cloning: client)
    switch settings.op {
    case "threadsGet":
        try client.set(key, settings.value)
        return inThreads(settings.parallel) { count in
            for _ in 0..<count { try pool.withClient { client in _ = try client.get(key, as: [UInt8].self) } }
        }
    case "casLoop":
        try client.set(key, 0)
        return inThreads(settings.parallel) { count in
            try pool.withClient { client in
                for _ in 0..<count { try increase(key, client) }
            }
        }
    default: return nil
    }
}

/// Adds one to a number, again and again until nobody has come in between.
private func increase(_ key: String, _ client: Client) throws {
    while true {
        guard let (number, cas) = try client.gets(key, as: Int.self) else { throw Failure("no number") }
        if try client.cas(key, number + 1, cas: cas) { return }
    }
}
