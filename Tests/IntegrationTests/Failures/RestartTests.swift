import SwiftLibMC
import TestSupport
import Testing

/// Connections that have died unnoticed, because the server has been restarted.
@Suite("After a restart of the server", .timeLimit(.minutes(5)))
struct RestartTests {
    static let options: [(MemcachedOptions, Bool)] = [(.tcp, true), (.tcp, false), (.unix, true), (.unix, false)]

    /// A client whose connection is that to the server before its restart.
    private func client(_ options: (MemcachedOptions, Bool)) throws -> (Client, MemcachedServer) {
        let server = try MemcachedServer.start(options.0)
        let client = try Client([server.address], binary: options.1, behaviors: .patient)
        try client.set("before", 1)
        // Counters have their own way of making sure of a connection.
        try client.incr("before")
        try server.restart()
        return (client, server)
    }

    @Test(.hazard(85), arguments: options)
    func readsGoOn(_ options: (MemcachedOptions, Bool)) throws {
        for command in Command.reads + Command.multiReads {
            let (client, server) = try client(options)
            defer { server.kill() }
            #expect(throws: Never.self, "\(command)") { try command.run(client, "before") }
        }
    }

    @Test(.hazard(85), arguments: options)
    func setGoesOn(_ options: (MemcachedOptions, Bool)) throws {
        let (client, server) = try client(options)
        defer { server.kill() }
        try client.set("after", 2)
        #expect(try client.get("after") == 2)
        #expect(try client.get("before", as: Int.self) == nil)
    }

    @Test(arguments: options)
    func setMultiGoesOn(_ options: (MemcachedOptions, Bool)) throws {
        for count in [1, 2, 10, 1000] {
            let (client, server) = try client(options)
            let log = ErrorLog(of: client)
            defer { server.kill() }
            let keys = uniqueKeys(count)
            #expect(try client.setMulti(keys.enumerated().map { ($1, $0) }) == [])
            #expect(try client.getMultiArray(keys) == Array(0..<count))
            #expect(log.take().isEmpty)
        }
    }

    @Test(arguments: options)
    func getMultiGoesOn(_ options: (MemcachedOptions, Bool)) throws {
        for count in [1, 2, 100] {
            let (client, server) = try client(options)
            let log = ErrorLog(of: client)
            defer { server.kill() }
            let keys = uniqueKeys(count)
            try server.plant(keys[0], Array("7".utf8))
            #expect(try client.getMulti(keys + ["before"]) == [keys[0]: 7])
            #expect(log.take().isEmpty)
        }
    }

    /// What is not the same when it is done twice is done once at most.
    private static let once: [Command] = Command.writes.filter { $0.operation != "set" } + Command.changes

    @Test(.hazard(22, 85), arguments: options)
    func otherWritesGoOn(_ options: (MemcachedOptions, Bool)) throws {
        for command in Self.once {
            let (client, server) = try client(options)
            defer { server.kill() }
            try server.plant("after", Array("1".utf8))
            #expect(throws: Never.self, "\(command)") { try command.run(client, "after") }
            #expect(throws: Never.self, "\(command)") { try client.set("again", 1) }
            #expect(try client.incr("again") == 2)
        }
    }

    @Test(arguments: options)
    func manyRestartsInARow(_ options: (MemcachedOptions, Bool)) throws {
        let (client, server) = try client(options)
        for round in 0..<5 {
            #expect(try client.get("key", as: Int.self) == nil)
            try client.set("key", round)
            #expect(try client.getMulti(["key"]) == ["key": round])
            try server.restart()
        }
    }

    @Test(.hazard(81), arguments: options)
    func aServerThatStaysAwayIsAnError(_ options: (MemcachedOptions, Bool)) async throws {
        let (client, server) = try client(options)
        server.kill()
        for command in Command.reads + Command.multiReads + Command.writes {
            let error = #expect(throws: MemcachedError.self, "\(command)") { try command.run(client, "k") }
            #expect(error?.isConnectionFailure == true, "\(command): \(error.debugDescription)")
            #expect(error?.server == client.servers[0])
        }
        try server.restart()
        #expect(await eventually { (try? client.set("k", 1)) == true })
        #expect(try client.get("k") == 1)
    }
}
