import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// Why there is no connection, and what that says of a write.
@Suite("No connection", .blocking, .timeLimit(.minutes(5)))
struct NoConnectionTests {
    /// A machine without a network: the resolver says "try again".
    @Test(.enabled(if: getuid() == 0, "needs the right to leave the network"))
    func aNameThatCanNotBeLookedUpForTheMomentIsALookupFailure() async {
        await #expect(processExitsWith: .success) {
            alarm(200)
            try leaveTheNetwork()
            for binary in [true, false] {
                for command in Command.keyed {
                    let client = try Client(["cache.example.com:11211"], binary: binary, behaviors: .patient)
                    let error = try #require(throws: MemcachedError.self, "\(command)") { try command.run(client, "k") }
                    try #require(error.code == .hostLookupFailure, "\(command): \(error.debugDescription)")
                    try #require(!error.isOutcomeUnknown && error.isRetriable && !error.isTimeout)
                    try #require(error.detail.hasPrefix("the host name can't be looked up ("), "\(error)")
                    // Libmemcached leaves the server alone now; the cause is still named.
                    let second = try #require(throws: MemcachedError.self) { try command.run(client, "k") }
                    try #require(second.detail.contains("the host name can't be looked up"), "\(command): \(second)")
                }
            }
        }
    }

    @Test func withoutDescriptorsNothingHasBeenSent() async {
        await #expect(processExitsWith: .success) {
            alarm(200)
            let server = try MemcachedServer.start()
            for binary in [true, false] {
                for command in Command.keyed {
                    let client = try Client([server.address], binary: binary, behaviors: .patient)
                    let error = try withoutDescriptors {
                        try #require(throws: MemcachedError.self, "\(command)") { try command.run(client, "k") }
                    }
                    try #require(error.code == .systemError, "\(command): \(error.debugDescription)")
                    try #require(error.systemErrno == EMFILE && !error.isOutcomeUnknown && error.isConnectionFailure)
                    try #require(error.detail.contains("file descriptors"), "\(error)")
                }
            }
        }
    }

    /// Else each call would cost a dead machine's successor a connection, and the caller a round trip.
    @Test(arguments: MemcachedProtocol.allCases)
    func aServerThatHasRefusedConnectionsIsLeftAlone(_ choice: MemcachedProtocol) throws {
        let address = try RefusingAddress()
        var behaviors = Behaviors.patient
        behaviors.retryTimeout = .seconds(60)
        let client = try Client([address.address], protocol: choice, behaviors: behaviors)
        let isLeftAlone = eventually {
            let error = #expect(throws: MemcachedError.self) { try client.set("k", 1) }
            return error?.code == .serverTemporarilyDisabled
        }
        #expect(isLeftAlone)
        try address.startListening()
        for command in Command.keyed {
            let error = #expect(throws: MemcachedError.self, "\(command)") { try command.run(client, "k") }
            #expect(error?.isConnectionFailure == true, "\(command): \(error?.debugDescription ?? "")")
        }
        #expect(throws: MemcachedError.self) { try client.getMulti(["a", "b"], as: Int.self) }
        #expect(!address.hasBeenCalled())
    }

    @Test func theLongestRetryTimeoutIsNoCrash() throws {
        let address = try RefusingAddress()
        var behaviors = Behaviors.patient
        behaviors.retryTimeout = .seconds(Int64(Int32.max))
        let client = try Client([address.address], behaviors: behaviors)
        let isLeftAlone = eventually {
            let error = #expect(throws: MemcachedError.self) { try client.set("k", 1) }
            return error?.detail.contains("is tried again in") == true
        }
        #expect(isLeftAlone)
    }

    /// memcached says so in words, whatever the protocol, and hangs up.
    @Test(arguments: Route.open)
    func aServerWithTooManyConnectionsIsAConnectionFailure(_ route: Route) throws {
        let server = try MemcachedServer.start(route.options.adding(["-c", "60", "-t", "1"]))
        defer { server.kill() }
        var others = try Self.connectionsUntilFull(server)
        #expect(!others.isEmpty)
        for command in Command.keyed {
            let client = try route.client(of: [server.address])
            let error = try #require(throws: MemcachedError.self, "\(command)") { try command.run(client, "k") }
            #expect(error.code == .connectionFailure, "\(command): \(error.debugDescription)")
            #expect(error.isRetriable && !error.isOutcomeUnknown, "\(command): \(error.debugDescription)")
            #expect(error.detail.contains("Too many open connections"), "\(command): \(error.debugDescription)")
        }
        let client = try route.client(of: [server.address])
        #expect(throws: MemcachedError.self) { try client.set("k", 1) }
        others = []
        let isBack = eventually { (try? client.set("k", 1)) == true }
        #expect(isBack)
        #expect(try client.incr("k") == 2)
    }

    private static func connectionsUntilFull(_ server: MemcachedServer) throws -> [RawConnection] {
        var others: [RawConnection] = []
        while true {
            let other = try RawConnection(to: server.address)
            guard (try? other.send("version\r\n")) != nil else { break }
            guard let reply = try? other.receive(through: "\r\n"), reply.hasPrefix("VERSION") else { break }
            others.append(other)
        }
        return others
    }

    /// Also where the client has connections to other servers already.
    @Test(arguments: Route.open)
    func soIsALaterServer(_ route: Route) async throws {
        let (first, full) = (
            try MemcachedServer.start(route.options),
            try MemcachedServer.start(route.options.adding(["-c", "60", "-t", "1"]))
        )
        defer { full.kill() }
        let others = try Self.connectionsUntilFull(full)
        let addresses = [first.address, full.address]
        func expect(_ error: MemcachedError, _ name: String) {
            #expect(error.code == .connectionFailure, "\(name): \(error.debugDescription)")
            #expect(error.isRetriable && !error.isOutcomeUnknown, "\(name): \(error.debugDescription)")
            #expect(error.detail.contains("Too many open connections"), "\(name): \(error.debugDescription)")
            #expect(error.server?.description == full.address)
        }
        let keys = uniqueKeys(60)
        let placing = try route.client(of: addresses)
        let here = try keys.filter { try placing.hash($0) == 0 }
        let key = try #require(keys.first { !here.contains($0) })
        for command in Command.keyed {
            let client = try route.client(of: addresses)
            for number in 0..<2 {
                // By a read and a write, so that their connections are known to be good.
                try client.set(here[0], number)
                #expect(try client.get(here[0]) == number)
            }
            expect(
                try #require(throws: MemcachedError.self, "\(command)") { try command.run(client, key) },
                "\(command)"
            )
            // Once more: what has failed is not taken for connected.
            try client.set(here[0], 1)
            let error = try #require(throws: MemcachedError.self, "\(command)") { try command.run(client, key) }
            if error.code != .serverTemporarilyDisabled { expect(error, "\(command) again") }
        }
        // Among keys of a server that works.
        for multi in [
            { (client: Client) in _ = try client.getMulti(keys, as: Int.self) },
            { (client: Client) in _ = try client.setMulti(keys.map { ($0, 1) }) },
            { (client: Client) in try client.deleteMulti(keys) },
            { (client: Client) in _ = try client.addMulti(keys.map { ($0, 1) }) },
        ] {
            let client = try route.client(of: addresses)
            let log = ErrorLog(of: client)
            try client.set(here[0], 1)
            try client.set(here[1], 1)
            try multi(client)
            let errors = log.take()
            #expect(errors.count == 1)
            for error in errors { expect(error, error.operation) }
        }
        let cache = try AsyncClient(
            cloning: try route.client(of: addresses),
            connections: 1,
            commandTimeout: .seconds(60)
        )
        try await cache.set(here[0], 1)
        try await cache.set(here[1], 1)
        do {
            try await cache.set(key, 1)
            Issue.record("it was stored")
        } catch {
            expect(error, "asynchronous set")
        }
        let pool = try ClientPool(cloning: try route.client(of: addresses), size: 1)
        try pool.set(here[0], 1)
        try pool.set(here[1], 1)
        expect(try #require(throws: MemcachedError.self) { try pool.set(key, 1) }, "set of a pool")
        #expect(others.count > 10)
    }

    @Test(arguments: [true, false])
    func theFirstCauseIsKeptWhileTheServerIsLeftAlone(binary: Bool) throws {
        let nobody = try RefusingAddress()
        let client = try Client([nobody.address], binary: binary, behaviors: Behaviors(retryTimeout: .seconds(30)))
        #expect(throws: MemcachedError.self) { try client.set("k", 1) }
        for command in Command.keyed {
            let error = try #require(throws: MemcachedError.self, "\(command)") { try command.run(client, "k") }
            guard error.code == .serverTemporarilyDisabled else { continue }
            #expect(error.detail.contains("Connection refused"), "\(command): \(error)")
            #expect(error.detail.contains("tried again in 3"), "\(command): \(error)")
            #expect(error.systemErrno == ECONNREFUSED)
        }
    }
}
