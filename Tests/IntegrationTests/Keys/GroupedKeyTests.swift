import SwiftLibMC
import TestSupport
import Testing

/// Keys that live on the server of their group: python-memcached's `(hash, key)`.
@Suite("Grouped keys", .memcachedCluster(count: 3), .timeLimit(.minutes(5)))
struct GroupedKeyTests {
    private func client(_ route: Route) throws -> Client {
        try route.client(of: try #require(MemcachedCluster.current).addresses)
    }

    /// A client of the one server where a group lives.
    private func client(_ route: Route, of group: String) throws -> Client {
        try route.client(of: [try client(route).server(for: group).description])
    }

    @Test(arguments: Route.protocols)
    func liveOnTheServerOfTheirGroup(_ route: Route) throws {
        let client = try client(route)
        var servers: Set<Server> = []
        for group in (0..<20).map({ "group-\($0)" }) {
            let home = try client.server(for: group)
            servers.insert(home)
            for name in uniqueKeys(10) {
                let key = GroupedKey(group: group, key: name)
                #expect(try client.server(for: key) == home)
                #expect(try client.hash(key) == client.hash(group))
                try client.set(key, group)
                // Stored under the name alone.
                #expect(try self.client(route, of: group).get(name) == group)
                #expect(try client.get(key) == group)
            }
        }
        #expect(servers.count == 3)
    }

    @Test(arguments: Route.protocols)
    func everyOperationFindsThem(_ route: Route) throws {
        let client = try client(route)
        for group in (0..<5).map({ "group-\($0)" }) {
            let home = try self.client(route, of: group)
            let name = uniqueKey()
            let key = GroupedKey(group: group, key: name)
            #expect(try client.incr(key, initial: 5) == 5)
            #expect(try home.get(name) == 5)
            #expect(try client.incr(key) == 6)
            #expect(try client.decr(key) == 5)
            #expect(try client.append(key, "0"))
            #expect(try client.prepend(key, "1"))
            #expect(try home.get(name) == 150)
            #expect(try !client.add(key, 1))
            #expect(try client.replace(key, 2))
            let found = try #require(try client.gets(key, as: Int.self))
            #expect(try client.cas(key, 3, cas: found.cas))
            #expect(try client.update(key, as: Int.self) { $0.map { $0 + 1 } } == 4)
            #expect(try home.get(name) == 4)
            #expect(try client.contains(key))
            #expect(try client.touch(key, time: 100))
            #expect(try client.withBytes(key) { $0.byteCount } == 1)
            #expect(client[key] == 4)
            #expect(try client.delete(key))
            #expect(try !home.contains(name))
        }
    }

    @Test(arguments: Route.protocols)
    func multiKeyCallsFindThemToo(_ route: Route) throws {
        let client = try client(route)
        let keys = uniqueKeys(60).enumerated().map { GroupedKey(group: "group-\($0 % 7)", key: $1) }
        #expect(try client.setMulti(keys.enumerated().map { ($1, $0) }) == [])
        #expect(try client.addMulti(keys.prefix(2).map { ($0, 0) }).count == 2)
        #expect(try client.replaceMulti(keys.prefix(2).enumerated().map { ($1, $0) }) == [])
        for (number, key) in keys.enumerated() { #expect(try client.get(key) == number) }

        let missing = GroupedKey(group: "group-1", key: uniqueKey())
        let found: [GroupedKey: Int] = try client.getMulti([missing] + keys)
        #expect(found.count == 60)
        for (number, key) in keys.enumerated() { #expect(found[key] == number) }
        #expect(try client.getMultiArray(keys + [missing]) == (0..<60).map { $0 } + [nil])
        #expect(try client.items(keys).count == 60)
        #expect(try client.getsMulti(keys, as: Int.self)[keys[9]]?.value == 9)

        try client.incrMulti(keys, delta: 100)
        #expect(try client.getMultiArray(keys) == (100..<160).map { $0 })
        #expect(try client.touchMulti(keys + [missing], time: 100) == [missing])
        #expect(try client.deleteMulti(keys))
        #expect(try client.getMulti(keys, as: Int.self) == [:])
    }

    @Test(arguments: Route.protocols)
    func oneNameMayBeInSeveralGroups(_ route: Route) throws {
        let client = try client(route)
        let name = uniqueKey()
        let groups = try (0..<20).reduce(into: [Server: String]()) { groups, number in
            groups[try client.server(for: "group-\(number)")] = "group-\(number)"
        }
        // One group for each server, so that there are as many items of this name.
        let keys = groups.values.map { GroupedKey(group: $0, key: name) }
        #expect(keys.count == 3)
        #expect(try client.setMulti(keys.map { ($0, $0.description) }) == [])
        let found: [GroupedKey: String] = try client.getMulti(keys)
        #expect(found.count == 3)
        for key in keys { #expect(found[key] == key.description) }
    }

    @Test(arguments: Route.protocols)
    func prefixesDoNotChangeTheServer(_ route: Route) throws {
        let client = try client(route)
        let name = uniqueKey()
        for group in (0..<5).map({ "group-\($0)" }) {
            let key = GroupedKey(group: group, key: name)
            #expect(try client.setMulti([key: 1], keyPrefix: "prefix-") == [])
            #expect(try client.getMulti([key], keyPrefix: "prefix-") == [key: 1])
            #expect(try client.get(GroupedKey(group: group, key: "prefix-\(name)")) == 1)
        }
    }

    @Test func anEmptyGroupIsNone() throws {
        let client = try client(.binaryTCP)
        let name = uniqueKey()
        try client.set(GroupedKey(group: "", key: name), 1)
        #expect(try client.get(name) == 1)
        #expect(try client.getMulti([GroupedKey(group: "", key: name)], as: Int.self).count == 1)
    }
}
