import SwiftLibMC
import TestSupport
import Testing

/// That all calls for a key ask the same server, whatever is around the client.
@Suite("Contract: places of keys", .memcachedCluster(count: 3), .timeLimit(.minutes(2)))
struct PlacementContract {
    enum Wrapping: CaseIterable, Sendable {
        case bare, prefixed, twicePrefixed, namespaced, pinned, retrying, fallback

        func wrap(_ client: Client) throws -> any MemcachedCommands {
            switch self {
            case .bare: client
            case .prefixed: PrefixedCommands(client, prefix: "prefix/")
            case .twicePrefixed: PrefixedCommands(PrefixedCommands(client, prefix: "outer/"), prefix: "inner/")
            case .namespaced: client.namespace(uniqueKey())
            case .pinned: try client.namespace(uniqueKey()).pinned()
            case .retrying: RetryingClient(client)
            case .fallback: FallbackClient([client, MockClient()])
            }
        }
    }

    private func client(binary: Bool) throws -> Client {
        try Client(try #require(MemcachedCluster.current).addresses, binary: binary, behaviors: .patient)
    }

    @Test(arguments: Wrapping.allCases, [false, true])
    func itemsAreSetWhereTheyWereRead(wrapping: Wrapping, binary: Bool) throws {
        let cache = try wrapping.wrap(client(binary: binary))
        for key in uniqueKeys(20) {
            try cache.set(key, 1)
            #expect(try cache.set(try #require(try cache.item(key)), to: 2))
            let one = try cache.items([key])
            #expect(try cache.set(try #require(one[key]), to: 3))
            // A key of the type for groups that is in none.
            let ungrouped = GroupedKey(group: "", key: key)
            #expect(try cache.get(ungrouped) == 3)
            #expect(try cache.set(try #require(try cache.item(ungrouped)), to: 4))
            #expect(try cache.set(try #require(try cache.items([ungrouped])[ungrouped]), to: 5))
            #expect(try cache.item(ungrouped)?.group == nil)
            #expect(try cache.get(key) == 5)
            #expect(try cache.update(key, as: Int.self) { $0.map { $0 + 1 } } == 6)
        }
    }

    @Test(arguments: Wrapping.allCases, [false, true])
    func groupsStayTogether(wrapping: Wrapping, binary: Bool) throws {
        let cache = try wrapping.wrap(client(binary: binary))
        for name in uniqueKeys(20) {
            // The same bytes twice are a group, too.
            for key in [GroupedKey(group: "group", key: name), GroupedKey(group: name, key: name)] {
                #expect(try cache.setMulti([key: 1]) == [])
                let item = try #require(try cache.item(key))
                #expect(item.group == key.group)
                #expect(try cache.set(item, to: 2))
                #expect(try cache.set(try #require(try cache.items([key])[key]), to: 3))
                #expect(try cache.getMulti([key]) == [key: 3])
            }
        }
    }

    @Test(arguments: Wrapping.allCases, [false, true])
    func aPrefixIsHashedWithAKeyInNoGroup(wrapping: Wrapping, binary: Bool) throws {
        let cache = try wrapping.wrap(client(binary: binary))
        let prefix = "\(uniqueKey())/"
        for name in uniqueKeys(20) {
            let key = GroupedKey(group: "", key: name)
            #expect(try cache.setMulti([key: 1], keyPrefix: prefix) == [])
            #expect(try cache.get("\(prefix)\(name)") == 1)
            #expect(try cache.getMulti([name], keyPrefix: prefix) == [name: 1])
            try cache.incrMulti([key], keyPrefix: prefix)
            #expect(try cache.getMulti([key], keyPrefix: prefix) == [key: 2])
            #expect(try cache.touchMulti([key], keyPrefix: prefix, time: 100) == [])
            #expect(try cache.deleteMulti([key], keyPrefix: prefix))
        }
    }

    /// A type of the program's own with such a key in it.
    struct Wrapped: RawRepresentable, CacheKey {
        let rawValue: GroupedKey
    }

    @Test(arguments: Wrapping.allCases, [false, true])
    func keysOfOtherTypesAreGroupedAlike(wrapping: Wrapping, binary: Bool) throws {
        let cache = try wrapping.wrap(client(binary: binary))
        for name in uniqueKeys(20) {
            let ungrouped = Wrapped(rawValue: GroupedKey(group: "", key: name))
            try cache.set(ungrouped, 1)
            #expect(try cache.get(name) == 1)
            #expect(try cache.set(try #require(try cache.item(ungrouped)), to: 2))
            #expect(try cache.getMulti([ungrouped]) == [ungrouped: 2])
            #expect(try cache.get(name) == 2)
            let grouped = Wrapped(rawValue: GroupedKey(group: "group", key: name))
            try cache.set(grouped, 3)
            #expect(try cache.get(grouped.rawValue) == 3)
            #expect(try cache.set(try #require(try cache.item(grouped)), to: 4))
            #expect(try cache.getMulti([grouped]) == [grouped: 4])
        }
    }

    @Test(arguments: [false, true])
    func aPrefixedKeyIsWhereThePlainOneIs(binary: Bool) throws {
        let client = try client(binary: binary)
        let prefix = "\(uniqueKey())/"
        let cache = PrefixedCommands(client, prefix: prefix)
        for key in uniqueKeys(20) {
            try cache.set(key, 1)
            #expect(try client.get(prefix + key) == 1)
            try cache.set(GroupedKey(group: "", key: key), 2)
            #expect(try client.get(prefix + key) == 2)
        }
    }

    /// Items of one text in two groups are two where the groups live on two servers, and one where on one.
    @Test(arguments: [false, true])
    func keysOfEqualTextInSeveralGroupsAreDeleted(binary: Bool) throws {
        let client = try client(binary: binary)
        let name = uniqueKey()
        let keys = (0..<20).map { GroupedKey(group: "group-\($0)", key: name) }
        #expect(try client.setMulti(keys.map { ($0, 1) }) == [])
        #expect(try client.deleteMulti(keys))
        #expect(try client.getMulti(keys, as: Int.self).isEmpty)
        #expect(try !client.deleteMulti(keys))
    }
}
