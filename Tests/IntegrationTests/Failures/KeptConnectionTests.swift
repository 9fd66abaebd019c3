import SwiftLibMC
import TestSupport
import Testing

/// Connections that the server has closed while nobody used them.
@Suite("Kept connections", .blocking, .timeLimit(.minutes(5)))
struct KeptConnectionTests {
    /// How a server comes to close a connection, and over what.
    struct End: Sendable, CustomTestStringConvertible {
        let route: Route
        let isRestart: Bool

        var testDescription: String { "\(route), \(isRestart ? "restart" : "idle")" }

        /// memcached doesn't close idle connections of unix sockets.
        static let all =
            Route.open.map { End(route: $0, isRestart: true) }
            + Route.protocols.map { End(route: $0, isRestart: false) }

        func start() throws -> MemcachedServer {
            try .start(isRestart ? route.options : route.options.adding(["-o", "idle_timeout=1"]))
        }

        /// Has the server close `count` connections, and store an item.
        func happen(to server: MemcachedServer, connections count: Int = 1) throws {
            if isRestart {
                try server.restart()
            } else {
                let before = try Self.kicks(server)
                let isOver = try eventually { try Self.kicks(server) >= before + count }
                try #require(isOver)
            }
            try server.plant("there", Array("5".utf8))
        }

        private static func kicks(_ server: MemcachedServer) throws -> Int {
            Int(try server.statistics()["idle_kicks"] ?? "") ?? 0
        }
    }

    /// A command, and what it makes of an item "5".
    struct Change: Sendable {
        let name: String
        /// What becomes of the item; nil if it is deleted.
        let result: String?
        /// Runs it on the item with this key; false if it gives something wrong.
        let run: @Sendable (Client, _ key: String) throws -> Bool

        init(_ name: String, _ result: String?, _ run: @escaping @Sendable (Client, String) throws -> Bool) {
            self.name = name
            self.result = result
            self.run = run
        }
    }

    /// Commands that must not be repeated.
    private static let once = [
        Change("add", "5") { client, _ in try client.add("new", 1) },
        Change("replace", "6") { try $0.replace($1, 6) },
        Change("append", "51") { try $0.append($1, "1") },
        Change("prepend", "15") { try $0.prepend($1, "1") },
        Change("incr", "6") { try $0.incr($1) == 6 },
        Change("decr", "4") { try $0.decr($1) == 4 },
        Change("incr with a start", "5") { client, _ in try client.incr("new", initial: 3) == 3 },
        Change("delete", nil) { try $0.delete($1) },
        Change("touch", "5") { try $0.touch($1, time: 100) },
        Change("cas", "5") { try !$0.cas($1, 6, cas: CAS(rawValue: 1 << 50)) },
        Change("addMulti", "5") { client, _ in try client.addMulti(["new": 1, "newer": 2]) == [] },
        Change("replaceMulti", "6") { try $0.replaceMulti([$1: 6]) == [] },
        Change("deleteMulti", nil) { try $0.deleteMulti([$1]) },
        Change("touchMulti", "5") { client, key in
            _ = try client.touchMulti([key], time: 100)
            return true
        },
        Change("incrMulti", "6") { client, key in
            try client.incrMulti([key])
            return true
        },
    ]

    /// Commands that don't wait for a reply.
    private static let quiet = [
        Change("set", "6") { try $0.set($1, 6, noreply: true) },
        Change("add", "5") { client, _ in try client.add("new", 1, noreply: true) },
        Change("replace", "6") { try $0.replace($1, 6, noreply: true) },
        Change("append", "51") { try $0.append($1, "1", noreply: true) },
        Change("prepend", "15") { try $0.prepend($1, "1", noreply: true) },
        Change("delete", nil) { try $0.delete($1, noreply: true) },
        Change("setMulti", "6") { try $0.setMulti([($1, 6), ("new", 7)], noreply: true) == [] },
        Change("addMulti", "5") { client, _ in try client.addMulti(["new": 1], noreply: true) == [] },
        Change("deleteMulti", nil) { try $0.deleteMulti([$1], noreply: true) },
    ]

