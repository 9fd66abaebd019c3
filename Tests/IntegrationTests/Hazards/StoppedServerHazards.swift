import SwiftLibMC
import TestSupport
import Testing

/// Servers that hang, and answer later what nobody waits for any more.
@Suite("Hazards: stopped servers", .blocking, .timeLimit(.minutes(5)))
struct StoppedServerHazards {
    static let options: [(MemcachedOptions, Bool)] = [(.tcp, true), (.tcp, false), (.unix, true), (.unix, false)]

    private static let short = Duration.milliseconds(50)

    /// Asks until the server is in time, which it need not be on a busy machine at first.
    private func answered<R>(_ ask: () throws -> R) throws -> R {
        var result: R?
        _ = try eventually {
            do {
                result = try ask()
            } catch let error as MemcachedError {
                guard error.isTimeout || error.code == .serverTemporarilyDisabled else { throw error }
                return false
            }
            return true
        }
        return try #require(result)
    }

    @Test(.hazard(21, 31), arguments: options)
    func lateRepliesAreGivenToNobody(_ options: (MemcachedOptions, Bool)) throws {
        let server = try MemcachedServer.start(options.0)
        let commands = Command.single + Command.multi
        var clients: [Client] = []
        for number in commands.indices {
            let client = try Client([server.address], binary: options.1, behaviors: Behaviors(pollTimeout: Self.short))
            _ = try answered { try client.set("a-\(number)", "value of a-\(number)") }
            _ = try answered { try client.set("b-\(number)", "value of b-\(number)") }
            clients.append(client)
        }
        try server.whileSuspended {
            for (number, command) in commands.enumerated() {
                #expect(throws: MemcachedError.self, "\(command)") { try command.run(clients[number], "x-\(number)") }
            }
        }
        for (number, command) in commands.enumerated() {
            let (client, a, b) = (clients[number], "a-\(number)", "b-\(number)")
            #expect(try answered { try client.get(a) } == "value of \(a)", "\(command)")
            #expect(try answered { try client.contains("none") } == false, "\(command)")
            #expect(try answered { try client.getMulti([b, a]) } == [a: "value of \(a)", b: "value of \(b)"])
            #expect(try answered { try client.delete("none") } == false, "\(command)")
            #expect(try answered { try client.get(b) } == "value of \(b)", "\(command)")
        }
    }

