import SwiftLibMC
import TestSupport
import Testing

/// The limit to what a value may have that is read.
@Suite("Limit of values", .timeLimit(.minutes(2)))
struct ValueLimitTests {
    @Test(.enabled(if: MemcachedServer.isInstalled), arguments: Route.protocols)
    func longerValuesAreErrorsOfEveryRead(_ route: Route) throws {
        let client = try route.client()
        let (key, other) = (uniqueKey(), uniqueKey())
        #expect(client.maxValueBytes == 64 << 20)
        _ = try client.setMulti([key: [UInt8](repeating: 1, count: 1000), other: [UInt8](repeating: 2, count: 10)])
        client.maxValueBytes = 999
        let error = expectFailure(.tooBig) { try client.get(key, as: [UInt8].self) }
        #expect(error?.key == key && error?.server == client.servers[0])
        #expect(error?.detail.contains("1000 bytes") == true && error?.detail.contains("999") == true)
        expectFailure(.tooBig) { try client.gets(key, as: [UInt8].self) }
        expectFailure(.tooBig) { try client.item(key) }
        expectFailure(.tooBig) { try client.withBytes(key) { _ in } }
        expectFailure(.tooBig) { try client.gat(key, time: 100, as: [UInt8].self) }
        try foundBesides(key, other, client)
        #expect(try client.get(other) == [UInt8](repeating: 2, count: 10))
        client.maxValueBytes = 1000
        #expect(try client.get(key) == [UInt8](repeating: 1, count: 1000))
        #expect(try client.getMulti([key, other], as: [UInt8].self).count == 2)
    }

    /// The long ones are not even read.
    @Test(.enabled(if: MemcachedServer.isInstalled), arguments: [true, false], [0, 5000])
    func longValuesTakeNoMemory(binary: Bool, minCompressLen: Int) throws {
        let server = try MemcachedServer.start("-I", "8m", "-m", "256")
        let client = try Client([server.address], binary: binary, behaviors: .patient)
        let bytes = (0..<5 << 20).map { _ in UInt8.random(in: 0...255) }
        try client.set("long", bytes, minCompressLen: minCompressLen)
        _ = try client.setMulti(["a": 1, "b": 2, "c": 3])
        client.maxValueBytes = 2 << 20
        for _ in 0..<3 {
            let error = expectFailure(.tooBig) { try client.get("long", as: [UInt8].self) }
            #expect(error?.key == "long" && error?.detail.contains("\(2 << 20)") == true)
            #expect(try client.get("a", as: Int.self) == 1)
            try foundBesides("long", "b", client)
            #expect(try client.getMulti(["a", "b", "c"], as: Int.self) == ["a": 1, "b": 2, "c": 3])
        }
        client.maxValueBytes = 8 << 20
        #expect(try client.get("long") == bytes)
        #expect(try client.getMulti(["long", "a"], as: [UInt8].self)["long"] == bytes)
    }

    /// A call for both finds the short one.
    private func foundBesides(_ long: String, _ other: String, _ client: Client) throws {
        client.partialFailures = .throwing
        let error = expectFailure(.tooBig) { try client.getMulti([long, other], as: [UInt8].self) }
        #expect(error?.key == long)
        #expect(error?.partialResult?.failedKeys == [long])
        #expect(error?.partialResult?.items.map(\.key) == [Array(other.utf8)])
    }

    @Test(arguments: [true, false]) func announcedLengthsTakeNoMemory(binary: Bool) throws {
        let reply = FakeScript.Step.answer { request in
            guard binary else { return Array("VALUE key 0 4294967000\r\nabc".utf8) }
            var reply = request.binaryReply(flags: [0, 0, 0, 0], key: "key")
            reply.replaceSubrange(8..<12, with: [0xFF, 0xFF, 0xFF, 0])
            return reply
        }
        let server = try FakeServer(FakeScript([.request, reply, .stall]))
        let client = try Client([server.address], binary: binary, behaviors: .patient)
        let start = ContinuousClock.now
        for _ in 0..<3 {
            let error = expectFailure(.tooBig) { try client.get("key", as: [UInt8].self) }
            #expect(error?.key == "key" && error?.server?.description == server.address)
            #expect(error?.detail.contains("about 419430") == true)
        }
        expectFailure(.tooBig) { try client.getMulti(["key"], as: [UInt8].self) }
        // Nobody waits for the rest.
        #expect(ContinuousClock.now - start < .seconds(5))
    }
}
