import SwiftLibMC
import TestSupport
import Testing

/// Keys that can't be sent: always refused, by every operation, before anything is sent.
@Suite("Keys that are refused", .timeLimit(.minutes(5)))
struct BadKeyTests {
    static let tooLong = String(repeating: "k", count: 251)
    static let onlyInBinary = [" ", "a b", "a\nb", "a\r\nset owned 0 0 1\r\nx", "tab\t", "nul\0", "\u{7F}", "\u{1}"]

    @Test(.hazard(38, 42, 43), arguments: [true, false])
    func byEveryOperationBeforeAnythingIsSent(binary: Bool) throws {
        let server = try FakeServer(.silent)
        let client = try Client([server.address], binary: binary, behaviors: .patient)
        for command in Command.keyed {
            for key in ["", Self.tooLong] + (binary ? [] : Self.onlyInBinary) {
                let error = expectFailure(.badKey, "\(command)") { try command.run(client, key) }
                #expect(error?.operation == command.operation)
                #expect(error?.key == key)
                #expect(error?.isRetriable == false)
            }
        }
        for key in ["", Self.tooLong] {
            expectFailure(.badKey) { try client.update(key, as: Int.self) { _ in 1 } }
            expectFailure(.badKey) { try client.hash(key) }
            expectFailure(.badKey) { try client.server(for: key) }
        }
        #expect(server.connectionCount == 0)
    }

    @Test(.hazard(41, 42), arguments: [true, false])
    func whateverVerifyKeysSays(verify: Bool) throws {
        let client = try Route.asciiTCP.client(Behaviors(verifyKeys: verify))
        expectFailure(.badKey) { try client.set("a b", 1) }
        expectFailure(.badKey) { try client.getMulti(["ok", "a b"], as: Int.self) }
    }

    @Test(.hazard(39), arguments: [true, false])
    func oneBadKeyOfManyStopsTheWholeCall(binary: Bool) throws {
        let server = try FakeServer(.silent)
        let client = try Client([server.address], binary: binary, behaviors: .patient)
        let keys = ["good", "better", "", "best"]
        let pairs = keys.map { ($0, 1) }
        let calls: [() throws -> Void] = [
            { _ = try client.getMulti(keys, as: Int.self) },
            { _ = try client.getMultiArray(keys, as: Int.self) },
            { _ = try client.getsMulti(keys, as: Int.self) },
            { _ = try client.items(keys) },
            { _ = try client.setMulti(pairs) },
            { _ = try client.addMulti(pairs) },
            { _ = try client.replaceMulti(pairs) },
            { try client.deleteMulti(keys) },
            { try client.touchMulti(keys, time: 1) },
            { try client.incrMulti(keys) },
            { try client.decrMulti(keys) },
        ]
        for call in calls { expectFailure(.badKey) { try call() } }
        #expect(server.connectionCount == 0)
    }

    @Test(.hazard(42, 43)) func nothingCanBeInjected() throws {
        let client = try Route.asciiTCP.client()
        let victim = uniqueKey()
        for key in ["x\r\nset \(victim) 0 0 5\r\nowned\r\n", "x 0 0 1\r\ny\r\nset \(victim) 0 0 5\r\nowned"] {
            for command in Command.keyed { expectFailure(.badKey) { try command.run(client, key) } }
            expectFailure(.badKey) { try client.getMulti(["k"], keyPrefix: key, as: Int.self) }
            expectFailure(.badKey) { try client.get(GroupedKey(group: "g", key: key), as: Int.self) }
            // A group is not sent, so that it may be anything.
            #expect(try client.get(GroupedKey(group: key, key: victim), as: Int.self) == nil)
        }
        #expect(try client.get(victim, as: String.self) == nil)
    }

    @Test(.hazard(38), arguments: Route.protocols)
    func theLastGoodLengthIs250(_ route: Route) throws {
        let client = try route.client()
        let base = uniqueKey()
        for length in [249, 250] {
            let key = base + String(repeating: "x", count: length - base.utf8.count)
            try client.set(key, length)
            #expect(try client.get(key) == length)
            #expect(try client.getMulti([key]) == [key: length])
            #expect(try client.incr(key) == UInt64(length + 1))
            #expect(try client.deleteMulti([key]))
        }
    }

    @Test(arguments: Route.protocols)
    func lengthsCountBytesNotCharacters(_ route: Route) throws {
        let client = try route.client()
        try client.set(String(repeating: "é", count: 125), 1)
        let error = expectFailure(.badKey) { try client.set(String(repeating: "é", count: 126), 1) }
        #expect(error?.detail.contains("252") == true)
    }

    @Test(.hazard(39), arguments: Route.protocols)
    func theNamespaceCounts(_ route: Route) throws {
        let namespace = uniqueKey("ns")
        let client = try route.client(.namespace(namespace))
        let longest = String(repeating: "k", count: 250 - namespace.utf8.count)
        try client.set(longest, 1)
        #expect(try client.get(longest) == 1)
        #expect(try client.getMulti([longest]) == [longest: 1])
        expectFailure(.badKey) { try client.set(longest + "k", 1) }
        expectFailure(.badKey) { try client.getMulti(["a", longest + "k"], as: Int.self) }
        // Without it there is room again.
        #expect(try route.client().get(namespace + longest) == 1)
    }

    @Test(arguments: Route.protocols)
    func thePrefixCounts(_ route: Route) throws {
        let client = try route.client()
        let prefix = uniqueKey("prefix")
        let longest = String(repeating: "k", count: 250 - prefix.utf8.count)
        #expect(try client.setMulti([longest: 1], keyPrefix: prefix) == [])
        #expect(try client.getMulti([longest], keyPrefix: prefix) == [longest: 1])
        let tooLong = longest + "k"
        expectFailure(.badKey) { try client.setMulti([tooLong: 1], keyPrefix: prefix) }
        expectFailure(.badKey) { try client.getMulti([tooLong], keyPrefix: prefix, as: Int.self) }
        expectFailure(.badKey) { try client.deleteMulti([tooLong], keyPrefix: prefix) }
        expectFailure(.badKey) { try client.touchMulti([tooLong], keyPrefix: prefix, time: 1) }
        expectFailure(.badKey) { try client.incrMulti([tooLong], keyPrefix: prefix) }
    }

    @Test func theErrorSaysWhatIsWrong() throws {
        let client = try Route.asciiTCP.client()
        #expect(expectFailure(.badKey) { try client.set("", 1) }?.detail.contains("empty") == true)
        #expect(expectFailure(.badKey) { try client.set(Self.tooLong, 1) }?.detail.contains("251 bytes") == true)
        #expect(expectFailure(.badKey) { try client.set("a b", 1) }?.detail.contains("blank") == true)
    }
}