    private func expect(
        _ result: String?,
        on server: MemcachedServer,
        _ name: String,
        _ key: String = "there"
    ) throws {
        // What was sent without waiting may still be on its way.
        let wanted = result.map { "VA \($0.utf8.count) \($0)" }
        let isThere = try eventually(timeout: .seconds(10)) {
            let connection = try RawConnection(to: server.address)
            try connection.send("mg \(key) v\r\n")
            let reply = try connection.receive(through: "\r\n")
            guard reply.hasPrefix("VA ") else { return wanted == nil }
            let value = try connection.receive(through: "\r\n")
            return "\(reply.dropLast()) \(value.dropLast())" == wanted
        }
        #expect(isThere, "\(name)")
    }

    @Test(.hazard(22, 85), arguments: End.all)
    func commandsThatMustNotBeRepeatedSucceed(_ end: End) throws {
        let server = try end.start()
        defer { server.kill() }
        // All clients at once: the server takes a second or two.
        let clients = try Self.once.map { _ in try end.route.client(of: [server.address]) }
        for client in clients {
            try client.set("before", 1)
            try client.incr("before")
        }
        try end.happen(to: server, connections: clients.count)
        for (client, command) in zip(clients, Self.once) {
            for key in ["new", "newer"] { _ = try server.ask("delete \(key)") }
            try server.plant("there", Array("5".utf8))
            #expect(try command.run(client, "there"), "\(command.name)")
            try expect(command.result, on: server, command.name)
        }
    }

    @Test(arguments: End.all)
    func quietWritesAreCarriedOut(_ end: End) throws {
        let server = try end.start()
        defer { server.kill() }
        let clients = try Self.quiet.map { _ in try end.route.client(of: [server.address]) }
        for client in clients {
            try client.set("before", 1)
            try client.set("before", 2, noreply: true)
            #expect(try client.get("before") == 2)
        }
        try end.happen(to: server, connections: clients.count)
        for (client, command) in zip(clients, Self.quiet) {
            _ = try server.ask("delete new")
            try server.plant("there", Array("5".utf8))
            #expect(try command.run(client, "there"), "\(command.name)")
            try expect(command.result, on: server, command.name)
        }
    }

    /// A hit of some size, whose end may still be unread in the ASCII protocol, is no reason for a new connection.
    @Test(arguments: Route.open)
    func goodConnectionsAreKept(_ route: Route) throws {
        let server = try MemcachedServer.start(route.options)
        defer { server.kill() }
        let client = try route.client(of: [server.address])
        try client.set("large", [UInt8](repeating: 1, count: 100_000))
        try client.incr("counter", initial: 1)
        let before = try #require(try server.statistics()["total_connections"].flatMap { Int($0) })
        for round in 0..<50 {
            #expect(try client.get("large", as: [UInt8].self)?.count == 100_000)
            #expect(try client.incr("counter") == UInt64(round + 2))
            #expect(try !client.delete("nothing"))
            #expect(try !client.add("large", 1))
            try client.set("quiet", round, noreply: true)
            _ = try client.add("quiet", 1, noreply: true)
            try client.set("large-2", [UInt8](repeating: 1, count: 2_000), noreply: true)
            #expect(try client.getMulti(["large", "nothing"], as: [UInt8].self).count == 1)
            try client.append("quiet", "1")
        }
        let after = try #require(try server.statistics()["total_connections"].flatMap { Int($0) })
        // Only the question itself, and at the most a second connection where there are two.
        #expect((before + 1...before + (route.choice == .automatic ? 2 : 1)).contains(after))
    }

    /// Unix sockets: several in one client, and one whose path the client writes otherwise than the server.
    enum Sockets: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case several, otherPath, severalOtherPaths

        var testDescription: String { rawValue }

