import Foundation
import SwiftLibMC
import TestSupport
import Testing

@Suite("Prefixes and namespaces", .timeLimit(.minutes(1)))
struct NamespaceTests {
    @Test(arguments: [Backend.binary, .ascii, .mock])
    func invalidationDropsTheGroupAndNothingElse(backend: Backend) throws {
        let cache = try backend.make().cache
        let user = cache.namespace(uniqueKey())
        let other = cache.namespace(uniqueKey())
        try user.set("name", "Ada")
        #expect(try user.setMulti(["a": 1, "b": 2]) == [])
        try other.set("name", "Grace")
        try user.invalidate()
        #expect(try user.get("name", as: String.self) == nil)
        #expect(try user.getMulti(["a", "b"], as: Int.self).isEmpty)
        #expect(try other.get("name") == "Grace")
        try user.set("name", "Lovelace")
        #expect(try user.get("name") == "Lovelace")
        try user.flushAll()
        #expect(try !user.contains("name"))
        #expect(try code { try user.flushAll(time: 60) } == .notSupported)
    }

    @Test func othersNoticeAnInvalidation() throws {
        let name = uniqueKey()
        let one = try Client.shared().namespace(name)
        let two = try Client.shared().namespace(name)
        try one.set("key", 1)
        #expect(try two.get("key") == 1)
        try two.invalidate()
        #expect(try one.get("key", as: Int.self) == nil)
    }

    /// A server may drop the counter; what it counted must not come back.
    @Test func lostGenerationsDoNotBringItemsBack() throws {
        let client = try Client.shared()
        let name = uniqueKey()
        let namespace = client.namespace(name)
        try namespace.set("key", 1)
        for _ in 0..<5 { try namespace.invalidate() }
        try namespace.set("key", 2)
        #expect(try client.delete("\(name):generation"))
        #expect(try namespace.get("key", as: Int.self) == nil)
    }

    @Test func pinnedGenerationsStay() throws {
        let namespace = try Client.shared().namespace(uniqueKey())
        let pinned = try namespace.pinned()
        try pinned.set("key", 1)
        #expect(try namespace.get("key") == 1)
        try namespace.invalidate()
        #expect(try pinned.get("key") == 1)
        #expect(try namespace.get("key", as: Int.self) == nil)
    }

    @Test func prefixesReachTheWire() throws {
        let client = try Client.shared()
        let prefix = "\(uniqueKey())/"
        let cache = PrefixedCommands(client, prefix: prefix)
        try cache.set("key", 1)
        #expect(try client.get("\(prefix)key") == 1)
        #expect(try cache.setMulti(["a": 1], keyPrefix: "b/") == [])
        #expect(try client.get("\(prefix)b/a") == 1)
        #expect(try cache.item("key")?.key == Array("key".utf8))
        #expect(try code { try cache.set(String(repeating: "k", count: 250), 1) } == .badKey)
    }

    @Test func prefixesDoNotEmptyServers() throws {
        let mock = MockClient()
        try mock.set("key", 1)
        #expect(try code { try PrefixedCommands(mock, prefix: "p").flushAll() } == .notSupported)
        #expect(try mock.get("key") == 1)
    }
}
