import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// Servers that come and go, and what they tell.
@Suite("AsyncClient: servers", .enabled(if: MemcachedServer.isInstalled), .timeLimit(.minutes(2)))
struct AsyncServerTests {
    @Test func changeWhileInUse() async throws {
        let cluster = try MemcachedCluster(count: 3)
        let servers = try cluster.addresses.map { address in try Server(parsing: address) }
        let cache = try AsyncClient(cloning: try Client(servers: [servers[0]], behaviors: .patient), connections: 2)
        let keys = uniqueKeys(60)

        /// Stores values, and sees that they are where a client of these servers looks for them.
        func check(_ expected: [Server]) async throws {
            #expect(cache.servers == expected)
            try await withThrowingTaskGroup { group in
                for key in keys { group.addTask { try await cache.set(key, "\(expected.count) \(key)") } }
                try await group.waitForAll()
            }
            let client = try Client(servers: expected, behaviors: .patient)
            let found = try client.getMulti(keys, as: String.self)
            for key in keys {
                #expect(found[key] == "\(expected.count) \(key)")
                #expect(try await cache.hash(key) == client.hash(key))
            }
        }
        try await check([servers[0]])
        try cache.addServer(servers[1])
        try await check([servers[0], servers[1]])
        try cache.setServers(servers)
        try await check(servers)
        try cache.removeServer(servers[0])
        try await check([servers[1], servers[2]])
        // A thread that begins now has the servers of now.
        try await cache.getMultiArray(keys, as: String.self).forEach { #expect($0 != nil) }

        let before = cache.servers
        let missing = #expect(throws: MemcachedError.self) { try cache.removeServer(servers[0]) }
        #expect(missing?.code == .invalidArguments)
        let empty = #expect(throws: MemcachedError.self) { try cache.setServers([]) }
        #expect(empty?.code == .noServers)
        #expect(cache.servers == before)
        #expect(try await eventually { try cluster.servers[0].connectionCount() == 0 })
    }

    @Test("A server that hangs up time after time is not connected to by each call", arguments: [true, false])
    func aServerThatHangsUp(_ binary: Bool) async throws {
        let server = try FakeServer(.closingAtOnce)
        let cache = try AsyncClient(cloning: try Client([server.address], binary: binary, behaviors: .patient))
        var errors: [MemcachedError?] = []
        for _ in 0..<200 { errors.append(try await failure { try await cache.get("key", as: Int.self) }) }
        #expect(errors.allSatisfy { $0?.isConnectionFailure == true })
        // Not each: some calls are let through.
        #expect(errors.contains { $0?.detail.contains("times in a row") == true })
        #expect(server.connectionCount < 200)
    }

    /// Proxies do so with commands that they don't know.
    @Test func aServerThatHangsUpAfterSomeRequestsAndAnswersOthersIsAsked() async throws {
        let script = FakeScript.answering("END\r\n").hangingUp { $0.bytes.contains(UInt8(ascii: "!")) }
        let server = try FakeServer(script)
        let cache = try AsyncClient(cloning: try Client([server.address], binary: false, behaviors: .patient))
        for _ in 0..<10 {
            for _ in 0..<2 { _ = try? await cache.get("bad!", as: Int.self) }
            #expect(try await cache.get("good", as: Int.self) == nil)
        }
    }

    @Test(
        "A server that answers calls with many keys with nonsense is not connected to by each",
        arguments: [true, false]
    )
    func aServerThatAnswersNonsense(_ binary: Bool) async throws {
        let script = FakeScript.answering { request in
            if request.isNoOperation { return request.binaryReply() }
            if binary { return request.binaryReply(key: "other", value: [97]) }
            let isGet = request.bytes.starts(with: "get".utf8)
            return Array((isGet ? "VALUE other 0 1\r\na\r\nEND\r\n" : "nonsense\r\n").utf8)
        }
        let calls: [(String, (AsyncClient) async throws -> Void)] = [
            ("getMulti", { _ = try await $0.getMulti(["a", "b"], as: Int.self) }),
            ("setMulti", { _ = try await $0.setMulti(["a": 1, "b": 2, "c": 3]) }),
            ("deleteMulti", { _ = try await $0.deleteMulti(["a", "b", "c"]) }),
        ]
        for (name, call) in calls {
            let server = try FakeServer(script)
            let client = try Client([server.address], binary: binary, behaviors: .patient)
            let cache = try AsyncClient(cloning: client)
            var details: [String] = []
            for _ in 0..<50 {
                do { try await call(cache) } catch let error as MemcachedError { details.append(error.detail) }
            }
            #expect(details.contains { $0.contains("times in a row") }, "\(name): \(Set(details))")
            #expect(server.connectionCount < 50, "\(name)")
        }
    }

    @Test("A server that refuses commands is asked all the same", arguments: [true, false, nil])
    func aServerThatRefusesCommands(_ binary: Bool?) async throws {
        let server = try MemcachedServer.start()
        let cache = try AsyncClient(cloning: try Client([server.address], binary: binary, behaviors: .patient))
        let keys = uniqueKeys(3)
        try await cache.set(keys[0], "text")
        let large = [UInt8](repeating: 1, count: 2 << 20)
        let calls: [(String, () async throws -> Void)] = [
            ("incr", { _ = try await cache.incr(keys[0]) }),
            ("incrMulti", { _ = try await cache.incrMulti(keys) }),
            ("set", { _ = try await cache.set(keys[1], large) }),
            ("setMulti", { _ = try await cache.setMulti([keys[1]: large, keys[2]: large]) }),
            ("add", { _ = try await cache.add(keys[0], "text") }),
            ("touch", { _ = try await cache.touch(keys[1], time: 1) }),
        ]
        for (name, call) in calls {
            for _ in 0..<5 { try? await call() }
            let value = try await cache.get(keys[0], as: String.self)
            #expect(value == "text", "\(name)")
        }
    }

    @Test func aServerThatIsBackIsAskedAtOnce() async throws {
        let server = try MemcachedServer.start()
        var behaviors = Behaviors.impatient
        behaviors.retryTimeout = .seconds(1000)
        let cache = try AsyncClient(cloning: try Client([server.address], behaviors: behaviors))
        try await cache.set("key", 1)
        server.kill()
        #expect(
            try await eventually {
                try await failure { try await cache.set("key", 2) }?.code == .serverTemporarilyDisabled
            }
        )
        try server.restart()
        try await cache.forgetDeadHosts()
        try await cache.set("key", 3)
    }

