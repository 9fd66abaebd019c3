import Foundation
import TestSupport
import Testing

@testable import SwiftLibMC

/// Asking a configuration endpoint, against one that answers by script.
@Suite("Cluster discovery", .timeLimit(.minutes(2)))
struct ClusterDiscoveryTests {
    private static let text = "12\nnode1.example.com|10.0.0.1|11211 node2.example.com|10.0.0.2|11212\n"
    private static let servers = [
        Server(.tcp(host: "node1.example.com", port: 11211)), Server(.tcp(host: "node2.example.com", port: 11212)),
    ]

    @Test(arguments: [FakeEndpoint.Engine.new, .old])
    func bothGenerationsOfEnginesAreAsked(engine: FakeEndpoint.Engine) throws {
        let endpoint = try FakeEndpoint(engine, Self.text)
        let discovery = try ClusterDiscovery(endpoint: endpoint.address)
        #expect(try discovery.configuration() == ClusterConfiguration(version: 12, servers: Self.servers))
        #expect(try discovery.servers() == Self.servers)
        if engine == .new { #expect(!endpoint.requests.contains { $0.hasPrefix("get") }) }
    }

    @Test func anAnswerInPiecesIsRead() throws {
        let reply = "CONFIG cluster 0 \(Self.text.utf8.count)\r\n\(Self.text)\r\nEND\r\n"
        let server = try FakeServer(.dribbling(Array(reply.utf8), every: .milliseconds(1)))
        let discovery = try ClusterDiscovery(endpoint: server.address, timeout: .seconds(20))
        #expect(try discovery.servers() == Self.servers)
    }

    @Test func nodesWithoutNameGoByTheirAddress() throws {
        let endpoint = try FakeEndpoint(.new, "3\n|10.0.0.1|11211 a|10.0.0.2|11211\n")
        let servers = try ClusterDiscovery(endpoint: endpoint.address).servers()
        #expect(servers.map(\.description) == ["10.0.0.1:11211", "a:11211"])
    }

    @Test(arguments: ["\n", "\r\n", "\n\r\n", ""])
    func lineEndsMayBeOfAnyKind(end: String) throws {
        let endpoint = try FakeEndpoint(.new, "3\(end.isEmpty ? "\n" : end)a|b|1\(end)")
        #expect(try ClusterDiscovery(endpoint: endpoint.address).configuration().version == 3)
    }

    @Test func anOrdinaryServerIsNoEndpoint() throws {
        let address = try MemcachedServer.shared(.tcp).address
        let error = #expect(throws: MemcachedError.self) { try ClusterDiscovery(endpoint: address).servers() }
        #expect(error?.code == .notSupported)
        #expect(error?.server?.description == address)
    }

    @Test(
        arguments: [
            "", "12", "12\n", "twelve\na|b|1\n", "12\na|b\n", "12\na|b|c\n", "12\na|b|0\n", "12\na|b|70000\n",
            "12\n||1\n", "12\na,b|c|1\n", "12\na;b|c|1\n",
            "12\na|b|1\nmore\n", "12\na b|c|1\n", "12\na|b|1|2\n", "12\n\u{85}a|b|1\n",
        ]
    )
    func otherTextsAreRefused(text: String) throws {
        let endpoint = try FakeEndpoint(.new, text)
        let discovery = try ClusterDiscovery(endpoint: endpoint.address)
        let error = #expect(throws: MemcachedError.self) { try discovery.servers() }
        #expect(error?.code == .protocolError)
        #expect(error?.detail.hasPrefix("the cluster's configuration can't be read: ") == true)
    }

    @Test(
        arguments: [
            "HTTP/1.1 400 Bad Request\r\n", "CONFIG cluster 0 x\r\n", "CONFIG cluster 0 -1\r\n",
            "CONFIG cluster 0 9999999\r\n",
            "CONFIG other 0 5\r\nhello\r\nEND\r\n", "CONFIG cluster 0 5\r\nhello\r\nhello\r\n", "\r\n",
        ]
    )
    func garbageIsAProtocolError(reply: String) throws {
        let server = try FakeServer(.answering(reply))
        let discovery = try ClusterDiscovery(endpoint: server.address)
        let error = #expect(throws: MemcachedError.self) { try discovery.servers() }
        #expect(error?.code == .protocolError)
    }

    @Test func endlessLinesAreGivenUp() throws {
        let server = try FakeServer(.answering([UInt8](repeating: 65, count: 100_000)))
        let discovery = try ClusterDiscovery(endpoint: server.address, timeout: .seconds(20))
        let error = #expect(throws: MemcachedError.self) { try discovery.servers() }
        #expect(error?.code == .protocolError)
    }

    @Test(arguments: [FakeScript.silent, .stalling(afterSending: Array("CONFIG cluster 0 100\r\n12\n".utf8))])
    func silenceIsATimeout(script: FakeScript) throws {
        let server = try FakeServer(script)
        let discovery = try ClusterDiscovery(endpoint: server.address, timeout: .milliseconds(100))
        let error = #expect(throws: MemcachedError.self) { try discovery.servers() }
        #expect(error?.code == .timeout)
        #expect(error?.isTimeout == true)
    }

    /// A name may have several; the first ones may lead nowhere.
    @Test func everyAddressHasItsTime() throws {
        func address(_ text: String) throws -> SocketAddress {
            guard case .tcp(let host, let port) = try Server(parsing: text).transport else { preconditionFailure() }
            return try #require(SocketAddress.resolving(host, port).first)
        }
        let hole = try BlackHole()
        let living = try MemcachedServer.shared(.tcp).address
        for connecting in [Duration.milliseconds(50), nil] {
            let addresses = try [hole.address, hole.address, living].map(address)
            let patience = Patience(.milliseconds(1500), connecting: connecting)
            guard case .open(let socket) = AdminConnection.connect(toAnyOf: addresses, patience) else {
                Issue.record("the third address was not reached")
                continue
            }
            socket.close()
        }
    }

    @Test func serversThatTurnAwayAreFailures() throws {
        let full = try FakeServer(.answering("ERROR Too many open connections\r\n"))
        expectFailure(.connectionFailure) { try ClusterDiscovery(endpoint: full.address).servers() }
        let guarded = try FakeServer(.answering("CLIENT_ERROR unauthenticated\r\n"))
        expectFailure(.authFailure) { try ClusterDiscovery(endpoint: guarded.address).servers() }
    }

    @Test func aBlackHoleIsATimeout() throws {
        let hole = try BlackHole()
        let discovery = try ClusterDiscovery(endpoint: hole.address, timeout: .milliseconds(100))
        #expect(throws: MemcachedError.self) { try discovery.servers() }
    }

    @Test(arguments: [FakeScript.closingAtOnce, .resetting, .closing(afterSending: Array("CONFIG cluster".utf8))])
    func brokenConnectionsAreFailures(script: FakeScript) throws {
        let server = try FakeServer(script)
        let discovery = try ClusterDiscovery(endpoint: server.address)
        let error = #expect(throws: MemcachedError.self) { try discovery.servers() }
        #expect(error?.isConnectionFailure == true)
    }

    @Test(arguments: [false, true])
    func refusedConnectionsAreFailures(unix: Bool) throws {
        let nobody = try RefusingAddress(unix: unix)
        let discovery = try ClusterDiscovery(endpoint: nobody.address)
        let error = #expect(throws: MemcachedError.self) { try discovery.servers() }
        #expect(error?.isConnectionFailure == true)
        #expect(error?.systemErrno != nil)
    }

    @Test func unknownHostsAreFailures() throws {
        let discovery = try ClusterDiscovery(endpoint: "no-such-host.invalid:11211")
        let error = #expect(throws: MemcachedError.self) { try discovery.servers() }
        #expect(error?.code == .hostLookupFailure)
    }

    @Test func whatIsNoAddressIsRefused() {
        let error = #expect(throws: MemcachedError.self) { try ClusterDiscovery(endpoint: "host:port") }
        #expect(error?.code == .invalidServer)
        #expect(throws: MemcachedError.self) { try ClusterDiscovery(endpoint: "udp:127.0.0.1").servers() }
    }

    @Test func noConnectionIsLeftOpen() async throws {
        let server = try FakeServer(.answering("CONFIG cluster 0 8\r\n1\na|b|1\n\r\nEND\r\n"))
        for _ in 0..<3 { _ = try ClusterDiscovery(endpoint: server.address).servers() }
        #expect(server.connectionCount == 3)
        #expect(await eventually { server.openConnectionCount == 0 })
    }
}
