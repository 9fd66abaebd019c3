import TestSupport
import Testing

@testable import SwiftLibMC

/// What a server knows of an item beside its value.
@Suite("Metadata", .timeLimit(.minutes(2)))
struct MetadataTests {
    @Test(arguments: Route.protocols)
    func whatWasStoredIsTold(_ route: Route) throws {
        let client = try route.client()
        let (forever, limited) = (uniqueKey(), uniqueKey())
        try client.set(forever, "text")
        try client.set(limited, 42, time: .hours(1))
        let first = try #require(try client.metadata(forever))
        #expect(first.timeToLive == nil)
        #expect(first.size == 4)
        #expect(first.flags == (try client.item(forever)?.flags))
        #expect(first.cas == (try client.item(forever)?.cas))
        #expect(first.sinceLastAccess < .seconds(60))
        let second = try #require(try client.metadata(limited))
        let life = try #require(second.timeToLive)
        #expect(life > .seconds(3500) && life <= .seconds(3600))
        #expect(second.size == 2)
    }

    @Test(arguments: Route.protocols)
    func whetherItWasRead(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, 1)
        #expect(try client.metadata(key)?.wasRead == false)
        #expect(try client.get(key) == 1)
        #expect(try client.metadata(key)?.wasRead == true)
    }

    @Test(arguments: Route.protocols)
    func noItemIsNil(_ route: Route) throws {
        #expect(try route.client().metadata(uniqueKey()) == nil)
    }

    @Test(.memcached(.unix))
    func unixSocketsAreAsked() throws {
        let client = try Client([#require(MemcachedServer.current).address])
        try client.set("a", 1)
        #expect(try client.metadata("a")?.size == 1)
    }

    /// Blanks, control bytes, bytes that are no text, other alphabets: each under its own name.
    @Test(
        .memcached(),
        arguments: [[0x61, 0x20, 0x62], [0x0D, 0x0A, 0x00], [0xFF, 0xFE], [0xC3, 0xBC], [0x25, 0x32, 0x30]]
    )
    func keysOfAnyBytes(key: [UInt8]) throws {
        let client = try Client([#require(MemcachedServer.current).address])
        try client.set(key, [UInt8](repeating: 0, count: key.count * 100))
        #expect(try client.metadata(key)?.size == key.count * 100)
        #expect(try client.metadata(key + [0x61]) == nil)
    }

    @Test(.memcached())
    func keysOfAnyLength() throws {
        let client = try Client([#require(MemcachedServer.current).address])
        let longest = String(repeating: "k", count: 250)
        try client.set(longest, 1)
        #expect(try client.metadata(longest)?.size == 1)
        // In Base64 they would be too long.
        let odd = { (count: Int) in String(repeating: " ", count: count) }
        try client.set(odd(186), 1)
        #expect(try client.metadata(odd(186))?.size == 1)
        expectFailure(.clientError) { _ = try client.metadata(odd(187)) }
        expectFailure(.badKey) { _ = try client.metadata(longest + "k") }
        expectFailure(.badKey) { _ = try client.metadata("") }
    }

    @Test(.memcached())
    func theNamespaceIsPartOfTheKey() throws {
        let address = try #require(MemcachedServer.current).address
        var behaviors = Behaviors.default
        behaviors.namespace = "name:"
        let client = try Client([address], behaviors: behaviors)
        try client.set("a", "inside")
        #expect(try client.metadata("a")?.size == 6)
        #expect(try Client([address]).metadata("name:a")?.size == 6)
        #expect(try Client([address]).metadata("a") == nil)
    }

    /// Also those that a group of theirs chooses the server for.
    @Test(.memcachedCluster(count: 3))
    func theKeysServerIsAsked() throws {
        let client = try Client(try #require(MemcachedCluster.current).addresses)
        let keys = uniqueKeys(30)
        #expect(try client.setMulti(keys.map { ($0, 1) }) == [])
        for key in keys { #expect(try client.metadata(key) != nil) }
        let grouped = keys.map { GroupedKey(group: "a group", key: $0) }
        for key in grouped {
            try client.set(key, [1, 2, 3] as [UInt8])
            #expect(try client.metadata(key)?.size == 3)
        }
    }

    @Test func passwordsRuleItOut() throws {
        let client = try Client(["127.0.0.1"], username: "u", password: "p")
        expectFailure(.notSupported) { _ = try client.metadata("a") }
    }

    @Test func serversWithoutMetaCommandsAreNotSupported() throws {
        let server = try FakeServer(.answering("ERROR\r\n"))
        let client = try Client([server.address])
        let error = #expect(throws: MemcachedError.self) { try client.metadata("a") }
        #expect(error?.code == .notSupported)
        #expect(error?.detail == "the server has no meta commands, which memcached has since 1.6")
        #expect(error?.operation == "metadata")
        #expect(error?.key == "a")
        #expect(error?.server == client.servers[0])
    }

    /// Wrong, cut short, or meant for a terminal.
    @Test(arguments: [
        "HD\r\n", "HD t1 l1 h1 s5 f16\r\n", "HD tx l1 h1 s5 f16 c7\r\n", "HD t1 l-1 h1 s5 f16 c7\r\n",
        "HD t1 l1 h1 s5 f4294967296 c7\r\n", "HD t-2 l1 h1 s5 f1 c7\r\n", "VA 1 t1\r\nx\r\n", "\u{1B}[2J\r\n",
        "HD t18446744073709551615 l1 h1 s5 f1 c7\r\n",
    ])
    func garbageIsAnError(reply: String) throws {
        let server = try FakeServer(.answering(reply))
        let error = #expect(throws: MemcachedError.self) { try Client([server.address]).metadata("a") }
        #expect(error?.code == .protocolError)
    }

    @Test func whatTheServerSaysIsEscaped() throws {
        let server = try FakeServer(.answering("SERVER_ERROR \u{1B}]0;x\u{7}\u{9B}\r\n"))
        let error = #expect(throws: MemcachedError.self) { try Client([server.address]).metadata("a") }
        #expect(error?.detail == #"the server refuses: SERVER_ERROR \u{1b}]0;x\u{7}\u{9b}"#)
    }

    @Test func waitingIsBounded() throws {
        let server = try FakeServer(.silent)
        var behaviors = Behaviors.default
        behaviors.pollTimeout = .milliseconds(100)
        let client = try Client([server.address], behaviors: behaviors)
        expectFailure(.timeout) { _ = try client.metadata("a") }
    }
}
