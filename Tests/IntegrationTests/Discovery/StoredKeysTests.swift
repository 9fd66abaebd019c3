import Foundation
import TestSupport
import Testing

@testable import SwiftLibMC

/// Listing what servers hold.
@Suite("Stored keys", .timeLimit(.minutes(2)))
struct StoredKeysTests {
    private func client(_ servers: [String], binary: Bool = true) throws -> Client {
        var behaviors = Behaviors.default
        behaviors.pollTimeout = .seconds(10)
        return try Client(servers, binary: binary, behaviors: behaviors)
    }

    private func keys(_ client: Client) throws -> [String: StoredKey] {
        var found: [String: StoredKey] = [:]
        try client.forEachStoredKey { _, key in found[key.text] = key }
        return found
    }

    @Test(.memcachedCluster(count: 2), arguments: [true, false])
    func allKeysOfAllServersAreFound(binary: Bool) throws {
        let servers = try #require(MemcachedCluster.current).servers
        let client = try client(servers.map(\.address), binary: binary)
        let keys = uniqueKeys(2000)
        #expect(try client.setMulti(Dictionary(uniqueKeysWithValues: keys.map { ($0, "x") })) == [])
        var found: [String: Server] = [:]
        try client.forEachStoredKey { server, key in found[key.text] = server }
        #expect(found == Dictionary(uniqueKeysWithValues: try keys.map { ($0, try client.server(for: $0)) }))
    }

