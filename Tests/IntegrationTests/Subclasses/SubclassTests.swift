import OutsideModule
import SwiftLibMC
import TestSupport
import Testing

/// Subclasses from another module, with a format of values of their own.
@Suite("Subclasses", .timeLimit(.minutes(5)))
struct SubclassTests {
    private func backwards(_ route: Route) throws -> BackwardsClient {
        try BackwardsClient([route.server.address], binary: route.isBinary, behaviors: .patient)
    }

    @Test(arguments: Route.protocols)
    func everyWriteGoesThroughTheHook(_ route: Route) throws {
        let client = try backwards(route)
        let keys = uniqueKeys(9)
        try client.set(keys[0], "abc")
        #expect(try client.add(keys[1], "abc"))
        try client.set(keys[2], "")
        #expect(try client.replace(keys[2], "abc"))
        try client.set(keys[3], "")
        #expect(try client.cas(keys[3], "abc", cas: try #require(try client.item(keys[3])).cas))
        #expect(try client.setMulti([keys[4]: "abc"]) == [])
        #expect(try client.setMulti([keys[5]: "abc"] as [String: any Encodable]) == [])
        #expect(try client.addMulti([(keys[6], "abc")]) == [])
        try client.update(keys[7], as: String.self) { _ in "abc" }
        client[keys[8]] = "abc"
        let plain = try route.client()
        for (number, key) in keys.enumerated() {
            let item = try #require(try plain.item(key))
            #expect(item.bytes == Array("cba".utf8), "\(number)")
            #expect(item.flags == [.text, BackwardsClient.flag], "\(number)")
        }
    }

    @Test(arguments: Route.protocols)
    func everyReadGoesThroughTheHook(_ route: Route) throws {
        let client = try backwards(route)
        let key = uniqueKey()
        try client.set(key, "abc")
        #expect(try client.get(key) == "abc")
        #expect(try client.get(key) == Array("abc".utf8))
        #expect(try client.get(key, default: "") == "abc")
        #expect(try client.gets(key, as: String.self)?.value == "abc")
        #expect(try client.getMulti([key]) == [key: "abc"])
        #expect(try client.getMulti([key]) == [key: Array("abc".utf8)])
        #expect(try client.getMultiArray([key]) == ["abc"])
        #expect(try client.getsMulti([key], as: String.self)[key]?.value == "abc")
        #expect(client[key] == "abc")
        #expect(client[key, default: ""] == "abc")
        #expect(try client.decode(try #require(try client.item(key)), as: String.self) == "abc")
        try client.update(key, as: String.self) { ($0 ?? "") + "d" }
        #expect(try client.get(key) == "abcd")
        // Raw reads show what is stored.
        #expect(try client.withBytes(key) { String(validating: $0) } == "dcba")
        #expect(try client.item(key)?.bytes == Array("dcba".utf8))
    }

    @Test(arguments: Route.protocols)
    func theHooksSeeValuesUncompressed(_ route: Route) throws {
        let client = try backwards(route)
        client.compression = Compression(minLength: 10)
        let key = uniqueKey()
        let text = String(repeating: "0123456789", count: 100)
        try client.set(key, text)
        #expect(try client.item(key)?.flags == [.text, .zlib, BackwardsClient.flag])
        #expect(try client.get(key) == text)
        #expect(try client.getMulti([key]) == [key: text])
    }

    @Test(arguments: Route.protocols)
    func aCacheMissIsAMiss(_ route: Route) throws {
        let client = try backwards(route)
        let (strange, own) = (uniqueKey(), uniqueKey())
        try route.client().set(strange, "written by somebody else")
        try client.set(own, "own")
        #expect(try client.get(strange, as: String.self) == nil)
        #expect(try client.get(strange, default: "default") == "default")
        #expect(try client.gets(strange, as: String.self) == nil)
        #expect(try client.getMulti([strange, own]) == [own: "own"])
        #expect(try client.getMultiArray([strange, own]) == [nil, "own"])
        #expect(try client.getsMulti([strange, own], as: String.self).keys.sorted() == [own])
        #expect(client[strange] == nil as String?)
        expectFailure(.notFound) { try client.decode(try #require(try client.item(strange)), as: String.self) }
        // The item is there all the same.
        #expect(try client.contains(strange))
        #expect(try client.items([strange, own]).count == 2)
    }

    @Test(arguments: Route.protocols)
    func aCacheMissCanBeUpdated(_ route: Route) throws {
        let client = try backwards(route)
        for cache in [client, PrefixedCommands(client, prefix: "")] as [any MemcachedCommands] {
            let strange = uniqueKey()
            try route.client().set(strange, "written by somebody else")
            #expect(try cache.update(strange, retries: 0) { ($0 ?? "new") + "!" } == "new!")
            #expect(try client.get(strange) == "new!")
        }
    }

    @Test(arguments: Route.protocols)
    func aClientThatAddsNothingToTheFormatMayTakeTheShorterWay(_ route: Route) throws {
        let client = try StandardClient([route.server.address], binary: route.isBinary, behaviors: .patient)
        let key = uniqueKey()
        try client.set(key, "  text ")
        #expect(try client.trimmed(key) == "text")
        #expect(try route.client().get(key) == "  text ")
        #expect(try client.clone().trimmed(key) == "text")
    }

    @Test func onlyTheClassItselfUsesTheDefaultFormatUnlessToldOtherwise() {
        #expect(Client.usesDefaultFormat)
        #expect(!BackwardsClient.usesDefaultFormat)
        #expect(!TaggedClient.usesDefaultFormat)
        #expect(StandardClient.usesDefaultFormat)
    }

    @Test(arguments: Route.protocols)
    func inheritAllInitialisers(_ route: Route) throws {
        let address = try route.server.address
        let key = uniqueKey()
        try BackwardsClient([address], binary: route.isBinary).set(key, 1)
        let client = try BackwardsClient(servers: [try Server(parsing: address)], binary: route.isBinary)
        #expect(try client.get(key) == 1)
        #expect(client.description.hasPrefix("BackwardsClient("))
    }
}