        func addresses(_ servers: [MemcachedServer]) -> [String] {
            servers.map { server in
                let end = server.address.lastIndex(of: "/") ?? server.address.startIndex
                return self == .several ? server.address : "\(server.address[..<end])/.\(server.address[end...])"
            }
        }
    }

    @Test(arguments: [Route.binaryUnix, .asciiUnix], Sockets.allCases)
    func everyUnixSocketIsLookedAt(_ route: Route, _ sockets: Sockets) throws {
        let servers = try (0..<(sockets == .otherPath ? 1 : 3)).map { _ in try MemcachedServer.start(route.options) }
        defer { for server in servers { server.kill() } }
        let client = try route.client(of: sockets.addresses(servers))
        let keys = try servers.indices.map { position in
            try #require(try (0..<1000).map { "there-\($0)" }.first { try client.hash($0) == position })
        }
        // The connections are made by different commands.
        for (number, key) in keys.enumerated() {
            if number == 1 { #expect(try !client.delete(key)) } else { try client.set(key, 5) }
        }
        for command in Self.once + Self.quiet
        where !["add", "incr with a start", "addMulti", "setMulti"].contains(command.name) {
            for (server, key) in zip(servers, keys) {
                // Some use before, alone and together.
                _ = try client.getMulti(keys, as: String.self)
                #expect(try client.setMulti(keys.map { ($0, 5) }) == [])
                #expect(try client.incr(key) == 6)
                try server.restart()
                try server.plant(key, Array("5".utf8))
                #expect(try command.run(client, key), "\(command.name)")
                try expect(command.result, on: server, command.name, key)
            }
        }
    }

    /// No command closes a good connection.
    @Test(arguments: [Route.binaryUnix, .asciiUnix], Sockets.allCases)
    func unixSocketsAreKept(_ route: Route, _ sockets: Sockets) throws {
        let servers = try (0..<3).map { _ in try MemcachedServer.start(route.options) }
        defer { for server in servers { server.kill() } }
        let client = try route.client(of: sockets.addresses(servers))
        let keys = uniqueKeys(30)
        func connections() throws -> [Int] {
            try servers.map { try #require(try $0.statistics()["total_connections"].flatMap { Int($0) }) }
        }
        func round() throws {
            for key in keys {
                try client.set(key, 1)
                #expect(try client.incr(key) == 2)
                #expect(try client.delete(key))
            }
            #expect(try client.setMulti(keys.map { ($0, 1) }) == [])
            #expect(try client.getMulti(keys, as: Int.self).count == keys.count)
            #expect(try client.deleteMulti(keys))
        }
        try round()
        let before = try connections()
        for _ in 0..<20 { try round() }
        let after = try connections()
        // One is the question itself.
        for (before, after) in zip(before, after) { #expect(after - before == 1) }
        client.disconnectAll()
        for _ in 0..<20 { try round() }
        for (after, end) in zip(after, try connections()) { #expect(end - after == 2) }
    }

    /// A connection that is given up is closed, also where it was looked at.
    @Test(arguments: Route.open)
    func nothingIsLeftOpen(_ route: Route) throws {
        let server = try MemcachedServer.start(route.options)
        defer { server.kill() }
        func connections() throws -> Int {
            try #require(try server.statistics()["curr_connections"].flatMap { Int($0) })
        }
        let before = try connections()
        let client = try route.client(of: [server.address])
        for _ in 0..<3 {
            try client.incr("counter", initial: 1)
            try client.delete("nothing")
            let isOpen = try eventually { try connections() == before + 1 }
            #expect(isOpen)
            client.disconnectAll()
            let isClosed = try eventually { try connections() == before }
            #expect(isClosed)
        }
        do {
            let clone = try client.clone()
            try clone.delete("nothing")
            let isOpen = try eventually { try connections() == before + 1 }
            #expect(isOpen)
        }
        let isClosed = try eventually { try connections() == before }
        #expect(isClosed)
    }

    @Test(arguments: [End(route: .binaryTCP, isRestart: true), End(route: .asciiUnix, isRestart: true)])
    func poolsGoOnToo(_ end: End) throws {
        let server = try end.start()
        defer { server.kill() }
        let pool = try ClientPool(cloning: end.route.client(of: [server.address]), size: 2)
        try pool.withClient { client in try client.incr("before", initial: 1) }
        try end.happen(to: server)
        try pool.withClient { client in
            #expect(try client.incr("there") == 6)
            try client.set("there", 7, noreply: true)
            #expect(try client.get("there") == 7)
        }
    }
}
