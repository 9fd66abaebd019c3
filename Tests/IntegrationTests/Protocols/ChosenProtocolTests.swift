import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// A client that chooses the protocol, and servers that leave it no choice.
@Suite("Chosen protocol", .timeLimit(.minutes(5)))
struct ChosenProtocolTests {
    private static let behaviors = Behaviors(connectTimeout: .milliseconds(500), pollTimeout: .milliseconds(500))

    private func client(_ address: String, _ behaviors: Behaviors = .patient) throws -> Client {
        try Client([address], protocol: .automatic, behaviors: behaviors)
    }

    /// Calls of all kinds, none of which may fail, whichever comes first.
    private func expectService(
        _ address: String,
        as choice: MemcachedProtocol,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let calls: [(Client, String) throws -> Bool] = [
            { client, key in try client.set(key, "1") },
            { client, key in try client.setMulti([key: "1", "\(key)/2": "2"]).isEmpty },
            { client, key in try client.get(key, as: String.self) == nil },
            { client, key in try client.getMulti([key, "\(key)/2"], as: String.self).isEmpty },
            { client, key in try client.incr(key, initial: 4) == 4 },
            { client, key in try client.add(key, "1") },
            { client, key in try !client.touch(key, time: 9) },
            { client, key in try !client.delete(key) },
            { client, key in try !client.deleteMulti([key, "\(key)/2"]) },
            { client, key in try client.touchMulti([key, "\(key)/2"], time: 9).count == 2 },
            { client, key in try client.set(key, "1", noreply: true) },
            { client, _ in client.ping()[0].error == nil },
            { client, _ in try client.version().count == 1 },
        ]
        for first in calls.indices {
            let client = try client(address)
            for offset in calls.indices {
                let number = (first + offset) % calls.count
                let isDone = try calls[number](client, uniqueKey())
                #expect(isDone, "call \(number) after \(first)", sourceLocation: sourceLocation)
            }
            #expect(client.wireProtocol == choice, sourceLocation: sourceLocation)
        }
    }

