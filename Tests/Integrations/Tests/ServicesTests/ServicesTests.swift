import Configuration
import ServiceLifecycle
import ServiceLifecycleTestKit
import Support
import SwiftLibMC
import SwiftLibMCServices
import SwiftLibMCTesting
import Testing

@Suite("Services", .timeLimit(.minutes(1)))
struct ServicesTests {
    private func reader(_ values: [String: String]) -> ConfigReader {
        ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: values)).scoped(to: "memcached")
    }

    @Test func aClientWorksBeforeDuringAndUntilItsShutdown() async throws {
        let server = try MemcachedServer.start()
        let cache = try AsyncClient(cloning: Client([server.address]))
        try await cache.set("a", 1)
        try await testGracefulShutdown { trigger in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await cache.run() }
                let value = try await cache.get("a", as: Int.self)
                #expect(value == 1)
                trigger.triggerGracefulShutdown()
                try await group.waitForAll()
            }
        }
        let error = await #expect(throws: MemcachedError.self) { try await cache.get("a", as: Int.self) }
        #expect(error?.code == .shutdown)
        server.kill()
    }

    @Test func aConfigurationMakesClients() async throws {
        let server = try MemcachedServer.start()
        let config = reader([
            "MEMCACHED_SERVERS": server.address, "MEMCACHED_CONNECTIONS": "2", "MEMCACHED_COMMAND_TIMEOUT_MS": "700",
            "MEMCACHED_BEHAVIORS_CONNECT_TIMEOUT_MS": "300", "MEMCACHED_BEHAVIORS_HASH": "md5",
            "MEMCACHED_BEHAVIORS_TCP_NODELAY": "true", "MEMCACHED_OVERLOAD": "throwing",
        ])
        let client = try Client(config: config)
        #expect(client.behaviors.connectTimeout == .milliseconds(300) && client.behaviors.hash == .md5)
        #expect(client.behaviors.tcpNodelay == true)
        let cache = try AsyncClient(config: config)
        #expect(cache.connections == 2 && cache.commandTimeout == .milliseconds(700))
        try await cache.set("a", 1)
        await cache.shutdown()
        client.errorPolicy = .missing
        let forgiving = try AsyncClient(cloning: client, config: config)
        #expect(forgiving.connections == 2 && forgiving.commandTimeout == .milliseconds(700))
        server.kill()
        #expect(try await forgiving.get("a", as: Int.self) == nil)
        await forgiving.shutdown()
        #expect(try Client(config: reader([:])).servers.map(\.description) == ["127.0.0.1:11211"])
    }

    @Test(arguments: [
        ("automatic", MemcachedProtocol.automatic), ("binary", .binary), ("text", .text), ("ascii", .text),
    ])
    func theProtocolHasTheNamesOfTheEnvironment(name: String, expected: MemcachedProtocol) throws {
        let variables = ["MEMCACHED_PROTOCOL": name]
        #expect(try Client(config: reader(variables)).wireProtocol == expected)
        #expect(try Client(environment: nil, variables: variables).wireProtocol == expected)
    }

    @Test(arguments: [
        ("CONNECTIONS", "many", "connections"), ("CONNECTIONS", "0", "connections"),
        ("PROTOCOL", "perhaps", "protocol"),
        ("COMMAND_TIMEOUT_MS", "-1", "commandTimeoutMs"), ("OVERLOAD", "never", "overload"),
        ("SERVERS", "host:0", "servers"), ("BEHAVIORS_HASH", "none-such", "behaviors.hash"),
        ("BEHAVIORS_POLL_TIMEOUT_MS", "1.5", "behaviors.pollTimeoutMs"),
        ("BEHAVIORS_POLL_TIMEOUT_MS", "0", "behaviors.pollTimeoutMs"),
        ("BEHAVIORS_RETRY_TIMEOUT_MS", "9999999999999", "behaviors.retryTimeoutMs"),
        ("BEHAVIORS_FAILURE_LIMIT", "0", "behaviors.failureLimit"), ("BEHAVIORS_NO_BLOCK", "true", "behaviors.noBlock"),
        ("BEHAVIORS_NAMESPACE", "a\0b", "behaviors.namespace"),
    ])
    func wrongValuesAreQuotedWithTheirKeys(name: String, value: String, key: String) {
        let config = reader(["MEMCACHED_\(name)": value])
        let error = #expect(throws: MemcachedError.self) { try AsyncClient(config: config) }
        #expect(error?.detail.contains("the configuration key \(key) ") == true)
        #expect(error?.detail.contains(value) == true || error?.detail.contains(value.debugDescription) == true)
    }

    @Test func aClientIsClonedWithTheRestOfAConfiguration() async throws {
        let client = try Client(["127.0.0.1:11211"])
        client.commandTimeout = .milliseconds(300)
        let cache = try AsyncClient(cloning: client, config: reader(["MEMCACHED_CONNECTIONS": "3"]))
        #expect(cache.connections == 3 && cache.commandTimeout == .milliseconds(300))
        await cache.shutdown()
        let config = reader(["MEMCACHED_OVERLOAD": "never"])
        let error = #expect(throws: MemcachedError.self) { try AsyncClient(cloning: client, config: config) }
        #expect(error?.detail.contains("the configuration key overload ") == true)
    }

    @Test func valuesOfAnotherTypeAreRefused() {
        let config = ConfigReader(provider: InMemoryProvider(values: ["protocol": 12, "password": "hidden"]))
        let error = #expect(throws: MemcachedError.self) { try Client(config: config) }
        #expect(error?.detail == "the configuration key protocol can't be 12: it has to be a text")
        let secret = ConfigReader(provider: InMemoryProvider(values: ["password": 4711, "username": "me"]))
        let refusal = #expect(throws: MemcachedError.self) { try Client(config: secret) }
        #expect(refusal?.detail.contains("4711") == false)
    }

    @Test func serversFollowTheConfiguration() async throws {
        let provider = MutableInMemoryProvider(initialValues: [
            "servers": .init(.stringArray(["127.0.0.1:1"]), isSecret: false)
        ])
        let config = ConfigReader(provider: provider)
        let cache = try AsyncClient(config: config)
        let errors = Locked(0)
        let watch = Task { try await cache.followServers(of: config) { _ in errors.withLock { $0 += 1 } } }
        provider.setValue(.init(.stringArray(["127.0.0.1:2", "127.0.0.1:3"]), isSecret: false), forKey: "servers")
        #expect(await eventually { cache.servers.count == 2 })
        provider.setValue(.init(.stringArray(["127.0.0.1:0"]), isSecret: false), forKey: "servers")
        #expect(await eventually { errors.withLock { $0 } == 1 })
        #expect(cache.servers.count == 2)
        // Their order says where keys live.
        provider.setValue(.init(.stringArray(["127.0.0.1:3", "127.0.0.1:2"]), isSecret: false), forKey: "servers")
        #expect(await eventually { cache.servers.map(\.description) == ["127.0.0.1:3", "127.0.0.1:2"] })
        watch.cancel()
        _ = await watch.result
        await cache.shutdown()
    }
}
