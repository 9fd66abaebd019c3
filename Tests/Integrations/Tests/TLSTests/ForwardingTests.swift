import Configuration
import Foundation
import ServiceLifecycle
import ServiceLifecycleTestKit
import SwiftLibMC
import SwiftLibMCServices
import SwiftLibMCTLS
import SwiftLibMCTesting
import Testing

@Suite(
    "Forwarding",
    .blocking,
    .timeLimit(.minutes(2)),
    .enabled(if: TLSServer.isAvailable, Comment(rawValue: TLSServer.comment))
)
struct ForwardingTests {
    @Test(arguments: [true, false]) func aClientWorksAsWithoutIt(binary: Bool) throws {
        let server = try TLSServer()
        let tls = try TLSForwarder([server.address], options: TLSServer.options())
        let cache = try tls.client(binary: binary)
        for contract in CommandsContract.all { try contract.check(cache) }
        #expect(cache.servers.map(\.description) == [server.address])
        #expect(cache.description.contains(server.address))
        let statistics = try cache.getStats()
        #expect(statistics.map(\.server.description) == [server.address])
        #expect(statistics[0].stats["pid"] == server.server.processIdentifier.map { "\($0)" })
        #expect(try cache.version().count == 1)
        try cache.verbosity(0)
        try cache.flushAll()
    }

    /// Servers of a configuration are reached as those before them: never without TLS.
    @Test func serversOfAConfigurationAreReachedByTLSToo() async throws {
        let servers = [try TLSServer(), try TLSServer()]
        let tls = try TLSForwarder([servers[0].address], options: TLSServer.options())
        let cache = try AsyncClient(cloning: tls.client())
        func setting(_ count: Int) -> ConfigValue {
            ConfigValue(.stringArray(servers.prefix(count).map(\.address)), isSecret: false)
        }
        let provider = MutableInMemoryProvider(initialValues: ["servers": setting(1)])
        let config = ConfigReader(provider: provider)
        let watch = Task { try await cache.followServers(of: config) }
        try await cache.set("key", 1)
        provider.setValue(setting(2), forKey: "servers")
        #expect(await eventually { cache.servers.count == 2 })
        let items = Dictionary(uniqueKeysWithValues: (0..<100).map { ("key-\($0)", $0) })
        #expect(try await cache.setMulti(items).isEmpty)
        #expect(try await cache.getMulti(Array(items.keys), as: Int.self) == items)
        watch.cancel()
        _ = await watch.result
        await cache.shutdown()
    }

