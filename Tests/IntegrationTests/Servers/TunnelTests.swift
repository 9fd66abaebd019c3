import Foundation
import Synchronization
import TestSupport
import Testing

@testable import SwiftLibMC

/// Servers that are reached through a forwarder: here a unix socket of their own, at which they listen.
@Suite("Tunnels", .timeLimit(.minutes(5)))
struct TunnelTests {
    private final class Tunnel: ServerTunnel {
        let logsIn = false
        let path: String
        let count = Mutex(0)
        let present = Mutex<TunnelProblem?>(nil)

        init(_ path: String) { self.path = path }

        var connectionCount: Int { count.withLock { $0 } }
        func problem(since count: Int) -> TunnelProblem? { present.withLock { $0 } }
        func reaching(_ servers: [Server]) throws(MemcachedError) -> [Server] { servers }
    }

    private static func server(_ name: String, through path: String) throws -> Server {
        var server = try Server(parsing: name)
        server.tunnel = Tunnel(path)
        return server
    }

    /// Kinds of placement, of which a namespace is part if it is hashed.
    static let placements = [
        Behaviors(), Behaviors(ketama: true), Behaviors(ketamaWeighted: true), Behaviors(distribution: .consistent),
        Behaviors(hash: .crc), Behaviors(ketama: true, hashWithPrefixKey: true, namespace: "shop:"), .failover,
    ]

    @Test(arguments: placements.indices) func keysAreWhereTheNamesSay(placement: Int) throws {
        let behaviors = Self.placements[placement]
        let sockets = try (0..<3).map { _ in try MemcachedServer.start(.unix) }
        // Nobody listens there.
        let names = ["127.0.0.1:1", "127.0.0.1:2:2", "host.invalid:11211:3"]
        let tunnelled = try Client(
            servers: zip(names, sockets).map { try Self.server($0, through: $1.address) },
            behaviors: behaviors
        )
        let plain = try Client(names, behaviors: behaviors)
        let direct = try sockets.map { try Client([$0.address], behaviors: Behaviors(namespace: behaviors.namespace)) }
        let keys = uniqueKeys(100)
        #expect(try tunnelled.setMulti(keys.map { ($0, $0) }).isEmpty)
        for key in keys {
            let position = Int(try plain.hash(key))
            #expect(try direct[position].get(key, as: String.self) == key)
            #expect(try tunnelled.hash(key) == UInt32(position))
            #expect(try tunnelled.server(for: key).description == names[position])
        }
        #expect(tunnelled.behaviors.distribution == plain.behaviors.distribution)
        #expect(tunnelled.behaviors.hash == plain.behaviors.hash)
        #expect(tunnelled.behaviors.hashWithPrefixKey == plain.behaviors.hashWithPrefixKey)
        #expect(try tunnelled.getStats().map(\.server.description) == names)
        #expect(try tunnelled.clone().getMulti(keys, as: String.self).count == keys.count)
    }

    @Test func anErrorSaysWhatTheForwarderKnows() throws {
        let server = try Self.server("127.0.0.1:1", through: "/no/such/socket")
        let tunnel = try #require(server.tunnel as? Tunnel)
        let client = try Client(servers: [server])
        let problem = TunnelProblem(code: .connectionFailure, detail: "the certificate has expired", isUnsent: true)
        tunnel.present.withLock { $0 = problem }
        for error in [
            #expect(throws: MemcachedError.self) { try client.set("a", 1) },
            #expect(throws: MemcachedError.self) { try client.incr("a") },
            #expect(throws: MemcachedError.self) { try client.getMulti(["a"], as: Int.self) },
            #expect(throws: MemcachedError.self) { try client.flushAll() },
        ] {
            #expect(error?.detail.contains("the certificate has expired") == true)
            #expect(error?.server?.description == "127.0.0.1:1" && error?.isOutcomeUnknown == false)
        }
        let endpoint = ClusterDiscovery(endpoint: server)
        let error = #expect(throws: MemcachedError.self) { try endpoint.servers() }
        #expect(error?.detail == "the certificate has expired")
    }

    @Test func onlyAConnectionThatHasCarriedNothingIsCalledUnsent() throws {
        let socket = try MemcachedServer.start(.unix)
        let server = try Self.server("127.0.0.1:1", through: socket.address)
        let tunnel = try #require(server.tunnel as? Tunnel)
        let client = try Client(servers: [server], behaviors: Behaviors(pollTimeout: .milliseconds(200)))
        try client.set("a", 1)
        tunnel.present.withLock { $0 = TunnelProblem(code: .timeout, detail: "not there yet", isUnsent: false) }
        try socket.whileSuspended {
            let error = #expect(throws: MemcachedError.self) { try client.set("a", 2) }
            #expect(error?.detail == "not there yet" && error?.isOutcomeUnknown == true)
        }
    }

    /// Its threads change it while others look at servers and errors, as Swift Testing does where an expectation fails.
    @Test func nothingOfItIsShown() throws {
        let server = try Self.server("127.0.0.1:1", through: "/no/such/socket")
        let client = try Client(servers: [server])
        let error = #expect(throws: MemcachedError.self) { try client.set("a", 1) }
        for subject in [server, client, try #require(error)] as [Any] {
            var text = ""
            dump(subject, to: &text)
            #expect(text.contains("Tunnel") && !text.contains("/no/such/socket"))
        }
    }

    @Test func whatDoesNotGoTogetherIsRefused() throws {
        let servers = try [Self.server("127.0.0.1:1", through: "/a"), Self.server("127.0.0.1:2", through: "/b")]
        expectFailure(.invalidArguments) { try Client(servers: servers, behaviors: Behaviors(sortHosts: true)) }
        expectFailure(.invalidArguments) { try Client(servers: servers, username: "a", password: "b") }
        var datagrams = try Server(parsing: "udp:127.0.0.1:1")
        datagrams.tunnel = servers[0].tunnel
        expectFailure(.invalidArguments) { try Client(servers: [datagrams]) }
        #expect(servers[0] != servers[0].withoutTunnel && servers[0] == servers[0])
    }

    @Test func aSocketInAPrivateFolderAcceptsConnections() throws {
        var folder: PrivateFolder? = try PrivateFolder()
        let path = try #require(folder?.path)
        let descriptor = try #require(try folder?.listen("a", backlog: 1))
        let address = try #require(SocketAddress.unix("\(path)/a"))
        guard case .open(let socket) = StreamSocket.connect(to: address, until: .now + .seconds(5)) else {
            Issue.record("nobody listens")
            return
        }
        socket.close()
        #expect(throws: SystemFailure.self) { try folder?.listen(String(repeating: "x", count: 108), backlog: 1) }
        folder?.remove("a")
        folder = nil
        #expect(!FileManager.default.fileExists(atPath: path))
        close(descriptor)
    }
}
