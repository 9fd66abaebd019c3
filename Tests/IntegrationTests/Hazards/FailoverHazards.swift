import SwiftLibMC
import TestSupport
import Testing

/// Servers that die and come back, with and without others in their place.
@Suite("Hazards: failover", .blocking, .timeLimit(.minutes(5)))
struct FailoverHazards {
    private static let keys = (0..<60).map { "\($0)-key" }

    private func cluster() throws -> MemcachedCluster { try #require(MemcachedCluster.current) }

    /// Whether every key can be written and read.
    private func isWhole(_ client: Client) -> Bool {
        Self.keys.allSatisfy { (try? client.set($0, $0)) == true && (try? client.get($0)) == $0 }
    }

    private static func quick(_ behaviors: Behaviors) -> Behaviors {
        // The usual short time-outs would do, but not on a busy machine.
        behaviors.merging(Behaviors(connectTimeout: .seconds(10), pollTimeout: .seconds(10)))
    }

    @Test(.hazard(81, 85), .memcachedCluster(count: 3), arguments: Route.protocols)
    func withoutFailoverOnlyTheDeadServersKeysFail(_ route: Route) throws {
        let cluster = try cluster()
        let client = try route.client(of: cluster.addresses, Self.quick(Behaviors(retryTimeout: .seconds(1))))
        #expect(isWhole(client))
        let (dead, living) = try split(client, cluster[1].address)
        cluster[1].kill()
        for _ in 0..<5 {
            for key in dead {
                let error = #expect(throws: MemcachedError.self) { try client.get(key, as: String.self) }
                #expect(error?.isConnectionFailure == true)
                #expect(error?.server?.description == cluster[1].address)
            }
            for key in living { #expect(try client.get(key) == key) }
        }
        try cluster[1].restart()
        #expect(eventually { isWhole(client) })
    }

    @Test(.hazard(82, 83), .memcachedCluster(count: 3), arguments: Route.protocols)
    func withFailoverOthersTakeOverAndGiveBack(_ route: Route) throws {
        let cluster = try cluster()
        let client = try route.client(of: cluster.addresses, Self.quick(.failover))
        #expect(isWhole(client))
        let homes = try Self.keys.map { try client.server(for: $0) }
        let (dead, living) = try split(client, cluster[1].address)
        cluster[1].kill()
        #expect(eventually { isWhole(client) })
        #expect(eventually { (try? client.setMulti(Self.keys.map { ($0, $0) })) == [] })
        // The others' keys have stayed where they were.
        for key in living {
            let position = try #require(Self.keys.firstIndex(of: key))
            #expect(try client.server(for: key) == homes[position])
        }
        try cluster[1].restart()
        #expect(
            try eventually {
                guard isWhole(client) else { return false }
                return try Self.keys.map { try client.server(for: $0) } == homes
            }
        )
        #expect(!dead.isEmpty)
    }

    @Test(.hazard(32), .memcachedCluster(count: 3), arguments: Route.protocols)
    func theKeysOfAServerThatHangsMove(_ route: Route) throws {
        let cluster = try cluster()
        let client = try route.client(of: cluster.addresses, .failover)
        #expect(eventually { isWhole(client) })
        let homes = try Self.keys.map { try client.server(for: $0) }
        let (dead, living) = try split(client, cluster[1].address)
        try #require(!dead.isEmpty)
        try cluster[1].whileSuspended {
            // Two time-outs on a machine that has time for it; a healthy server may time out once on one that has not.
            var failures = 0
            while failures < 20, (try? client.set(dead[0], dead[0])) != true { failures += 1 }
            #expect(failures < 20)
            #expect(eventually { isWhole(client) })
            // The others' keys have stayed where they were.
            let places = try living.map { try client.server(for: $0) }
            #expect(places == living.compactMap { key in Self.keys.firstIndex(of: key).map { homes[$0] } })
        }
        #expect(
            try eventually {
                guard isWhole(client) else { return false }
                return try Self.keys.map { try client.server(for: $0) } == homes
            }
        )
    }

    @Test(.hazard(84), .memcachedCluster(count: 3), arguments: Route.protocols)
    func allServersMayDieAndComeBack(_ route: Route) throws {
        let cluster = try cluster()
        for behaviors in [Behaviors.failover, Behaviors(retryTimeout: .seconds(1), removeFailed: 1)] {
            let client = try route.client(of: cluster.addresses, Self.quick(behaviors))
            #expect(isWhole(client))
            for server in cluster.servers { server.kill() }
            for key in Self.keys {
                let error = #expect(throws: MemcachedError.self) { try client.set(key, key) }
                #expect(error?.isConnectionFailure == true)
            }
            for server in cluster.servers { try server.restart() }
            #expect(eventually { isWhole(client) })
        }
    }

    /// Replies that are still to come belong to the old list.
    @Test(.hazard(71, 72), .memcachedCluster(count: 3), arguments: Route.protocols)
    func aNewListOfServersGetsNoOldReplies(_ route: Route) throws {
        let cluster = try cluster()
        let first = Array(cluster.addresses.prefix(2))
        let client = try route.client(of: first, Behaviors(pollTimeout: .milliseconds(50)))
        let patient = try route.client(of: cluster.addresses)
        #expect(try patient.setMulti(Self.keys.map { ($0, $0) }) == [])
        for round in 0..<4 {
            try cluster[0].whileSuspended {
                _ = try? client.getMulti(Self.keys, as: String.self)
                _ = try? client.setMulti(Self.keys.map { ($0, $0) })
                if round.isMultiple(of: 2) { try client.setServers(cluster.addresses) }
            }
            try client.setServers(round.isMultiple(of: 2) ? first : cluster.addresses)
            for key in Self.keys {
                let value = try? client.get(key, as: String.self)
                #expect(value == nil || value == key)
            }
        }
        try client.setServers(cluster.addresses)
        #expect(eventually { isWhole(client) })
    }

    private func split(_ client: Client, _ address: String) throws -> (dead: [String], living: [String]) {
        let dead = try Self.keys.filter { try client.server(for: $0).description == address }
        return (dead, Self.keys.filter { !dead.contains($0) })
    }
}