    @Test(arguments: [true, false]) func largeValuesPassBothWays(binary: Bool) throws {
        let server = try TLSServer()
        let tls = try TLSForwarder([server.address], options: TLSServer.options())
        let cache = try tls.client(binary: binary)
        let value = Data((0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) })
        for round in 0..<20 {
            try cache.set("large \(round)".replacing(" ", with: "-"), value)
            #expect(try cache.get("large-\(round)", as: Data.self) == value)
        }
    }

    @Test(arguments: [true, false]) func manyKeysPassAtOnce(binary: Bool) throws {
        let servers = [try TLSServer(), try TLSServer()]
        let tls = try TLSForwarder(servers.map(\.address), options: TLSServer.options())
        let cache = try tls.client(binary: binary)
        let items = Dictionary(
            uniqueKeysWithValues: (0..<1000).map { ("key-\($0)", String(repeating: "\($0) ", count: 100)) }
        )
        #expect(try cache.setMulti(items).isEmpty)
        #expect(try cache.getMulti(Array(items.keys), as: String.self) == items)
    }

    /// memcached 1.6.18 leaves the last of several requests unanswered if a record ends in the middle of one.
    @Test(arguments: [true, false]) func requestsOfAllSizesAreAnswered(binary: Bool) throws {
        let server = try TLSServer()
        let tls = try TLSForwarder([server.address], options: TLSServer.options())
        let cache = try tls.client(binary: binary)
        for largest in [10, 300, 500, 5000, 20_000, 60_000] {
            let items = (0..<300).map { ("key-\($0)", Data(count: Int.random(in: 1...largest))) }
            #expect(try cache.setMulti(items).isEmpty)
            let found = try cache.getMulti(items.map(\.0), as: Data.self)
            #expect(found.count == items.count && items.allSatisfy { found[$0.0] == $0.1 })
        }
        let long = (0..<1000).map { "\($0)" + String(repeating: "k", count: 200) }
        #expect(try cache.setMulti(long.map { ($0, 1) }).isEmpty)
        #expect(try cache.getMulti(long, as: Int.self).count == long.count)
    }

    @Test func whatIsSentWithoutAReplyArrives() throws {
        let server = try TLSServer()
        let tls = try TLSForwarder([server.address], options: TLSServer.options())
        for round in 0..<20 {
            let writer = try tls.client()
            try writer.set("quiet-\(round)", Data(count: 500_000), noreply: true)
            writer.disconnectAll()
        }
        let reader = try tls.client()
        #expect(eventually { (0..<20).allSatisfy { (try? reader.contains("quiet-\($0)")) == true } })
    }

    @Test func manyTasksUseIt() async throws {
        let servers = [try TLSServer(), try TLSServer()]
        let tls = try TLSForwarder(servers.map(\.address), options: TLSServer.options())
        let client = try tls.client()
        let cache = try AsyncClient(cloning: client, commandTimeout: .seconds(30))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<64 {
                group.addTask {
                    for round in 0..<20 {
                        let key = "task-\(task)-\(round)"
                        try await cache.set(key, "\(task) \(round)")
                        let value = try await cache.get(key, as: String.self)
                        #expect(value == "\(task) \(round)")
                    }
                }
            }
            try await group.waitForAll()
        }
        await cache.shutdown()
    }

    @Test func poolsAndThreadsUseIt() throws {
        let server = try TLSServer()
        let tls = try TLSForwarder([server.address], options: TLSServer.options())
        let client = try tls.client()
        let pool = try ClientPool(cloning: client, size: 4)
        try pool.withClient { try $0.set("a", 1) }
        let threads = try ThreadMappedPool(cloning: client)
        #expect(try threads.withClient { try $0.get("a", as: Int.self) } == 1)
    }

    @Test func theSocketsAreInAFolderThatOnlyTheUserCanOpen() async throws {
        let server = try TLSServer()
        var tls: TLSForwarder? = try TLSForwarder([server.address], options: TLSServer.options())
        var cache: Client? = try Client(servers: try #require(tls).servers, behaviors: .patient)
        let key = uniqueKey()
        try cache?.set(key, 1)
        let path = try #require(try socketFolder(withItem: key))
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o700)
        tls = nil
        // The client keeps it alive.
        #expect(try cache?.get(key, as: Int.self) == 1)
        cache = nil
        #expect(await eventually { !FileManager.default.fileExists(atPath: path) })
    }

    /// The folder with the socket behind which there is an item; other tests have folders of forwarders, too.
    private func socketFolder(withItem key: String) throws -> String? {
        let place = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        return try FileManager.default.contentsOfDirectory(atPath: place)
            .filter { $0.hasPrefix("swiftlibmc-") && $0.count == "swiftlibmc-XXXXXX".count }
            .map { "\(place)/\($0)" }
            .first { folder in (try? Client(["\(folder)/0"]).get(key, as: Int.self)) == 1 }
    }

    @Test func afterItsShutdownErrorsSaySo() async throws {
        let server = try TLSServer()
        let tls = try TLSForwarder([server.address], options: TLSServer.options())
        let cache = try tls.client()
        try cache.set("a", 1)
        await tls.shutdown()
        let error = #expect(throws: MemcachedError.self) { try cache.get("a", as: Int.self) }
        #expect(error?.description == "get on \(server.address): the TLS forwarder has been shut down")
        #expect(throws: MemcachedError.self) { try tls.reaching([Server(parsing: "127.0.0.1:1")]) }
    }

    @Test func itIsAService() async throws {
        let server = try TLSServer()
        let tls = try TLSForwarder([server.address], options: TLSServer.options())
        let cache = try AsyncClient(cloning: tls.client())
        try await testGracefulShutdown { trigger in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await tls.run() }
                try await cache.set("a", 1)
                trigger.triggerGracefulShutdown()
                try await group.waitForAll()
            }
        }
        let error = await #expect(throws: MemcachedError.self) { try await cache.get("a", as: Int.self) }
        #expect(error?.isConnectionFailure == true)
    }

    @Test func serversComeAndGo() throws {
        let servers = [try TLSServer(), try TLSServer(), try TLSServer()]
        let tls = try TLSForwarder([servers[0].address], options: TLSServer.options())
        let cache = try tls.client()
        let others = try servers.dropFirst().map { try Server(parsing: $0.address) }
        try cache.setServers(tls.servers + tls.reaching(others))
        #expect(cache.servers.map(\.description) == servers.map(\.address))
        let keys = uniqueKeys(60)
        #expect(try cache.setMulti(keys.map { ($0, 1) }).isEmpty)
        #expect(try cache.getStats().allSatisfy { $0.stats["curr_items"] != "0" })
        try cache.removeServer(others[0])
        #expect(cache.servers.count == 2)
        try cache.set(keys[0], 2)
        #expect(try tls.reaching(tls.servers) == tls.servers)
    }

    /// Engines before 1.4.14 keep the list of servers under a key, where any server can have it.
    @Test func aConfigurationEndpointNamesServersBehindIt() throws {
        let servers = [try TLSServer(), try TLSServer()]
        let tls = try TLSForwarder([servers[0].address], options: TLSServer.options())
        let endpoint = try tls.client()
        let nodes = servers.map { "localhost|127.0.0.1|\($0.server.port ?? 0)" }.joined(separator: " ")
        try endpoint.set("AmazonElastiCache:cluster", "1\n\(nodes)\n")
        let cache = try Client.elastiCache(endpoint: tls.servers[0], behaviors: .patient, timeout: .seconds(20))
        #expect(cache.servers.map(\.description) == servers.map { "localhost:\($0.server.port ?? 0)" })
        let keys = uniqueKeys(50)
        #expect(try cache.setMulti(keys.map { ($0, 1) }).isEmpty)
        #expect(try cache.getMulti(keys, as: Int.self).count == 50)

        let otherAuthority = try Certificates()
        let untrusted = try TLSServer(otherAuthority.issue(), of: otherAuthority)
        let other = try TLSForwarder([untrusted.address], options: TLSServer.options())
        let error = #expect(throws: MemcachedError.self) {
            try Client.elastiCache(endpoint: other.servers[0], timeout: .seconds(20))
        }
        #expect(error?.detail.contains("signed by no trusted authority") == true, "\(String(describing: error))")
    }

    @Test(arguments: [true, false]) func theBestProtocolForEachCommandPasses(hasAccount: Bool) throws {
        let certificates = try Certificates.shared.get()
        let account = hasAccount ? SASLAccount() : nil
        let servers = try (0..<2).map { _ in try TLSServer(certificates.issue(), of: certificates, account: account) }
        let tls = try TLSForwarder(
            servers.map(\.address),
            options: TLSServer.options(),
            username: account?.username,
            password: account?.password
        )
        let cache = try Client(servers: tls.servers, protocol: .automatic, behaviors: .patient)
        let items = (0..<500).map { ("key-\($0)", String(repeating: "\($0) ", count: 100)) }
        for _ in 0..<2 {
            #expect(try cache.setMulti(items).isEmpty)
            let found = try cache.getMulti(items.map(\.0), as: String.self)
            #expect(found.count == items.count && items.allSatisfy { found[$0.0] == $0.1 })
            #expect(try cache.incr("counter", initial: 1) > 0)
        }
    }

    @Test func itLogsInForItsClients() throws {
        let certificates = try Certificates.shared.get()
        let account = SASLAccount()
        let server = try TLSServer(certificates.issue(), of: certificates, account: account)
        func client(_ username: String?, _ password: String?, binary: Bool = true) throws -> Client {
            let tls = try TLSForwarder(
                [server.address],
                options: TLSServer.options(),
                username: username,
                password: password
            )
            return try tls.client(binary: binary)
        }
        let cache = try client(account.username, account.password)
        try cache.set("a", "b")
        #expect(try cache.get("a", as: String.self) == "b")
        #expect(try cache.setMulti((0..<100).map { ("many-\($0)", $0) }).isEmpty)
        #expect(try cache.getMulti((0..<100).map { "many-\($0)" }, as: Int.self).count == 100)
        #expect(try cache.incr("counter", initial: 1) == 1)

        let refused = #expect(throws: MemcachedError.self) { try client(account.username, "wrong").set("a", 1) }
        #expect(refused?.code == .authFailure && refused?.isOutcomeUnknown == false)
        #expect(refused?.detail == "the server refused the forwarder's user name or password")
        let missing = #expect(throws: MemcachedError.self) { try client(nil, nil).set("a", 1) }
        #expect(missing?.code == .authFailure)
        let text = #expect(throws: MemcachedError.self) {
            try client(account.username, account.password, binary: false).set("a", 1)
        }
        #expect(text?.code == .authProblem && text?.detail.contains("binary: true") == true)
        let twice = #expect(throws: MemcachedError.self) {
            try Client(servers: cache.servers, username: "a", password: "b")
        }
        #expect(twice?.code == .invalidArguments && twice?.detail.contains("give them to the forwarder") == true)
    }

    @Test func aServerWithoutPasswordsIsNamed() throws {
        let server = try TLSServer()
        let tls = try TLSForwarder([server.address], options: TLSServer.options(), username: "a", password: "b")
        let cache = try tls.client()
        let error = #expect(throws: MemcachedError.self) { try cache.set("a", 1) }
        #expect(error?.code == .authProblem)
    }
}
