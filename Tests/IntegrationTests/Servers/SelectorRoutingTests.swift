import SwiftLibMC
import TestSupport
import Testing

/// Where a client with a selector looks for its keys.
@Suite("Clients with a selector", .memcachedCluster(count: 3), .timeLimit(.minutes(1)))
struct SelectorRoutingTests {
    /// The last digit of a key, or whatever else is at its end, says its server.
    private struct LastByteSelector: ServerSelector {
        func chooser(among servers: [Server]) -> @Sendable (RawSpan) -> Int {
            { key in Int(Array(copying: key).last ?? 0) - 48 }
        }
    }

    private func client(binary: Bool = true, behaviors: Behaviors = .patient) throws -> Client {
        let cluster = try #require(MemcachedCluster.current)
        return try Client(
            servers: cluster.addresses.map { try Server(parsing: $0) },
            selector: LastByteSelector(),
            binary: binary,
            behaviors: behaviors
        )
    }

    /// A client of one of the servers alone.
    private func only(_ index: Int) throws -> Client {
        try Client([try #require(MemcachedCluster.current)[index].address], behaviors: .patient)
    }

    @Test(arguments: [true, false])
    func storeEachKeyWhereTheSelectorSays(binary: Bool) throws {
        let client = try client(binary: binary)
        let base = uniqueKey()
        for index in 0..<3 {
            let key = "\(base)-\(index)"
            try client.set(key, index)
            #expect(try client.get(key, as: Int.self) == index)
            #expect(try client.hash(key) == UInt32(index))
            #expect(try client.server(for: key) == client.servers[index])
            for other in 0..<3 { #expect(try only(other).contains(key) == (other == index)) }
        }
    }

    @Test(arguments: [true, false])
    func useItInMultiKeyCalls(binary: Bool) throws {
        let client = try client(binary: binary)
        let base = uniqueKey()
        let values = Dictionary(uniqueKeysWithValues: (0..<300).map { ("\(base)-\($0)", $0) })
        #expect(try client.setMulti(values) == [])
        #expect(try client.getMulti(values.keys, as: Int.self) == values)
        for index in 0..<3 {
            let here = try only(index).getMulti(values.keys, as: Int.self)
            #expect(here == values.filter { $0.value % 10 % 3 == index })
        }
        #expect(try client.deleteMulti(values.keys))
    }

    @Test func choosePrefixedAndGroupedKeysByWhatTheyAreHashedBy() throws {
        let client = try client()
        let base = uniqueKey()
        // Only the last byte counts here, so that a prefix changes nothing and a group everything.
        #expect(try client.setMulti(["1": "a", "2": "b"], keyPrefix: base) == [])
        #expect(try only(1).get("\(base)1", as: String.self) == "a")
        try client.set(GroupedKey(group: "x2", key: "\(base)-0"), "grouped")
        #expect(try only(2).get("\(base)-0", as: String.self) == "grouped")
    }

    @Test func leaveTheNamespaceOutOfTheChoice() throws {
        let namespace = "\(uniqueKey()):"
        let client = try client(behaviors: Behaviors(pollTimeout: .seconds(10), namespace: namespace))
        try client.set("key-1", "value")
        #expect(try only(1).get("\(namespace)key-1", as: String.self) == "value")
    }

    @Test func handItOnToTheirClones() throws {
        let client = try client()
        let key = "\(uniqueKey())-2"
        try client.set(key, "value")
        let clone = try client.clone()
        #expect(try clone.get(key, as: String.self) == "value")
        #expect(clone.selector is LastByteSelector)
    }

    @Test func followChangesOfServersAndSelector() throws {
        let client = try client()
        let key = "\(uniqueKey())-2"
        try client.setServers(client.servers.reversed())
        try client.set(key, "value")
        #expect(try only(0).contains(key))
        try client.setBehaviors(Behaviors(hash: .md5))
        #expect(try client.contains(key))
        try client.setSelector(nil)
        #expect(client.selector == nil)
        #expect(client.behaviors.hash == .md5)
    }

    @Test func takeAnyNumberForAnIndex() throws {
        struct WildSelector: ServerSelector {
            func chooser(among servers: [Server]) -> @Sendable (RawSpan) -> Int {
                { key in key.byteCount.isMultiple(of: 2) ? -1 : 4 }
            }
        }
        let client = try client()
        try client.setSelector(WildSelector())
        #expect(try client.hash("aa") == 2)
        #expect(try client.hash("aaa") == 1)
    }

    @Test(arguments: [Behaviors(ketama: true), Behaviors(distribution: .virtualBucket), Behaviors(sortHosts: true)])
    func refuseAnotherPlacementBesides(behaviors: Behaviors) throws {
        let error = try #require(throws: MemcachedError.self) { try self.client(behaviors: behaviors) }
        #expect(error.code == .invalidArguments)
        let client = try self.client()
        #expect(throws: MemcachedError.self) { try client.setBehaviors(behaviors) }
        #expect(try client.hash("key-2") == 2)
    }

    @Test func needNoChoiceWithOneServer() throws {
        let cluster = try #require(MemcachedCluster.current)
        let client = try Client(
            servers: [try Server(parsing: cluster[0].address)],
            selector: LastByteSelector(),
            behaviors: .patient
        )
        let key = "\(uniqueKey())-2"
        try client.set(key, "value")
        #expect(try client.get(key, as: String.self) == "value")
    }
}
