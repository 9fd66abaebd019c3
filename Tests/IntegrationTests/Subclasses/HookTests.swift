import SwiftLibMC
import TestSupport
import Testing

/// What the hooks `serialize` and `deserialize` may do, and when they run.
@Suite("Hooks", .timeLimit(.minutes(5)))
struct HookTests {
    struct Refusal: Error, Equatable {
        let number: Int
    }

    /// Refuses the number 13, both ways.
    private final class SuperstitiousClient: Client {
        override func serialize<V: Encodable>(_ value: V) throws -> Payload {
            if value as? Int == 13 { throw Refusal(number: 13) }
            return try super.serialize(value)
        }

        override func deserialize<V: Decodable>(_ bytes: RawSpan, flags: Flags, as type: V.Type) throws -> V {
            let value = try super.deserialize(bytes, flags: flags, as: type)
            if value as? Int == 13 { throw Refusal(number: -13) }
            return value
        }
    }

    /// Keeps count of the values in the cache itself.
    private final class CountingClient: Client {
        var counterKey = ""

        override func serialize<V: Encodable>(_ value: V) throws -> Payload {
            try incr(counterKey, initial: 1)
            #expect(try items([counterKey]).count == 1)
            return try super.serialize(value)
        }

        override func deserialize<V: Decodable>(_ bytes: RawSpan, flags: Flags, as type: V.Type) throws -> V {
            let before = Array(copying: bytes)
            try incr(counterKey, initial: 1)
            #expect(try withBytes(counterKey) { $0.byteCount > 0 } == true)
            // The bytes that are lent to the hook stay as they are meanwhile.
            #expect(Array(copying: bytes) == before)
            return try super.deserialize(bytes, flags: flags, as: type)
        }
    }

    @Test(.hazard(24), arguments: Route.protocols)
    func theirErrorsAreWrapped(_ route: Route) throws {
        let client = try SuperstitiousClient([route.server.address], binary: route.isBinary, behaviors: .patient)
        let (key, other) = (uniqueKey(), uniqueKey())
        try client.set(other, 1)
        let writes: [(String, () throws -> Void)] = [
            ("set", { try client.set(key, 13) }),
            ("add", { _ = try client.add(key, 13) }),
            ("replace", { _ = try client.replace(other, 13) }),
            ("cas", { _ = try client.cas(other, 13, cas: CAS(rawValue: 1)) }),
            ("setMulti", { _ = try client.setMulti([key: 13]) }),
            ("setMulti", { _ = try client.setMulti([other: 2, key: 13]) }),
            ("addMulti", { _ = try client.addMulti([(key, 13)]) }),
        ]
        for (operation, write) in writes {
            let error = expectFailure(.serialization) { try write() }
            #expect(error?.operation == operation)
            #expect(error?.underlying as? Refusal == Refusal(number: 13))
        }
        #expect(try !client.contains(key))
        #expect(try client.get(other) == 1)

        try route.client().set(key, 13)
        let reads: [(String, () throws -> Void)] = [
            ("get", { _ = try client.get(key, as: Int.self) }),
            ("gets", { _ = try client.gets(key, as: Int.self) }),
            ("getMulti", { _ = try client.getMulti([other, key], as: Int.self) }),
            ("getMultiArray", { _ = try client.getMultiArray([key, other], as: Int.self) }),
            ("getsMulti", { _ = try client.getsMulti([key], as: Int.self) }),
            ("decode", { _ = try client.decode(try #require(try client.item(key)), as: Int.self) }),
        ]
        for (operation, read) in reads {
            let error = expectFailure(.deserialization) { try read() }
            #expect(error?.operation == operation)
            #expect(error?.key == key)
            #expect(error?.underlying as? Refusal == Refusal(number: -13))
            // All has been read, so what comes next is right.
            #expect(try client.get(other) == 1)
        }
    }

    @Test(.hazard(24), arguments: Fleet.allCases)
    func theyMayUseTheClient(_ fleet: Fleet) throws {
        let client = try CountingClient(
            fleet.addresses,
            binary: fleet.route.isBinary,
            username: fleet.route.options.account?.username,
            password: fleet.route.options.account?.password,
            behaviors: fleet.placing(.patient)
        )
        client.counterKey = uniqueKey("counter")
        let keys = uniqueKeys(20)
        try client.set(keys[0], 0)
        #expect(try client.get(keys[0]) == 0)
        #expect(try client.setMulti(keys.enumerated().map { ($1, $0) }) == [])
        #expect(try client.getMultiArray(keys) == Array(0..<20))
        #expect(try client.getMulti(keys, as: Int.self).count == 20)
        #expect(try client.gets(keys[3], as: Int.self)?.value == 3)
        #expect(try client.update(keys[4], as: Int.self) { $0.map { $0 + 1 } } == 5)
        client.compression = Compression(minLength: 1)
        let long = String(repeating: "long ", count: 100)
        try client.set(keys[5], long)
        #expect(try client.get(keys[5]) == long)
        // Once for each value that has gone either way.
        let plain = try fleet.client()
        #expect(try plain.get(client.counterKey) == 2 + 20 + 20 + 20 + 1 + 2 + 2)
    }

    @Test(arguments: [true, false])
    func nothingIsSentBeforeAllHaveRun(binary: Bool) throws {
        let server = try FakeServer(.silent)
        let client = try SuperstitiousClient([server.address], binary: binary, behaviors: .patient)
        let pairs = (0..<20).map { ("key-\($0)", $0) }
        expectFailure(.serialization) { try client.setMulti(pairs) }
        expectFailure(.serialization) { try client.addMulti(pairs) }
        expectFailure(.serialization) { try client.replaceMulti(pairs) }
        expectFailure(.serialization) { try client.setMulti(["a": "x", "b": 13] as [String: any Encodable]) }
        expectFailure(.serialization) { try client.set("a", 13) }
        #expect(server.connectionCount == 0)
    }

    @Test(arguments: Route.protocols)
    func countersAndRawBytesDoNotConcernThem(_ route: Route) throws {
        let client = try SuperstitiousClient([route.server.address], binary: route.isBinary, behaviors: .patient)
        let key = uniqueKey()
        #expect(try client.incr(key, initial: 12) == 12)
        #expect(try client.incr(key) == 13)
        #expect(try client.append(key, "0"))
        #expect(try client.withBytes(key) { String(validating: $0) } == "130")
    }
}
