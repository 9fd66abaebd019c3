import OutsideModule
import SwiftLibMC
import TestSupport
import Testing

/// `clone`.
@Suite("Clones", .timeLimit(.minutes(5)))
struct CloneTests {
    @Test(.hazard(69), arguments: PlacementTests.distributions, PlacementTests.hashes)
    func findEveryKeyOnTheSameServer(_ distribution: Behaviors.Distribution, _ hash: Behaviors.Hash) throws {
        for servers in [PlacementTests.servers, PlacementTests.weighted] {
            for weightedKetama in [nil, true, false] {
                let behaviors = Behaviors(
                    hash: hash,
                    ketamaWeighted: weightedKetama,
                    distribution: weightedKetama == nil ? distribution : nil,
                    hashWithPrefixKey: true,
                    namespace: "namespace:"
                )
                let client = try Client(servers: servers, behaviors: behaviors)
                let clone = try client.clone()
                let cloneOfClone = try clone.clone()
                for key in PlacementTests.keys.prefix(200) {
                    let home = try client.server(for: key)
                    #expect(try clone.server(for: key) == home)
                    #expect(try cloneOfClone.server(for: key) == home)
                }
            }
        }
    }

    @Test(.hazard(69, 70)) func findEveryKeyAfterAChangeOfBehaviors() throws {
        let client = try Client(servers: PlacementTests.weighted, behaviors: Behaviors(hash: .crc))
        for behaviors in [Behaviors(ketamaWeighted: true), Behaviors(hash: .fnv1a_32), Behaviors(sortHosts: true)] {
            try client.setBehaviors(behaviors)
            let clone = try client.clone()
            #expect(clone.servers == client.servers)
            for key in PlacementTests.keys { #expect(try clone.server(for: key) == client.server(for: key)) }
        }
    }

    @Test(arguments: Fleet.allCases)
    func seeTheSameItems(_ fleet: Fleet) throws {
        let client = try fleet.client(.namespace(uniqueKey("ns")))
        let keys = uniqueKeys(50)
        #expect(try client.setMulti(keys.map { ($0, $0) }) == [])
        let clone = try client.clone()
        #expect(try clone.getMultiArray(keys) == keys)
        for key in keys { try clone.set(key, "clone") }
        #expect(try client.getMultiArray(keys) == keys.map { _ in "clone" })
    }

    @Test(.hazard(68)) func takeOverAllSettings() throws {
        let behaviors = Behaviors(hash: .md5, connectTimeout: .seconds(7), retryTimeout: .seconds(4), namespace: "ns:")
        let client = try Client(["127.0.0.1:1:3", "127.0.0.1:2"], binary: false, behaviors: behaviors)
        client.compression = Compression(minLength: 1234, level: 3)
        client.maxInflatedBytes = 4321
        client.partialFailures = .throwing
        let log = ErrorLog(of: client)
        let clone = try client.clone()
        #expect(clone.servers == client.servers)
        #expect(clone.isBinary == false)
        #expect(clone.isAuthenticated == false)
        #expect(clone.behaviors == client.behaviors)
        #expect(clone.compression == Compression(minLength: 1234, level: 3))
        #expect(clone.maxInflatedBytes == 4321)
        #expect(clone.partialFailures == .throwing)
        clone[""] = 1
        #expect(log.take().map(\.code) == [.badKey])
        #expect(clone.description == client.description)
    }

    @Test func haveSettingsOfTheirOwnFromThenOn() throws {
        let client = try Route.binaryTCP.client()
        let clone = try client.clone()
        clone.compression = Compression(minLength: 1)
        clone.partialFailures = .throwing
        try clone.setBehaviors(Behaviors(hash: .md5, namespace: "other:"))
        #expect(client.compression == Compression())
        #expect(client.partialFailures == .reported)
        #expect(client.behaviors.hash == .default)
        #expect(client.behaviors.namespace == nil)
    }

    @Test(.hazard(68), arguments: [true, false])
    func haveConnectionsOfTheirOwn(binary: Bool) throws {
        let server = try FakeServer(
            .answering { request in request.isBinary ? request.binaryReply(status: 1) : Array("END\r\n".utf8) }
        )
        let client = try Client([server.address], binary: binary, behaviors: .patient)
        #expect(try client.get("k", as: Int.self) == nil)
        #expect(server.connectionCount == 1)
        let clone = try client.clone()
        // Nothing is connected before the first command.
        #expect(server.connectionCount == 1)
        #expect(try clone.get("k", as: Int.self) == nil)
        #expect(server.connectionCount == 2)
        clone.disconnectAll()
        #expect(try client.get("k", as: Int.self) == nil)
        #expect(server.connectionCount == 2)
    }

    @Test(arguments: Route.allCases)
    func outliveTheClient(_ route: Route) throws {
        let key = uniqueKey()
        var client: Client? = try route.client()
        try client?.set(key, 1)
        let clone = try #require(try client?.clone())
        client = nil
        #expect(try clone.get(key) == 1)
    }

    @Test func authenticateThemselves() throws {
        let client = try Route.binarySASL.client()
        let clone = try client.clone()
        #expect(clone.isAuthenticated)
        let key = uniqueKey()
        // Also before the client itself has done it.
        #expect(try clone.incr(key, initial: 3) == 3)
        #expect(try client.get(key) == 3)
    }

    @Test func areOfTheSameClass() throws {
        let server = try MemcachedServer.shared(.tcp).address
        let backwards = try BackwardsClient([server]).clone()
        #expect(type(of: backwards) == BackwardsClient.self)
        let asClient: Client = try BackwardsClient([server])
        #expect(type(of: try asClient.clone()) == BackwardsClient.self)

        let tagged = try TaggedClient([try Server(parsing: server)], tag: "tag")
        try tagged.set(uniqueKey(), 1)
        let copy = try tagged.clone()
        #expect(copy.tag == "tag")
        #expect(tagged.serializedCount == 1)
        #expect(copy.serializedCount == 0)
        copy.tag = "other"
        #expect(tagged.tag == "tag")
        #expect(try copy.clone().tag == "other")
    }

    @Test(arguments: Route.protocols)
    func workSideBySide(_ route: Route) throws {
        let client = try route.client()
        let base = uniqueKey()
        try onThreads(4, cloning: client) { number, client in
            for round in 0..<200 {
                let key = "\(base)-\(number)-\(round % 10)"
                try client.set(key, round)
                #expect(try client.get(key) == round)
                #expect(try client.getMulti([key], as: Int.self) == [key: round])
            }
        }
    }

    @Test func moveIntoTasks() async throws {
        let client = try Route.binaryTCP.client()
        let key = uniqueKey()
        try await withThrowingTaskGroup(of: UInt64.self) { group in
            for _ in 0..<10 {
                let clone = try client.clone()
                group.addTask { try clone.incr(key, initial: 1) }
            }
            let values = try await group.reduce(into: []) { $0.append($1) }
            #expect(values.sorted() == Array(1...10))
        }
        #expect(try client.get(key) == 10)
    }
}