    /// The server does what it was asked when it goes on; if it were asked again, it would do it twice.
    @Test(.hazard(22), arguments: options)
    func aWriteThatTimedOutIsDoneOnceAtMost(_ options: (MemcachedOptions, Bool)) throws {
        let server = try MemcachedServer.start(options.0)
        let witness = try Client([server.address], binary: options.1, behaviors: .patient)
        let writes: [(String, (Client) throws -> Void)] = [
            ("incr", { try $0.incr("incr") }),
            ("append", { _ = try $0.append("append", "1") }),
            ("prepend", { _ = try $0.prepend("prepend", "1") }),
            ("incrMulti", { try $0.incrMulti(["incrMulti"]) }),
        ]
        for (key, _) in writes { try witness.set(key, "10") }
        var clients: [Client] = []
        for _ in writes {
            let client = try Client([server.address], binary: options.1, behaviors: Behaviors(pollTimeout: Self.short))
            // On a connection that has answered before, so that the request itself is sent.
            _ = try answered { try client.incr("warm", initial: 1) }
            clients.append(client)
        }
        try server.whileSuspended {
            for ((key, write), client) in zip(writes, clients) {
                let error = #expect(throws: MemcachedError.self) { try write(client) }
                #expect(error?.isTimeout == true)
                #expect(error?.isOutcomeUnknown == true, "\(key)")
            }
        }
        for client in clients { _ = try answered { try client.get("warm", as: Int.self) } }
        // The connections that timed out have been closed; the server is at their end once it has closed them too.
        let open = clients.count + 3
        #expect(try eventually { Int(try server.statistics()["curr_connections"] ?? "") ?? .max <= open })
        let values: [String?] = try witness.getMultiArray(writes.map(\.0))
        for (value, once) in zip(values, ["11", "101", "110", "11"]) { #expect(value == once || value == "10") }
    }

    /// The library takes two servers that hang for the end of the replies, and leaves those for the next command.
    @Test(.hazard(11, 23, 24), .memcachedCluster(count: 2), arguments: Route.protocols)
    func callsOverTwoStoppedServersEnd(_ route: Route) throws {
        let cluster = try #require(MemcachedCluster.current)
        let keys = (0..<500).map { "\($0)" }
        let patient = try route.client(of: cluster.addresses)
        let pairs = keys.map { ($0, $0) }
        #expect(try patient.setMulti(pairs) == [])
        let calls: [(Client) throws -> Void] = [
            { _ = try $0.getMulti(keys, as: String.self) },
            { _ = try $0.getMultiArray(keys.prefix(20), as: String.self) },
            { _ = try $0.setMulti(pairs) },
            { _ = try $0.addMulti(pairs) },
            { try $0.touchMulti(keys, time: 1000) },
        ]
        // What comes next: each of these would read one of the replies in its own way.
        let nexts: [(Client) throws -> Bool] = [
            { client in try (0..<20).allSatisfy { try !client.delete("none-\($0)") } },
            { client in try (0..<20).allSatisfy { try client.incr("counter-\($0)", initial: 1000) < 2000 } },
            { client in try (0..<20).allSatisfy { try !client.touch("none-\($0)", time: 1) } },
            { client in try (0..<20).allSatisfy { try !client.replace("none-\($0)", 1) } },
            { client in try keys.prefix(20).allSatisfy { try client.get($0) == $0 } },
            { client in try client.getMulti(keys, as: String.self).allSatisfy { $0 == $1 } },
        ]
        let clients = try calls.flatMap { call in
            try nexts.map { next in
                let client = try route.client(of: cluster.addresses, Behaviors(pollTimeout: Self.short))
                _ = try answered { try client.getMulti(keys, as: String.self) }
                return (call, next, client)
            }
        }
        for server in cluster.servers { try server.suspend() }
        for (call, _, client) in clients {
            let start = ContinuousClock.now
            #expect(throws: MemcachedError.self) { try call(client) }
            #expect(ContinuousClock.now - start < .seconds(60))
        }
        for server in cluster.servers { server.resume() }
        // The replies, which are on their way now, ought to be there.
        #expect(eventually { patient.ping().allSatisfy { $0.error == nil } })
        for (number, (_, next, client)) in clients.enumerated() {
            #expect(try answered { try next(client) }, "call \(number / nexts.count), then \(number % nexts.count)")
        }
    }

    /// With 60,000 keys there would be a time-out for each of them.
    @Test(.hazard(34), .memcached(.tcp), arguments: Route.protocols)
    func manyKeysOfAStoppedServerCostOneTimeOut(_ route: Route) throws {
        let server = try #require(MemcachedServer.current)
        let client = try route.client(of: [server.address], Behaviors(pollTimeout: Self.short))
        let keys = (0..<60_000).map { "key-\($0)" }
        let start = ContinuousClock.now
        try server.whileSuspended {
            let error = #expect(throws: MemcachedError.self) { try client.getMulti(keys, as: Int.self) }
            #expect(error?.isTimeout == true)
        }
        #expect(ContinuousClock.now - start < .seconds(60))
        #expect(try answered { try client.getMulti(keys.prefix(10), as: Int.self).isEmpty })
    }

    @Test(.hazard(32), arguments: [true, false])
    func aServerThatHangsIsLeftAlone(binary: Bool) throws {
        let server = try FakeServer(.silent)
        let behaviors = Behaviors(pollTimeout: Self.short, retryTimeout: .seconds(600))
        let client = try Client([server.address], binary: binary, behaviors: behaviors)
        for _ in 0..<3 { expectFailure(.timeout) { try client.get("k", as: Int.self) } }
        let connections = server.connectionCount
        for command in Command.single + Command.multi {
            let error = expectFailure(.serverTemporarilyDisabled, "\(command)") { try command.run(client, "k") }
            #expect(error?.operation == command.operation)
        }
        #expect(server.connectionCount == connections)
    }

    /// Time-outs count for each wait and each address; a deadline counts for the call.
    @Test(.hazard(28, 29)) func aDeadlineIsForTheWholeCall() async throws {
        let slow = try FakeServer(.dribbling([UInt8](repeating: 0x81, count: 24), every: .seconds(3)))
        let holes = try (0..<20).map { _ in try BlackHole() }
        for addresses in [[slow.address], holes.map(\.address)] {
            let behaviors = Behaviors(connectTimeout: .seconds(10), pollTimeout: .seconds(10))
            let client = try Client(addresses, behaviors: behaviors)
            let cache = try AsyncClient(cloning: client, connections: 1, commandTimeout: .milliseconds(200))
            let start = ContinuousClock.now
            let error = await #expect(throws: MemcachedError.self) {
                try await cache.getMulti((0..<100).map { "\($0)" }, as: Int.self)
            }
            #expect(error?.code == .commandTimeout)
            // By itself it would go on for longer than a minute.
            #expect(ContinuousClock.now - start < .seconds(60))
        }
    }

    /// A farewell would wait for a time-out per server.
    @Test(.hazard(33), .memcachedCluster(count: 2), arguments: Route.protocols)
    func closingDoesNotWaitForStoppedServers(_ route: Route) throws {
        let cluster = try #require(MemcachedCluster.current)
        let start = ContinuousClock.now
        do {
            let keys = uniqueKeys(20)
            let clients = try (0..<2).map { _ in
                let client = try route.client(of: cluster.addresses, Behaviors(pollTimeout: .seconds(200)))
                #expect(try client.setMulti(keys.map { ($0, 1) }) == [])
                return client
            }
            for server in cluster.servers { try server.suspend() }
            for client in clients { for key in keys { try client.set(key, 2, noreply: true) } }
            clients[0].disconnectAll()
        }
        #expect(ContinuousClock.now - start < .seconds(60))
        for server in cluster.servers { server.resume() }
    }
}
