import SwiftLibMC
import TestSupport
import Testing

@Suite("Compare-and-swap with remembered versions", .timeLimit(.minutes(1)))
struct RememberedVersionsTests {
    private func client(binary: Bool) throws -> Client {
        let client = try Client.shared(binary: binary)
        client.cacheCAS = true
        return client
    }

    @Test(arguments: [true, false])
    func storesWhatHasNotChangedSinceGets(binary: Bool) throws {
        let client = try client(binary: binary)
        let key = uniqueKey()
        try client.set(key, 1)
        #expect(try client.gets(key, as: Int.self)?.value == 1)
        #expect(try client.cas(key, 2))
        #expect(try client.get(key, as: Int.self) == 2)
        // The version is used up, as in python-memcached.
        #expect(try !client.cas(key, 3))
    }

    @Test(arguments: [true, false])
    func declinesWhatOthersHaveChanged(binary: Bool) throws {
        let client = try client(binary: binary)
        let key = uniqueKey()
        try client.set(key, 1)
        _ = try client.gets(key, as: Int.self)
        try Client.shared().set(key, 10)
        #expect(try !client.cas(key, 2))
        #expect(try client.get(key, as: Int.self) == 10)
    }

    @Test func knowsWhatWasMissing() throws {
        let client = try client(binary: true)
        let key = uniqueKey()
        #expect(try client.gets(key, as: Int.self) == nil)
        try Client.shared().set(key, 10)
        #expect(try !client.cas(key, 2))
        try client.delete(key)
        #expect(try client.cas(key, 3))
    }

    @Test func storesWhatItHasForgottenOrNeverSeen() throws {
        let client = try client(binary: true)
        let key = uniqueKey()
        #expect(try client.cas(key, 1))
        _ = try client.gets(key, as: Int.self)
        try Client.shared().set(key, 10)
        client.resetCAS()
        #expect(try client.cas(key, 2))
        #expect(try client.get(key, as: Int.self) == 2)
    }

    @Test func tellsGroupsApart() throws {
        let client = try client(binary: true)
        let key = uniqueKey()
        try client.set(key, 1)
        _ = try client.gets(GroupedKey(group: "a", key: key), as: Int.self)
        try client.set(key, 2)
        #expect(try !client.cas(GroupedKey(group: "a", key: key), 3))
        #expect(try client.cas(GroupedKey(group: "b", key: key), 4))
    }

    @Test func throwsForAnItemThatHasGone() throws {
        let client = try client(binary: true)
        let key = uniqueKey()
        try client.set(key, 1)
        _ = try client.gets(key, as: Int.self)
        try client.delete(key)
        #expect(try #require(throws: MemcachedError.self) { try client.cas(key, 2) }.code == .notFound)
    }

    @Test func needsTheSetting() throws {
        let client = try Client.shared()
        let key = uniqueKey()
        let error = try #require(throws: MemcachedError.self) { try client.cas(key, 1) }
        #expect(error.code == .invalidArguments)
        client.cacheCAS = true
        #expect(try client.clone().cacheCAS)
    }
}

@Suite("Items as values", .timeLimit(.minutes(1)))
struct ItemUpdateTests {
    @Test(arguments: [true, false])
    func areReplacedIfUnchanged(binary: Bool) throws {
        let client = try Client.shared(binary: binary)
        let key = uniqueKey()
        try client.set(key, "old")
        let item = try #require(try client.item(key))
        #expect(item.key == Array(key.utf8))
        #expect(item.flags == .text)
        #expect(try item.decode(as: String.self) == "old")
        #expect(try client.set(item, to: "new", time: .minutes(1)))
        #expect(try client.get(key, as: String.self) == "new")
        #expect(try !client.set(item, to: "newer"))
        try client.delete(key)
        #expect(try #require(throws: MemcachedError.self) { try client.set(item, to: "x") }.code == .notFound)
    }

    @Test func areFoundInTheirGroup() throws {
        let cluster = try MemcachedCluster(count: 3)
        let client = try Client(cluster.addresses, behaviors: .patient)
        let keys = (0..<10).map { GroupedKey(group: "the group", key: "key-\($0)") }
        for key in keys { try client.set(key, 1) }
        let item = try #require(try client.item(keys[0]))
        #expect(item.group == Array("the group".utf8))
        #expect(try client.set(item, to: 2))
        for (key, item) in try client.items(keys) { #expect(try client.set(item, to: 3), "\(key)") }
        #expect(try client.getMulti(keys, as: Int.self).values.allSatisfy { $0 == 3 })
        try client.set("ungrouped", 1)
        #expect(try client.item("ungrouped")?.group == nil)
    }
}