    @Test func tellAboutThemselves() async throws {
        let server = try MemcachedServer.start()
        let cache = try AsyncClient(cloning: try Client([server.address], behaviors: .patient))
        try await cache.set("key", 1)
        #expect(try await cache.stats().first?.stats.currItems == 1)
        #expect(try await cache.statsItems().first?.stats.values.first?.number == 1)
        #expect(try await cache.statsSlabs().first?.stats.activeSlabs == 1)
        #expect(try await cache.statsSettings().first?.stats.maxconns != nil)
        #expect(try await cache.statsSizes().first?.stats.isTracked == false)
        try cache.checkKey("key")
        let error = #expect(throws: MemcachedError.self) {
            try cache.checkKey("key", keyPrefix: String(repeating: "x", count: 248))
        }
        #expect(error?.code == .badKey && error?.operation == "checkKey")
    }

    @Test func thereIsAThreadForEachByDefault() async throws {
        let cluster = try MemcachedCluster(count: 3)
        #expect(try AsyncClient(cloning: try Client(cluster.addresses)).connections == 3)
        #expect(try AsyncClient(cloning: try Client([cluster.addresses[0]])).connections == 1)
    }

    @Test func anItemIsReplacedUnlessItHasChanged() async throws {
        let cache = try AsyncClient(cloning: try sharedClient())
        let key = uniqueKey()
        try await cache.set(key, 1)
        let item = try #require(try await cache.item(key))
        #expect(try await cache.set(item, to: 2))
        #expect(try await !cache.set(item, to: 3))
        #expect(try await cache.get(key) == 2)
    }
}
