import SwiftLibMC
import TestSupport
import Testing

@Suite("Servers of a live client", .memcachedCluster(count: 2), .timeLimit(.minutes(1)))
struct ServerListTests {
    private func servers() throws -> [Server] {
        try #require(MemcachedCluster.current).addresses.map { try Server(parsing: $0) }
    }

    @Test(.hazard(71, 72), arguments: [true, false])
    func areReplaced(binary: Bool) throws {
        let servers = try servers()
        let client = try Client(servers: [servers[0]], binary: binary, behaviors: .patient)
        let key = uniqueKey()
        try client.set(key, "first")
        try client.setServers([servers[1]])
        #expect(client.servers == [servers[1]])
        #expect(try !client.contains(key))
        try client.setServers([servers[0].description])
        #expect(try client.get(key, as: String.self) == "first")
    }

    @Test func areAddedAndRemoved() throws {
        let servers = try servers()
        let client = try Client(servers: [servers[0]], behaviors: .patient)
        try client.addServer(servers[1])
        #expect(client.servers == servers)
        let keys = uniqueKeys(50)
        for key in keys { try client.set(key, "value") }
        let onSecond = try keys.filter { try client.server(for: $0) == servers[1] }
        #expect(!onSecond.isEmpty && onSecond.count < keys.count)

        try client.removeServer(servers[0])
        #expect(client.servers == [servers[1]])
        #expect(try client.getMulti(keys, as: String.self).keys.sorted() == onSecond.sorted())
    }

    @Test func getANewWeightInPlace() throws {
        let servers = try servers()
        let client = try Client(servers: servers, behaviors: .patient)
        let heavier = Server(servers[0].transport, weight: 3)
        try client.addServer(heavier)
        #expect(client.servers == [heavier, servers[1]])
        try client.removeServer(servers[0])
        #expect(client.servers == [servers[1]])
    }

    @Test func stayAsTheyAreAfterAnError() throws {
        let servers = try servers()
        let client = try Client(servers: servers, behaviors: .patient)
        let key = uniqueKey()
        try client.set(key, "value")
        let bad = Server(.tcp(host: "", port: 1))
        let unknown = Server(.tcp(host: "unknown", port: 1))
        let udp = Server(.udp(host: "127.0.0.1", port: 1))
        func code(_ change: () throws -> Void) throws -> MemcachedError.Code {
            try #require(throws: MemcachedError.self, performing: change).code
        }
        #expect(try code { try client.setServers([Server]()) } == .noServers)
        #expect(try code { try client.setServers(["host:port"]) } == .invalidServer)
        #expect(try code { try client.addServer(bad) } == .invalidServer)
        #expect(try code { try client.addServer(udp) } == .invalidArguments)
        #expect(try code { try client.removeServer(unknown) } == .invalidArguments)
        #expect(client.servers == servers)
        #expect(try client.get(key, as: String.self) == "value")
        try client.removeServer(servers[0])
        #expect(try code { try client.removeServer(servers[1]) } == .noServers)
    }

    @Test(.hazard(71, 81), arguments: [true, false])
    func thatFailedAreAskedAgainOnceForgotten(binary: Bool) throws {
        let server = try MemcachedServer.start()
        // So long that the penalty can't pass by itself meanwhile.
        let behaviors = Behaviors(connectTimeout: .seconds(10), pollTimeout: .seconds(10), retryTimeout: .seconds(600))
        let client = try Client([server.address], binary: binary, behaviors: behaviors)
        try client.set("key", "value")
        server.kill()
        for _ in 0..<4 { _ = try? client.get("key", as: String.self) }
        try server.restart()
        #expect(throws: MemcachedError.self) { try client.get("key", as: String.self) }
        client.forgetDeadHosts()
        #expect(try client.get("key", as: String.self) == nil)
    }

    @Test func thatHungAreAskedAgainOnceForgotten() throws {
        let server = try MemcachedServer.start()
        let behaviors = Behaviors(
            connectTimeout: .seconds(10),
            pollTimeout: .milliseconds(50),
            retryTimeout: .seconds(600)
        )
        let client = try Client([server.address], behaviors: behaviors)
        try server.whileSuspended {
            for _ in 0..<4 { _ = try? client.get("key", as: String.self) }
        }
        let error = try #require(throws: MemcachedError.self) { try client.get("key", as: String.self) }
        #expect(error.code == .serverTemporarilyDisabled)
        client.forgetDeadHosts()
        // A busy machine may need longer than the time-out once.
        #expect(eventually { (try? client.get("key", as: String.self)) == .some(nil) })
    }

    @Test func areConnectedToAgainAfterClose() throws {
        let servers = try servers()
        let client = try Client(servers: servers, behaviors: .patient)
        let key = uniqueKey()
        try client.set(key, "value")
        client.close()
        client.close()
        #expect(try client.get(key, as: String.self) == "value")
    }
}
