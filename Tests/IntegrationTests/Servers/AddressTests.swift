import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// The ways to name a server, with servers that run.
@Suite("Addresses", .timeLimit(.minutes(5)))
struct AddressTests {
    private func check(
        _ address: String,
        _ description: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        for binary in [true, false] {
            let client = try Client([address], binary: binary, behaviors: .patient)
            let key = uniqueKey()
            try client.set(key, 1)
            #expect(try client.get(key) == 1, sourceLocation: sourceLocation)
            #expect(try client.getMulti([key]) == [key: 1], sourceLocation: sourceLocation)
            #expect(client.servers.map(\.description) == [description ?? address], sourceLocation: sourceLocation)
            #expect(client.ping()[0].error == nil, sourceLocation: sourceLocation)
        }
    }

    @Test func hostsByNameAndByNumber() throws {
        let port = try #require(try MemcachedServer.shared(.tcp).port)
        try check("127.0.0.1:\(port)")
        try check("localhost:\(port)")
        try check("127.0.0.1:\(port):5")
        try check("127.0.0.1:\(port):1", "127.0.0.1:\(port)")
        try check("memcached://127.0.0.1:\(port)/", "127.0.0.1:\(port)")
        try check("[127.0.0.1]:\(port)", "127.0.0.1:\(port)")
    }

    @Test(.hazard(75)) func unixSockets() throws {
        let path = try MemcachedServer.shared(.unix).address
        try check(path)
        try check("unix:\(path)", path)
        try check("\(path):3")
    }

    /// Whether this machine has the address ::1.
    private static let hasIPv6: Bool = {
        let addresses = try? String(contentsOfFile: "/proc/net/if_inet6", encoding: .utf8)
        return addresses?.contains("00000000000000000000000000000001 ") == true
    }()

    @Test(.enabled(if: hasIPv6), .memcached("-l", "::1"))
    func addressesOfIPv6() throws {
        let port = try #require(MemcachedServer.current?.port)
        try check("[::1]:\(port)")
        try check("[::1]:\(port):2")
        try check("[0:0:0:0:0:0:0:1]:\(port)")
    }

    @Test(.hazard(75)) func transportsMayBeMixed() throws {
        let tcp = try MemcachedServer.shared(.tcp).address
        let unix = try MemcachedServer.shared(.unix).address
        let client = try Client([tcp, unix], behaviors: .patient)
        let keys = uniqueKeys(40)
        #expect(try client.setMulti(keys.map { ($0, $0) }) == [])
        #expect(try client.getMultiArray(keys) == keys)
        let homes = Set(try keys.map { try client.server(for: $0).description })
        #expect(homes == [tcp, unix])
        #expect(try Client([tcp], behaviors: .patient).getMulti(keys, as: String.self).count < 40)
    }

    @Test func descriptionsNameClassProtocolAndServers() throws {
        let client = try Client(["10.0.0.1", "10.0.0.2:11212:3", "/run/m.sock"])
        #expect(client.description == "Client(automatic: 10.0.0.1:11211, 10.0.0.2:11212:3, /run/m.sock)")
        #expect(try Client(["[::1]"], binary: false).description == "Client(ASCII: [::1]:11211)")
        #expect("\(client)" == client.description)
    }

    @Test func whatTheLibraryIsMadeOf() {
        #expect(!buildInfo.version.isEmpty)
        #expect(buildInfo.libmemcachedCompiled.hasPrefix("1."))
        #expect(buildInfo.libmemcachedLoaded.hasPrefix("1."))
        #expect(buildInfo.supportsSASL)
        #expect(buildInfo.supportsCompression)
    }
}

/// Datagrams: writes go out blindly, and nothing can be read.
@Suite("UDP", .timeLimit(.minutes(5)))
struct UDPTests {
    /// A client by UDP, and one by TCP to look at what it has done.
    private func clients(binary: Bool) throws -> (udp: Client, tcp: Client) {
        let server = try MemcachedServer.shared(.udp)
        let udp = try Client([server.address], binary: binary, behaviors: .patient)
        let tcp = try Client(["127.0.0.1:\(try #require(server.port))"], behaviors: .patient)
        return (udp, tcp)
    }

    @Test(.hazard(76), arguments: [true, false])
    func writesArrive(binary: Bool) async throws {
        let (udp, tcp) = try clients(binary: binary)
        let keys = uniqueKeys(10)
        #expect(try udp.set(keys[0], "a"))
        #expect(try await eventually { try tcp.get(keys[0]) == "a" })
        #expect(try udp.add(keys[1], 2))
        #expect(try udp.replace(keys[0], "b"))
        #expect(try await eventually { try tcp.get(keys[0]) == "b" })
        #expect(try udp.append(keys[0], "c"))
        #expect(try udp.prepend(keys[0], "a"))
        #expect(try await eventually { try tcp.get(keys[0]) == "abc" })
        #expect(try udp.delete(keys[0]))
        #expect(try await eventually { try !tcp.contains(keys[0]) })
        #expect(try udp.setMulti(keys.map { ($0, 7) }) == [])
        #expect(try await eventually { try tcp.getMulti(keys, as: Int.self).count == 10 })
        #expect(try udp.deleteMulti(keys))
        #expect(try await eventually { try tcp.getMulti(keys, as: Int.self) == [:] })
        #expect(try udp.set(keys[3], [UInt8].noise(1000), time: 1000))
        #expect(try await eventually { try tcp.get(keys[3]) == [UInt8].noise(1000) })
    }

    @Test(.hazard(76), arguments: [true, false])
    func nobodyTellsWhetherTheyDo(binary: Bool) async throws {
        let (udp, tcp) = try clients(binary: binary)
        let key = uniqueKey()
        try tcp.set(key, "old")
        // True says nothing here.
        #expect(try udp.add(key, "new"))
        #expect(try udp.delete(uniqueKey()))
        #expect(try udp.append(uniqueKey(), "x"))
        #expect(try tcp.get(key) == "old")
        #expect(try udp.set(key, "newer"))
        #expect(try await eventually { try tcp.get(key) == "newer" })
    }

    @Test(.hazard(76), arguments: [true, false])
    func readsAreRefused(binary: Bool) throws {
        // At once: a wait for what never comes would be longer than a test may take.
        let udp = try Client(
            [MemcachedServer.shared(.udp).address],
            binary: binary,
            behaviors: Behaviors(pollTimeout: .seconds(3600))
        )
        let commands = Command.reads + Command.multiReads + Command.changes + Command.multiChanges + Command.ofServers
        for command in commands {
            let error = expectFailure(.notSupported, "\(command)") { try command.run(udp, uniqueKey()) }
            #expect(error?.operation == command.operation)
            #expect(error?.isRetriable == false)
        }
        #expect(udp.ping()[0].error?.code == .notSupported)
        #expect(try udp.set(uniqueKey(), 1))
    }

    @Test(.hazard(76), arguments: [true, false])
    func valuesThatFitInNoDatagramAreRefused(binary: Bool) throws {
        let (udp, _) = try clients(binary: binary)
        expectFailure(.tooBig) { try udp.set(uniqueKey(), [UInt8].noise(70_000)) }
        #expect(try udp.set(uniqueKey(), 1))
    }
}
