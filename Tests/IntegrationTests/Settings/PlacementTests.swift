import SwiftLibMC
import TestSupport
import Testing

/// Which server a key lives on.
///
/// Nothing is connected for it.
@Suite("Placement of keys", .timeLimit(.minutes(5)))
struct PlacementTests {
    static let servers = (1...5).map { Server(.tcp(host: "10.0.0.\($0)", port: 11211)) }
    static let weighted = servers.enumerated().map { Server($1.transport, weight: $0 + 1) }
    static let keys = (0..<1000).map { "key-\($0)" }

    static let distributions: [Behaviors.Distribution] = [
        .modula, .consistent, .consistentKetama, .consistentKetamaSpy, .consistentWeighted, .virtualBucket,
    ]
    /// Those that every build of libmemcached has.
    static let hashes: [Behaviors.Hash] = [
        .default, .md5, .crc, .fnv1_64, .fnv1a_64, .fnv1_32, .fnv1a_32, .murmur, .jenkins, .murmur3,
    ]

    private func places(_ client: Client) throws -> [Server] {
        try Self.keys.map { try client.server(for: $0) }
    }

    private func places(_ behaviors: Behaviors, _ servers: [Server] = servers) throws -> [Server] {
        try places(try Client(servers: servers, behaviors: behaviors))
    }