    @Test(.memcached())
    func keysSizesAndExpirationsAreTold() throws {
        let client = try client([#require(MemcachedServer.current).address])
        let odd = "a b=c%\u{FC}\n"
        try client.set(odd, [UInt8](repeating: 0, count: 1000))
        try client.set("soon", "x", time: .hours(1))
        let keys = try keys(client)
        #expect(keys.count == 2)
        let first = try #require(keys[odd])
        #expect(first.expiration == nil)
        #expect((1000..<1200).contains(first.size))
        let expiration = try #require(keys["soon"]?.expiration)
        let now = Int(Date().timeIntervalSince1970)
        #expect((3000...3700).contains(expiration - now))
    }

    /// memcached moves an item from one list to another after it has been read.
    @Test(.memcached())
    func keysThatAreBeingReadAreFound() throws {
        let client = try client([#require(MemcachedServer.current).address])
        try client.set("one", 1)
        try client.set("two", 2)
        for _ in 1...100 {
            _ = try client.getMulti(["one", "two"], as: Int.self)
            #expect(try keys(client).keys.sorted() == ["one", "two"])
        }
    }

    @Test func serversThatCantWalkTheirHashTableAreAskedForTheirLists() throws {
        let list = "key=a exp=-1 la=1700000000 cas=2 fetch=no cls=1 size=63\r\nEND\r\n"
        let server = try FakeServer(
            .answering { request in
                Array((request.line.hasSuffix("metadump all") ? list : "BADCLASS invalid class id\r\n").utf8)
            }
        )
        #expect(try keys(client([server.address])).keys.sorted() == ["a"])
    }

    @Test(.memcached(.unix))
    func unixSocketsAreAsked() throws {
        let client = try client([#require(MemcachedServer.current).address])
        #expect(try keys(client).isEmpty)
        try client.set("a", 1)
        #expect(try keys(client).count == 1)
    }

    @Test(.memcached("-X"))
    func aRefusalHasTheServersReason() throws {
        let client = try client([#require(MemcachedServer.current).address])
        let error = #expect(throws: MemcachedError.self) { try keys(client) }
        #expect(error?.code == .notSupported)
        #expect(error?.detail == "the server does not list its keys: metadump not allowed")
    }

    @Test func passwordsRuleItOut() throws {
        let client = try Client(["127.0.0.1"], username: "u", password: "p")
        let error = #expect(throws: MemcachedError.self) { try keys(client) }
        #expect(error?.code == .notSupported)
    }

    @Test(arguments: ["HTTP/1.1 400\r\n", "key=%zz exp=-1 size=5\r\n", "key=a exp=-1\r\n", "key=a size=1 exp=x\r\n"])
    func garbageIsAProtocolError(reply: String) throws {
        let server = try FakeServer(.answering(reply))
        let error = #expect(throws: MemcachedError.self) { try keys(client([server.address])) }
        #expect(error?.code == .protocolError)
    }

    /// As memcached 1.6.43 and newer begin.
    @Test(arguments: [0, 1, 2]) func aListMayBeginWithOK(count: Int) throws {
        let lines = (0..<count).map { "key=k\($0) exp=-1 la=1700000000 cas=2 fetch=no cls=1 size=63\r\n" }
        let server = try FakeServer(.answering("OK\r\n\(lines.joined())END\r\n"))
        #expect(try keys(client([server.address])).keys.sorted() == (0..<count).map { "k\($0)" })
    }

    @Test func onlyTheBeginningIsOK() throws {
        let server = try FakeServer(.answering("OK\r\nkey=a exp=-1 size=9\r\nOK\r\nEND\r\n"))
        let error = #expect(throws: MemcachedError.self) { try keys(client([server.address])) }
        #expect(error?.code == .protocolError)
    }

    /// Where there is always something to read, nobody waits, and yet the time passes.
    @Test func repliesThatNeverPauseEndInTime() throws {
        let line = Array("STAT a b\r\n".utf8)
        // Fewer than a reply may have.
        let lines = Array(repeatElement(line, count: 1_500_000).joined())
        let server = try FakeServer(FakeScript([.request, .send(lines), .stall]))
        var connection = try AdminConnection(
            to: Server(parsing: server.address),
            Patience(.milliseconds(20)),
            for: .getStats
        )
        try connection.send("stats")
        let error = #expect(throws: MemcachedError.self) { while true { _ = try connection.readLine() } }
        #expect(error?.code == .timeout)
        #expect(error?.detail.contains("the reply did not end in time") == true, "\(error.debugDescription)")
    }

    /// Much more than there may be of anything else, and nothing of it is kept; in a process whose memory nobody else uses.
    @Test(.enabled(if: !isSanitized)) func repliesOfAnyLengthTakeLittleMemory() async {
        await #expect(processExitsWith: .success) {
            let line = [UInt8](repeating: 65, count: 60_000) + [13, 10]
            let lineCount = 2000
            let server = try FakeServer(FakeScript([.request] + Array(repeating: .send(line), count: lineCount)))
            var connection = try AdminConnection(
                to: Server(parsing: server.address),
                Patience(.seconds(60)),
                for: .forEachStoredKey
            )
            try connection.send("lru_crawler metadump all")
            let before = try residentMemory()
            for _ in 0..<lineCount {
                let count = try connection.readLineBytes().count
                try #require(count == 60_000)
                connection.budget = AdminConnection.longestReply
            }
            // The lines have 120 MB.
            let after = try residentMemory()
            try #require(after - before < 60 << 20)
        }
    }

    @Test func busyServersAreErrors() throws {
        let server = try FakeServer(.answering("BUSY currently processing crawler request\r\n"))
        let error = #expect(throws: MemcachedError.self) { try keys(client([server.address])) }
        #expect(error?.code == .serverError)
    }

    @Test func silenceIsATimeout() throws {
        let server = try FakeServer(.stalling(afterSending: Array("key=a exp=-1 size=9\r\n".utf8)))
        var count = 0
        let error = #expect(throws: MemcachedError.self) {
            try client([server.address]).forEachStoredKey(patience: .milliseconds(100)) { _, _ in count += 1 }
        }
        #expect(error?.code == .timeout)
        #expect(count == 1)
    }

    @Test(.memcached())
    func errorsOfTheBodyPassThrough() throws {
        struct Enough: Error {}
        let client = try client([#require(MemcachedServer.current).address])
        try client.set("a", 1)
        #expect(throws: Enough.self) { try client.forEachStoredKey { _, _ in throw Enough() } }
        #expect(try keys(client).count == 1)
    }
}
