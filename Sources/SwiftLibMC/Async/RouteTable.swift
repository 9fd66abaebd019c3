internal import Synchronization

/// Says which thread serves a key, and in which of its queues.
///
/// All keys of one server go to the same threads, and each key always to the same one. With at least as many threads as
/// servers, no thread serves two servers, so that a server that hangs holds up no other server's keys. With fewer, a
/// thread has a queue for each of its servers, and serves them in turn.
struct RouteTable: Sendable {
    struct Route {
        let worker: Int
        let queue: Int
    }

    /// The servers, in the order that libmemcached keeps them.
    let servers: [Server]
    private let connections: Int
    private let placement: Placement
    /// How many servers are told apart.
    private let groupCount: Int

    init(_ configuration: Configuration, connections: Int) throws(MemcachedError) {
        self.connections = connections
        placement = try Placement(configuration)
        servers = try Handle(configuration).servers
        // With random placement a key has no server of its own that could keep its calls in order.
        groupCount = configuration.behaviors.placement == .random ? 1 : servers.count
    }

    /// How many queues a thread needs for the keys of its servers.
    func queueCount(of worker: Int) -> Int {
        connections >= groupCount ? 1 : (groupCount - worker + connections - 1) / connections
    }

    /// The number of the server that keys routed by these bytes live on.
    func position(of routing: RawSpan) -> Int { placement.position(of: routing) }

    /// The thread for several keys of one server, the next one in turn if there are several.
    func route(to position: Int, turn: UInt) -> Route {
        let group = groupCount == 1 ? 0 : position
        guard connections > groupCount else { return Route(worker: group % connections, queue: group / connections) }
        let threads = (connections - group + groupCount - 1) / groupCount
        return Route(worker: group + groupCount * Int(turn % UInt(threads)), queue: 0)
    }

    /// All threads that serve the keys of a server.
    func routes(to position: Int) -> [Route] {
        let group = groupCount == 1 ? 0 : position
        guard connections > groupCount else { return [Route(worker: group % connections, queue: group / connections)] }
        return stride(from: group, to: connections, by: groupCount).map { Route(worker: $0, queue: 0) }
    }

    func route(_ key: RawSpan, routing: RawSpan) -> Route {
        let group = groupCount == 1 ? 0 : placement.position(of: routing)
        if connections == groupCount { return Route(worker: group, queue: 0) }
        guard connections > groupCount else { return Route(worker: group % connections, queue: group / connections) }
        // The group's threads are those with its number, plus any multiple of the number of groups.
        let threads = (connections - group + groupCount - 1) / groupCount
        let choice = Int((key.quickHash() >> 32) &* UInt64(threads) >> 32)
        return Route(worker: group + groupCount * choice, queue: 0)
    }
}

/// The route table of the present servers.
final class Routes: Sendable {
    private struct State {
        var configuration: Configuration
        var table: RouteTable
        /// The cluster's generation when it was last asked.
        var generation: Int
    }

    private let first: RouteTable
    private let connections: Int
    private let cluster: ClusterRefresher?
    private let state: Monitor<State>
    /// How often the servers have been replaced.
    private let changes = Atomic(0)

    init(_ client: Client, connections: Int) throws(MemcachedError) {
        let configuration = client.handle.configuration
        self.connections = connections
        first = try RouteTable(configuration, connections: connections)
        cluster = client.cluster
        state = Monitor(State(configuration: configuration, table: first, generation: client.following.generation))
    }

    /// Says which thread serves a key.
    func route(_ key: RawSpan, routing: RawSpan) -> RouteTable.Route {
        isFirst ? first.route(key, routing: routing) : current.route(key, routing: routing)
    }

    private var isFirst: Bool { cluster == nil && changes.load(ordering: .acquiring) == 0 }

    var current: RouteTable {
        if isFirst { return first }
        return state.withLock { state in
            if let cluster, state.generation != cluster.generation {
                state.generation = cluster.generation
                // If the table can't be made, the clients keep the servers they have, too.
                try? replace(cluster.configuration.servers, in: &state)
            }
            return state.table
        }
    }

    /// Replaces the servers.
    func change(
        _ change: ([Server]) throws(MemcachedError) -> [Server]
    ) throws(MemcachedError) {
        try state.withLock { state throws(MemcachedError) in
            try replace(try change(state.configuration.servers), in: &state)
            changes.add(1, ordering: .releasing)
        }
    }

    /// Gives a thread's client the servers that have been set since; true if there are any.
    func applyServerChanges(to client: Client, since seen: inout Int) -> Bool {
        let changes = changes.load(ordering: .acquiring)
        if changes == seen { return false }
        seen = changes
        do throws(MemcachedError) {
            try client.replaceServers(state.withLock { $0.configuration.servers })
            return true
        } catch {
            client.onError?(error)
            return false
        }
    }

    private func replace(_ servers: [Server], in state: inout State) throws(MemcachedError) {
        var configuration = state.configuration
        configuration.servers = servers
        state.table = try RouteTable(configuration, connections: connections)
        state.configuration = configuration
    }
}