    @Test(.memcached()) func aServerOfBothSpeaksBoth() throws {
        try expectService(try #require(MemcachedServer.current).address, as: .automatic)
    }

    @Test(.memcached("-B", "ascii")) func aServerOfTextOnlyIsServedInText() throws {
        try expectService(try #require(MemcachedServer.current).address, as: .text)
    }

    @Test(.memcached("-B", "binary")) func aServerOfBinaryOnlyIsServedInBinary() throws {
        let server = try #require(MemcachedServer.current)
        // It has both to choose from, as far as it is concerned.
        try expectService(server.address, as: .automatic)
        let client = try client(server.address)
        let keys = uniqueKeys(50)
        #expect(try client.setMulti(keys.map { ($0, "1") }).isEmpty)
        for _ in 0..<5 {
            let start = ContinuousClock.now
            #expect(try client.getMulti(keys, as: String.self).count == 50)
            try client.incrMulti(keys)
            #expect(ContinuousClock.now - start < .seconds(1))
        }
        #expect(try client.deleteMulti(keys))
    }

    @Test("Servers of other keys are not asked, so that nobody waits for one that is mute", .memcached())
    func onlyTheServersOfTheKeysAreMet() async throws {
        let mute = try FakeServer(.silent)
        let good = try #require(MemcachedServer.current)
        let client = try Client([good.address, mute.address], behaviors: .patient)
        let keys = try uniqueKeys(40).filter { try client.server(for: $0).description == good.address }
        #expect(try client.setMulti(keys.map { ($0, "1") }).isEmpty)
        #expect(try client.getMulti(keys, as: String.self).count == keys.count)
        #expect(try client.getMultiArray(keys, as: String.self).count == keys.count)
        #expect(try client.touchMulti(keys, time: 9).isEmpty)
        try client.incrMulti(keys)
        #expect(try PrefixedCommands(client, prefix: "").getMulti(keys, as: String.self).count == keys.count)
        #expect(try client.deleteMulti(keys))
        let cache = try AsyncClient(cloning: client)
        #expect(try await cache.getMulti(keys, as: String.self).isEmpty)
        for _ in 0..<2 {
            try await withThrowingTaskGroup { group in
                for key in keys { group.addTask { try await cache.set(key, "2") } }
                try await group.waitForAll()
            }
        }
        await cache.shutdown()
        #expect(mute.connectionCount == 0)
    }

    @Test func aProxyThatHangsUpOnBinaryIsServedInText() throws {
        let server = try FakeServer(LookAlike().script.hangingUp { $0.isBinary })
        let client = try client(server.address)
        #expect(try client.set("k", "1"))
        #expect(client.wireProtocol == .text)
        #expect(try client.getMulti(["k", "l"], as: String.self) == ["k": "1"])
    }

    @Test("A server that takes no more connections at first is not taken for one of text only")
    func aFullServerIsMetLater() throws {
        let isFull = Locked(true)
        let server = try FakeServer(
            .answering { request in
                if isFull.withLock({ $0 }) { return Array("ERROR Max number of connections reached\r\n".utf8) }
                return request.binaryReply(status: request.isNoOperation ? 0 : 1)
            }
        )
        let client = try client(server.address, Self.behaviors.merging(.init(retryTimeout: .seconds(0))))
        for _ in 0..<2 { #expect(throws: MemcachedError.self) { try client.get("k", as: String.self) } }
        #expect(client.wireProtocol == .automatic)
        isFull.withLock { $0 = false }
        #expect(eventually { (try? client.contains("k")) == false })
        #expect(client.wireProtocol == .automatic)
    }

    @Test("A value that looks like a command is not taken for one", .memcached("-B", "ascii"))
    func nothingIsInjected() throws {
        let server = try #require(MemcachedServer.current)
        #expect(try server.client(binary: false).set("kept", "1"))
        let client = try client(server.address)
        #expect(try client.set("k", "\r\nflush_all\r\nset kept 0 0 1\r\n2\r\n"))
        #expect(try client.get("kept", as: String.self) == "1")
        #expect(client.wireProtocol == .text)
    }

    @Test("Keys that text can't carry are refused as soon as that is known", .memcached("-B", "ascii"))
    func keysAreCheckedOnceMore() throws {
        let server = try #require(MemcachedServer.current)
        #expect(try server.client(binary: false).set("kept", "1"))
        let key = "a\r\nflush_all\r\n"
        for call: (Client) throws -> Void in [
            { _ = try $0.get(key, as: String.self) }, { try $0.set(key, "1") }, { try $0.incr(key) },
            { _ = try $0.getMulti([key, "b"], as: String.self) }, { _ = try $0.setMulti([key: "1", "b": "2"]) },
            { try $0.deleteMulti([key, "b"]) }, { try $0.delete(key) }, { try $0.touch(key, time: 9) },
        ] {
            let client = try client(server.address)
            expectFailure(.badKey) { try call(client) }
        }
        #expect(try client(server.address).get("kept", as: String.self) == "1")
    }

    @Test func credentialsAreForTheBinaryProtocol() throws {
        let server = try MemcachedServer.shared(.sasl)
        let account = try #require(server.options.account)
        let client = try Client(
            [server.address],
            protocol: .automatic,
            username: account.username,
            password: account.password,
            behaviors: .patient
        )
        #expect(client.wireProtocol == .binary)
        let keys = uniqueKeys(20)
        #expect(try client.setMulti(keys.map { ($0, "1") }).isEmpty)
        for _ in 0..<3 { #expect(try client.getMulti(keys, as: String.self).count == 20) }
        #expect(try client.incr(keys[0]) == 2)
    }

    @Test func withoutThemTheRefusalIsTheBinaryOne() throws {
        let server = try MemcachedServer.shared(.sasl)
        let (client, plain) = (try client(server.address), try Client([server.address], behaviors: .patient))
        for _ in 0..<2 {
            for call: (Client) throws -> Void in [
                { _ = try $0.get("k", as: String.self) }, { try $0.incr("k") },
                { _ = try $0.getMulti(["k", "l"], as: String.self) }, { try $0.deleteMulti(["k", "l"]) },
            ] {
                let expected = #expect(throws: MemcachedError.self) { try call(plain) }
                let error = #expect(throws: MemcachedError.self) { try call(client) }
                #expect(error?.code == expected?.code)
            }
        }
    }

    @Test func datagramsGoAsTheyDid() throws {
        let server = try MemcachedServer.start(.udp)
        let client = try client(server.address)
        #expect(client.wireProtocol == .binary)
        #expect(try client.set("k", "1"))
        expectFailure(.notSupported) { try client.getMulti(["k", "l"], as: String.self) }
    }

    @Test func anAddressDecides() throws {
        let server = try MemcachedServer.start()
        let text = try Client(["memcached://\(server.address)?protocol=ascii"], protocol: .automatic)
        #expect(text.wireProtocol == .text)
        let binary = try Client(["memcached://\(server.address)?protocol=binary"], protocol: .automatic)
        #expect(binary.wireProtocol == .binary)
        #expect(try Client([server.address], protocol: .text).wireProtocol == .text)
        #expect(try Client([server.address], protocol: .binary).wireProtocol == .binary)
    }

    @Test("A server that is not there yet is asked for its protocol when it is")
    func serversAreMetLater() throws {
        let server = try MemcachedServer.start("-B", "ascii")
        server.kill()
        let client = try client(server.address, Self.behaviors)
        for _ in 0..<2 { #expect(throws: MemcachedError.self) { try client.set("k", "1") } }
        try server.restart()
        #expect(eventually { (try? client.set("k", "1")) == true })
        #expect(client.wireProtocol == .text)
        #expect(try client.getMulti(["k", "l"], as: String.self) == ["k": "1"])
    }
}
