/// Says which thread serves a key, and in which of its lanes.
///
/// All keys of one server go to the same threads, and each key always to the same one. With at least as many threads as
/// servers, no thread serves two servers, so that a server that hangs holds up nobody else's keys. With fewer, a thread
/// has a lane for each of its servers, and serves them in turn.
struct Router: Sendable {
    struct Route {
        let worker: Int
        let lane: Int
        let hash: UInt64
    }

    let connections: Int
    private let placement: Placement
    /// How many servers are told apart.
    private let serverCount: Int

    init(_ configuration: Configuration, connections: Int) throws(MemcachedError) {
        self.connections = connections
        placement = try Placement(configuration)
        // Where keys live nowhere in particular, their servers don't tell how to keep the order of a key's calls.
        serverCount = configuration.behaviors.placement == .random ? 1 : placement.serverCount
    }

    /// How many lanes a thread needs for the keys of its servers.
    func laneCount(of worker: Int) -> Int {
        connections >= serverCount ? 1 : (serverCount - worker + connections - 1) / connections
    }

    /// The number of the server that keys routed by these bytes live on.
    func server(of routing: RawSpan) -> Int { placement.position(of: routing) }

    func route(_ key: RawSpan, routing: RawSpan) -> Route {
        let hash = key.quickHash()
        if connections == 1, serverCount == 1 { return Route(worker: 0, lane: 0, hash: hash) }
        let server = serverCount == 1 ? 0 : placement.position(of: routing)
        guard connections >= serverCount else {
            return Route(worker: server % connections, lane: server / connections, hash: hash)
        }
        // The server's threads are those with its number, plus any multiple of the number of servers.
        let threads = (connections - server + serverCount - 1) / serverCount
        let choice = Int((hash >> 32) &* UInt64(threads) >> 32)
        return Route(worker: server + serverCount * choice, lane: 0, hash: hash)
    }
}
