import SwiftLibMC
import TestSupport
import Testing

/// Calls on the servers as such.
@Suite("Administration", .timeLimit(.minutes(5)))
struct AdminTests {
    @Test(.memcachedCluster(count: 3), arguments: Route.protocols)
    func flushEmptiesAllServers(_ route: Route) throws {
        let client = try route.client(of: try #require(MemcachedCluster.current).addresses)
        let keys = uniqueKeys(30)
        #expect(try client.setMulti(keys.map { ($0, 1) }) == [])
        try client.flushAll()
        #expect(try client.getMulti(keys, as: Int.self) == [:])
        try client.set(keys[0], 2)
        #expect(try client.get(keys[0]) == 2)
    }

    @Test(.hazard(58), .memcached(.tcp), arguments: Route.protocols)
    func flushMayBeDelayed(_ route: Route) async throws {
        let client = try route.client(of: [try #require(MemcachedServer.current).address])
        try client.set("k", 1)
        try client.flushAll(time: 3)
        #expect(try client.get("k") == 1)
        #expect(try await eventually { try client.get("k", as: Int.self) == nil })
    }

    @Test(.hazard(58), .memcached(.tcp), arguments: Route.protocols)
    func flushInTheFarFutureLeavesItemsAlone(_ route: Route) throws {
        let client = try route.client(of: [try #require(MemcachedServer.current).address])
        try client.set("k", 1)
        try client.flushAll(time: .days(20))
        #expect(try client.get("k") == 1)
        // A later call takes its place.
        try client.flushAll(time: -1)
        #expect(try client.get("k", as: Int.self) == nil)
    }

    @Test(.hazard(25), .memcached("-F"), arguments: Route.protocols)
    func aServerThatRefusesToFlushIsAnError(_ route: Route) throws {
        let client = try route.client(of: [try #require(MemcachedServer.current).address])
        try client.set("k", 1)
        let error = #expect(throws: MemcachedError.self) { try client.flushAll() }
        #expect(error?.server == client.servers[0])
        #expect(error?.operation == "flushAll")
        #expect(try client.get("k") == 1)
    }

    @Test(.hazard(77), arguments: Route.allCases)
    func statisticsOfAllKinds(_ route: Route) throws {
        let client = try route.client()
        try client.set(uniqueKey(), 1)
        let general = try client.getStats()
        #expect(general.count == 1)
        #expect(general[0].server == client.servers[0])
        #expect(general[0].stats["pid"] == (try route.server.processIdentifier).map { "\($0)" })
        #expect(general[0].stats["version"]?.hasPrefix("1.") == true)
        // More than the 22 names that libmemcached itself knows.
        #expect(general[0].stats["delete_hits"] != nil)
        #expect(general[0].stats.count > 50)
        let settings = try client.getStats("settings")
        #expect(settings[0].stats["item_size_max"] == "1048576")
        let items = try client.getStats("items")
        #expect(items[0].stats.keys.contains { $0.hasPrefix("items:") && $0.hasSuffix(":number") })
        let slabs = try client.getStats("slabs")
        #expect(slabs[0].stats["active_slabs"] != nil)
    }

    @Test(.hazard(78), .memcachedCluster(count: 3), arguments: Route.protocols)
    func statisticsOfEachServer(_ route: Route) throws {
        let cluster = try #require(MemcachedCluster.current)
        let client = try route.client(of: cluster.addresses)
        let stats = try client.getStats()
        #expect(stats.map(\.server.description) == cluster.addresses)
        let processes = cluster.servers.map { $0.processIdentifier.map { "\($0)" } }
        #expect(stats.map { $0.stats["pid"] } == processes)
    }

    @Test(.hazard(79), arguments: Route.allCases)
    func versionAndPing(_ route: Route) throws {
        let client = try route.client()
        let versions = try client.version()
        #expect(versions.count == 1)
        #expect(versions[0].server == client.servers[0])
        #expect(versions[0].version == (try client.getStats()[0].stats["version"]))
        let pings = client.ping()
        #expect(pings.count == 1)
        #expect(pings[0].server == client.servers[0])
        #expect(pings[0].error == nil)
    }

    @Test(.hazard(25, 78, 79), .memcachedCluster(count: 3), arguments: Route.protocols)
    func serversThatFailAreReported(_ route: Route) throws {
        let cluster = try #require(MemcachedCluster.current)
        let (addresses, dead) = (cluster.addresses, cluster.addresses[1])
        let client = try route.client(of: addresses)
        let log = ErrorLog(of: client)
        cluster[1].kill()
        let living = [addresses[0], addresses[2]]
        #expect(try client.version().map(\.server.description) == living)
        #expect(log.take().map(\.server?.description) == [dead])
        #expect(try client.getStats().map(\.server.description) == living)
        #expect(log.take().map(\.server?.description) == [dead])
        let pings = client.ping()
        #expect(pings.map { $0.error == nil } == [true, false, true])
        #expect(pings[1].error?.isConnectionFailure == true)
        #expect(pings[1].error?.operation == "ping")
        // The living ones are emptied all the same.
        let keys = try uniqueKeys(30).filter { try client.server(for: $0).description != dead }
        #expect(try client.setMulti(keys.map { ($0, 1) }) == [])
        let error = #expect(throws: MemcachedError.self) { try client.flushAll() }
        #expect(error?.server?.description == dead)
        #expect(try client.getMulti(keys, as: Int.self) == [:])
    }

    @Test(arguments: [true, false])
    func ifNoServerAnswersTheyThrow(binary: Bool) throws {
        let nobody = try (0..<2).map { _ in try RefusingAddress() }
        let client = try Client(nobody.map(\.address), binary: binary)
        for command in Command.ofServers {
            let error = #expect(throws: MemcachedError.self) { try command.run(client, "") }
            #expect(error?.isConnectionFailure == true)
            #expect(error?.operation == command.operation)
            #expect(error?.server == client.servers[0])
        }
        #expect(client.ping().allSatisfy { $0.error?.isConnectionFailure == true })
    }

    @Test(.memcachedCluster(count: 2), arguments: Route.protocols)
    func serversCanBeSet(_ route: Route) throws {
        let client = try route.client(of: try #require(MemcachedCluster.current).addresses)
        try client.verbosity(1)
        #expect(try client.getStats("settings").map { $0.stats["verbosity"] } == ["1", "1"])
        try client.verbosity(0)
        #expect(try client.statsSettings().map(\.stats.values["verbosity"]) == ["0", "0"])
        try client.cacheMemlimit(100)
        #expect(try client.getStats().map { $0.stats["limit_maxbytes"] } == ["104857600", "104857600"])
        let error = expectFailure(.clientError) { try client.cacheMemlimit(1) }
        #expect(error?.server == client.servers[0])
        expectFailure(.invalidArguments) { try client.cacheMemlimit(0) }
        expectFailure(.invalidArguments) { try client.verbosity(-1) }
    }

    @Test(arguments: [(Route.binaryTCP, false), (.asciiTCP, true)])
    func serversCanBeEnded(_ route: Route, isGraceful: Bool) throws {
        let server = try MemcachedServer.start("-A")
        let client = try route.client(of: [server.address])
        try client.set("k", 1)
        try client.shutdown(graceful: isGraceful)
        #expect(eventually { client.ping()[0].error?.isConnectionFailure == true })
        // A server that is about to end may still accept a connection, and then break it.
        #expect(
            eventually {
                do throws(MemcachedError) { try client.shutdown() } catch { return error.code == .connectionFailure }
                return false
            }
        )
    }

    @Test func serversThatDoNotAllowItGoOn() throws {
        let refusing = try MemcachedServer.start()
        let ending = try MemcachedServer.start("-A")
        let client = try Client([refusing.address, ending.address], behaviors: .patient)
        let error = expectFailure(.notSupported) { try client.shutdown() }
        #expect(error?.operation == "shutdown")
        #expect(error?.server?.description == refusing.address)
        // The others have ended all the same.
        #expect(eventually { client.ping().map { $0.error == nil } == [true, false] })
    }

    @Test func passwordsAndTheASCIIProtocolDoNotGoTogether() throws {
        expectFailure(.notSupported) { try Route.binarySASL.client().verbosity(0) }
        // A server that says nothing has not ended.
        let unauthenticated = try Client([try Route.binarySASL.server.address])
        #expect(throws: MemcachedError.self) { try unauthenticated.shutdown() }
        #expect(try Route.binarySASL.client().ping()[0].error == nil)
        expectFailure(.notSupported) { try Client(["udp:127.0.0.1:1"]).cacheMemlimit(64) }
    }

    /// None of them has ended, and none is waited for longer than the behaviors say.
    @Test func serversThatMakeNoSenseAreErrors() throws {
        let behaviors = Behaviors(connectTimeout: .milliseconds(100), pollTimeout: .milliseconds(100))
        for (script, code) in [
            (FakeScript.http, MemcachedError.Code.protocolError), (.closingAtOnce, .readFailure), (.silent, .timeout),
            (.answering("CLIENT_ERROR unauthenticated\r\n"), .authFailure), (.answering("ERROR\r\n"), .notSupported),
        ] {
            let server = try FakeServer(script)
            let client = try Client([server.address], behaviors: behaviors)
            for command in [{ try $0.verbosity(1) }, { try $0.cacheMemlimit(64) }, { try $0.shutdown() }]
                as [(Client) throws -> Void]
            {
                expectFailure(code) { try command(client) }
            }
        }
    }
}
