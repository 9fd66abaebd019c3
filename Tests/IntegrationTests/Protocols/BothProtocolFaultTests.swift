import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// What happens to commands that go as text beside a binary connection if something goes wrong.
@Suite("Faults with both protocols", .blocking, .timeLimit(.minutes(5)))
struct BothProtocolFaultTests {
    private static let behaviors: Behaviors = {
        var behaviors = Behaviors.default
        behaviors.pollTimeout = .milliseconds(300)
        behaviors.connectTimeout = .milliseconds(500)
        behaviors.retryTimeout = .seconds(1)
        return behaviors
    }()

    private func warm(_ addresses: [String], _ behaviors: Behaviors = behaviors) throws -> Client {
        let client = try Client(addresses, protocol: .automatic, behaviors: behaviors)
        let keys = uniqueKeys(200)
        for _ in 0..<2 { #expect(try client.getMulti(keys, as: String.self).isEmpty) }
        return client
    }

    private static func unknowing(_ text: @escaping @Sendable (FakeRequest) -> String) -> FakeScript {
        // In the binary protocol it has nothing, says so, and answers what is asked for quietly with silence.
        .answering { request in
            guard let opcode = request.opcode else {
                return Array((request.line == "version" ? "VERSION 1.6.18\r\n" : text(request)).utf8)
            }
            let quietGets: [UInt8] = [0x09, 0x0D]
            return quietGets.contains(opcode) ? [] : request.binaryReply(status: request.isNoOperation ? 0 : 1)
        }
    }

    /// An item after which so much has come that the one before it is looked at as a whole.
    private static let more = "VALUE l 0 100\r\n\(String(repeating: "x", count: 100))\r\nEND\r\n"

    @Test(
        "Replies that are none are no values",
        arguments: [
            "VALUE other 0 1\r\n1\r\nEND\r\n", "VALUE k 0 1\r\n1\r\nVALUE k 0 1\r\n2\r\nEND\r\n",
            "VALUE kk 0 1\r\n1\r\nEND\r\n",
        ],
        [false, true]
    )
    func itemsThatNobodyAskedFor(reply: String, isLong: Bool) throws {
        let reply = reply + (isLong ? Self.more : "")
        let server = try FakeServer(Self.unknowing { $0.line.hasSuffix(" k l") ? reply : "END\r\n" })
        let client = try warm([server.address])
        let error = expectFailure(.protocolError) { try client.getMulti(["k", "l"], as: String.self) }
        #expect(error?.detail.contains("not asked for") == true)
    }

    @Test(
        "A reply that is broken off or makes no sense is asked for again in binary",
        arguments: [
            "VALUE k 0 -1\r\n\r\nEND\r\n", "VALUE k 0 99999999999\r\n", "VALUE k 0 1\r\n12\r\nEND\r\n",
            "VALUE k x 1\r\n1\r\nEND\r\n",
            "VALUE k 0\r\n1\r\nEND\r\n", "VALUE k 0 1 2 3\r\n1\r\nEND\r\n", "HTTP/1.1 400 Bad Request\r\n",
            "SERVER_ERROR down\r\n",
            "ERROR\r\n", "END\r\nEND\r\n", "VALUE k 0 1\n1\nEND\n", "VALUE k 4294967296 1\r\n1\r\nEND\r\n",
        ]
    )
    func nonsense(reply: String) throws {
        let server = try FakeServer(
            Self.unknowing { request in
                request.line.hasSuffix(" k l") ? reply : "END\r\n"
            }
        )
        let client = try warm([server.address])
        for _ in 0..<3 { #expect(try client.getMulti(["k", "l"], as: String.self).isEmpty) }
    }

    @Test(arguments: ["7", "NOT_FOUNDX", "", "-1", "18446744073709551616", "STORED", "1 2"])
    func aCountOnlyComesOfANumber(reply: String) throws {
        let server = try FakeServer(Self.unknowing { $0.line.hasPrefix("get") ? "END\r\n" : "\(reply)\r\n" })
        let client = try warm([server.address])
        if reply == "7" {
            #expect(try client.incr("k") == 7)
        } else {
            let error = expectFailure(.connectionFailure) { try client.incr("k") }
            #expect(error?.isOutcomeUnknown == true && error?.key == "k")
        }
    }

    @Test(arguments: ["SERVER_ERROR out of memory", "SERVER_ERROR proxy", "CLIENT_ERROR bad", "ERROR"])
    func refusalsAreErrors(reply: String) throws {
        let server = try FakeServer(Self.unknowing { $0.line.hasPrefix("get") ? "END\r\n" : "\(reply)\r\n" })
        let client = try warm([server.address])
        let error = #expect(throws: MemcachedError.self) { try client.incr("k") }
        #expect(error?.isOutcomeUnknown == (reply == "SERVER_ERROR proxy"))
        #expect(error?.server == client.servers[0] && error?.key == "k" && error?.operation == "incr")
        // That is about single items, and no failure of the call.
        if error?.code == .serverMemoryAllocationFailure { return }
        let many = #expect(throws: MemcachedError.self) { try client.deleteMulti(["k", "l"]) }
        #expect(many?.code == error?.code)
    }

    @Test func aStoppedServerTimesOutOnce() throws {
        let server = try MemcachedServer.start()
        let client = try warm([server.address])
        #expect(try client.setMulti(["a": "1", "b": "2"]).isEmpty)
        try server.whileSuspended {
            for call: () throws -> Void in [
                { _ = try client.getMulti(["a", "b"], as: String.self) }, { try client.incr("a") },
                { try client.deleteMulti(["c", "d"]) },
            ] {
                let start = ContinuousClock.now
                let error = expectFailure(.timeout) { try call() }
                #expect(error?.server == client.servers[0])
                #expect(ContinuousClock.now - start < .milliseconds(900))
            }
            // As with one protocol, it is left alone then.
            expectFailure(.serverTemporarilyDisabled) { try client.getMulti(["a", "b"], as: String.self) }
        }
        #expect(eventually { (try? client.getMulti(["a", "b"], as: String.self).count) == 2 })
        #expect(try client.getMulti(["a", "b"], as: String.self)["b"] == "2")
    }

    @Test func oneStoppedServerOfThreeCostsOnlyItsKeys() throws {
        let cluster = try MemcachedCluster(count: 3)
        let client = try warm(cluster.addresses)
        let keys = uniqueKeys(300)
        #expect(try client.setMulti(keys.map { ($0, "1") }).isEmpty)
        let lost = try keys.filter { try client.server(for: $0) == client.servers[1] }
        try cluster[1].whileSuspended {
            let found = try client.getMulti(keys, as: String.self)
            #expect(Set(found.keys) == Set(keys).subtracting(lost))
        }
    }

    @Test("A reply that has begun is read to its end, though another server is late meanwhile")
    func slowRepliesBesideAStoppedServer() throws {
        let cluster = try MemcachedCluster(count: 2)
        let proxy = try FaultProxy(to: cluster.addresses[1])
        let client = try warm([cluster.addresses[0], proxy.address])
        let keys = uniqueKeys(16)
        #expect(try client.setMulti(keys.map { ($0, "1") }).isEmpty)
        let slow = try keys.filter { try client.server(for: $0) == client.servers[1] }
        proxy.fault = .dripReplies(pause: .milliseconds(4))
        try cluster[0].whileSuspended {
            let found = try client.getMulti(keys, as: String.self)
            #expect(Set(found.keys) == Set(slow))
        }
    }

    @Test func aRestartedServerIsAskedAtOnce() throws {
        let server = try MemcachedServer.start()
        let client = try warm([server.address])
        for round in 0..<5 {
            try server.restart()
            switch round {
            case 0, 4: #expect(try client.getMulti(["a", "b"], as: String.self).isEmpty)
            case 1: #expect(try client.incr("n", initial: 3) == 3)
            case 2: #expect(try !client.deleteMulti(["a", "b"]))
            default: #expect(try client.touchMulti(["a", "b"], time: 9).count == 2)
            }
            #expect(try client.set("n", "1"))
            for _ in 0..<3 { #expect(try client.getMulti(["n", "b"], as: String.self) == ["n": "1"]) }
        }
    }

    @Test func aDeadServersKeysFail() throws {
        let cluster = try MemcachedCluster(count: 2)
        let client = try warm(cluster.addresses)
        let log = ErrorLog(of: client)
        let keys = uniqueKeys(100)
        #expect(try client.setMulti(keys.map { ($0, "1") }).isEmpty)
        let lost = try Set(keys.filter { try client.server(for: $0) == client.servers[0] })
        cluster[0].kill()
        for _ in 0..<4 {
            #expect(try Set(client.getMulti(keys, as: String.self).keys) == Set(keys).subtracting(lost))
            #expect(log.take().map(\.server) == [client.servers[0]])
            let key = try #require(lost.first)
            #expect(throws: MemcachedError.self) { try client.incr(key) }
        }
        try cluster[0].restart()
        #expect(eventually { (try? client.set(lost.first ?? "", "1")) == true })
        #expect(try client.getMulti(keys, as: String.self).count == 100 - lost.count + 1)
    }

    @Test("Keys are where the binary protocol has them, while servers are left out and come back")
    func ejection() throws {
        let cluster = try MemcachedCluster(count: 3)
        var behaviors = Self.behaviors
        behaviors.ketama = true
        behaviors.removeFailed = 1
        behaviors.retryTimeout = .seconds(1)
        behaviors.deadTimeout = .seconds(2)
        let client = try warm(cluster.addresses, behaviors)
        let plain = try Client(cluster.addresses, behaviors: behaviors)
        let keys = uniqueKeys(300)
        func agree() throws -> Bool {
            // Each with the other's view, so that neither reads where the other has not written.
            guard try client.setMulti(keys.map { ($0, "1") }).isEmpty,
                try client.getMulti(keys, as: String.self).count == 300,
                try plain.getMulti(keys, as: String.self).count == 300,
                try plain.setMulti(keys.map { ($0, "2") }).isEmpty
            else { return false }
            return try client.getMulti(keys, as: String.self).values.allSatisfy { $0 == "2" }
        }
        #expect(try agree())
        cluster[1].kill()
        #expect(eventually(timeout: .seconds(20)) { (try? agree()) == true })
        for _ in 0..<20 {
            let values = try client.getMulti(keys, as: String.self)
            #expect(values.values.allSatisfy { $0 == "2" || $0 == "1" })
        }
        try cluster[1].restart()
        #expect(
            eventually(timeout: .seconds(30)) {
                (try? agree() && plain.getMulti(keys, as: String.self).count == 300) == true
                    && (try? cluster[1].client().getStats().first?.stats["curr_items"]) != "0"
            }
        )
    }

    @Test("A text connection that breaks is made anew, and nothing is counted twice", arguments: [true, false])
    func cutConnections(reset: Bool) throws {
        let server = try MemcachedServer.start()
        let proxy = try FaultProxy(to: server.address)
        let client = try warm([proxy.address])
        #expect(try client.setMulti(["a": "1", "n": "0"]).isEmpty)
        var certain = 0
        var unknown = 0
        for _ in 0..<30 {
            proxy.cutConnections(reset: reset)
            #expect(try client.getMulti(["a", "b"], as: String.self) == ["a": "1"])
            do throws(MemcachedError) {
                try client.incr("n")
                certain += 1
            } catch {
                unknown += error.isOutcomeUnknown ? 1 : 0
            }
        }
        let value = try #require(try server.client().get("n", as: Int.self))
        #expect((certain...certain + unknown).contains(value))
    }

    @Test("A slow reply is waited for, a silent one is not")
    func slowReplies() throws {
        let server = try MemcachedServer.start()
        let proxy = try FaultProxy(to: server.address)
        let client = try warm([proxy.address])
        #expect(try client.setMulti(["a": "1", "b": "2"]).isEmpty)
        proxy.fault = .dripReplies(pause: .milliseconds(5))
        #expect(try client.getMulti(["a", "b"], as: String.self) == ["a": "1", "b": "2"])
        proxy.fault = .muteReplies
        expectFailure(.timeout) { try client.getMulti(["a", "b"], as: String.self) }
    }
}