    // FNV with 64 bits is a poor hash of such keys once it is cut to 32.
    @Test(arguments: hashes.filter { $0 != .fnv1_64 && $0 != .fnv1a_64 })
    func everyServerGetsItsShare(_ hash: Behaviors.Hash) throws {
        let places = try places(Behaviors(hash: hash))
        for server in Self.servers { #expect(places.count { $0 == server } > 120, "\(server)") }
    }

    @Test(arguments: distributions)
    func everyServerGetsItsShare(_ distribution: Behaviors.Distribution) throws {
        // virtualBucket wants a power of two.
        let servers = Array(Self.servers.prefix(4))
        let places = try places(Behaviors(hash: .md5, distribution: distribution), servers)
        for server in servers { #expect(places.count { $0 == server } > 120, "\(server)") }
    }

    @Test(arguments: hashes)
    func hashTellsTheServersNumber(_ hash: Behaviors.Hash) throws {
        let client = try Client(servers: Self.servers, behaviors: Behaviors(hash: hash))
        for key in Self.keys.prefix(100) {
            #expect(client.servers[Int(try client.hash(key))] == (try client.server(for: key)))
        }
    }

    @Test func everyHashPlacesInItsOwnWay() throws {
        let all = try Self.hashes.map { try places(Behaviors(hash: $0)) }
        #expect(Set(all).count == Self.hashes.count)
    }

    @Test(arguments: distributions)
    func itIsTheSameForEveryClient(_ distribution: Behaviors.Distribution) throws {
        let behaviors = Behaviors(distribution: distribution)
        #expect(try places(behaviors) == places(behaviors))
        #expect(try places(behaviors, Self.weighted) == places(behaviors, Self.weighted))
        let ascii = try Client(servers: Self.servers, binary: false, behaviors: behaviors)
        #expect(try places(ascii) == places(behaviors))
    }

    @Test(.hazard(70), arguments: distributions, hashes)
    func changedLaterItIsAsIfItHadBeenSoFromTheStart(
        _ distribution: Behaviors.Distribution,
        _ hash: Behaviors.Hash
    ) throws {
        let behaviors = Behaviors(hash: hash, distribution: distribution)
        for servers in [Self.servers, Self.weighted] {
            let client = try Client(servers: servers, behaviors: Behaviors(hash: .murmur, ketama: true))
            try client.setBehaviors(behaviors)
            var expected = behaviors
            expected.ketama = true
            #expect(try places(client) == places(expected, servers))
            #expect(client.behaviors.distribution == distribution)
        }
    }

    @Test func ketamaMovesFewKeys() throws {
        let four = Array(Self.servers.prefix(4))
        func moved(_ behaviors: Behaviors) throws -> Int {
            zip(try places(behaviors, four), try places(behaviors)).count { $0 != $1 }
        }
        #expect(try moved(Behaviors(ketama: true)) < 350)
        #expect(try moved(Behaviors(ketamaWeighted: true)) < 350)
        #expect(try moved(Behaviors(distribution: .modula)) > 600)
    }

    @Test(.hazard(69)) func weightsCountInTheWeightedDistribution() throws {
        let places = try places(Behaviors(ketamaWeighted: true), Self.weighted)
        let shares = Self.weighted.map { server in places.count { $0 == server } }
        #expect(shares.reduce(0, +) == Self.keys.count)
        #expect(shares[4] > 2 * shares[0])
        let sameInOtherWords = Behaviors(hash: .md5, distribution: .consistentWeighted)
        #expect(try places == self.places(sameInOtherWords, Self.weighted))
    }

    @Test func sortedServersMakeTheirOrderIrrelevant() throws {
        let sorted = Behaviors(sortHosts: true)
        #expect(try places(sorted) == places(sorted, Self.servers.reversed()))
        #expect(try places(Behaviors()) != places(Behaviors(), Self.servers.reversed()))
    }

    @Test func aNamespaceTakesPartOnlyIfTold() throws {
        var behaviors = Behaviors(hash: .md5, namespace: "namespace:")
        let without = try places(Behaviors(hash: .md5))
        #expect(try places(behaviors) == without)
        behaviors.hashWithPrefixKey = true
        let client = try Client(servers: Self.servers, behaviors: behaviors)
        #expect(try places(client) != without)
        let plain = try Client(servers: Self.servers, behaviors: Behaviors(hash: .md5))
        for key in Self.keys { #expect(try client.server(for: key) == plain.server(for: "namespace:\(key)")) }
    }

    @Test func oneServerHasAllKeys() throws {
        for distribution in Self.distributions + [.random] {
            let client = try Client(servers: [Self.servers[0]], behaviors: Behaviors(distribution: distribution))
            #expect(try client.server(for: "k") == Self.servers[0])
            #expect(try client.hash("k") == 0)
        }
    }

    @Test(.hazard(74, 95)) func ketamaHasRoomFor100Servers() throws {
        let many = (0..<101).map { Server(.tcp(host: "10.0.1.\($0)", port: 11211)) }
        for distribution in [Behaviors.Distribution.consistent, .consistentKetama, .consistentWeighted] {
            let behaviors = Behaviors(distribution: distribution)
            expectFailure(.invalidArguments) { try Client(servers: many, behaviors: behaviors) }
            _ = try Client(servers: Array(many.dropLast()), behaviors: behaviors)
            let client = try Client(servers: many)
            expectFailure(.invalidArguments) { try client.setBehaviors(behaviors) }
            #expect(try client.hash("k") < 101)
        }
    }

    @Test func presetsAreUsable() throws {
        let client = try Client(servers: Self.servers, behaviors: .failover)
        #expect(client.behaviors.distribution == .consistentKetama)
        #expect(client.behaviors.deadTimeout.map { $0 > .zero } == true)
        #expect(client.behaviors.failureLimit == 1)
        #expect(try Set(places(client)).count == 5)
    }
}

/// Where keys really go, with servers that run.
@Suite("Placement on real servers", .memcachedCluster(count: 3), .timeLimit(.minutes(5)))
struct RealPlacementTests {
    @Test(arguments: Route.protocols, PlacementTests.distributions)
    func itemsAreOnTheServerThatTheClientNames(_ route: Route, _ distribution: Behaviors.Distribution) throws {
        let cluster = try #require(MemcachedCluster.current)
        // For the library two servers make a power of two.
        let addresses = distribution == .virtualBucket ? Array(cluster.addresses.prefix(2)) : cluster.addresses
        var behaviors = Behaviors.patient
        behaviors.distribution = distribution
        let client = try route.client(of: addresses, behaviors)
        let keys = uniqueKeys(60)
        #expect(try client.setMulti(keys.map { ($0, $0) }) == [])
        #expect(try client.getMultiArray(keys) == keys)
        for key in keys {
            let home = try client.server(for: key).description
            for address in addresses {
                let reply = try #require(cluster.server(at: address)).ask("mg \(key)")
                #expect(reply.hasPrefix("HD") == (address == home))
            }
        }
    }
}
