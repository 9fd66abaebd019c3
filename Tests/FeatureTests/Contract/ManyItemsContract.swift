import SwiftLibMC
import TestSupport
import Testing

/// What calls with many keys do, the same with a client, a mock and all wrappers.
@Suite("Contract: many items", .timeLimit(.minutes(2)))
struct ManyItemsContract {
    @Test(arguments: Backend.allCases)
    func readsGiveWhatIsThere(backend: Backend) throws {
        let cache = try backend.make().cache
        let keys = uniqueKeys(5)
        for (index, key) in keys.dropLast().enumerated() { try cache.set(key, index) }
        let expected = Dictionary(uniqueKeysWithValues: zip(keys, 0..<4))
        #expect(try cache.getMulti(keys) == expected)
        #expect(try cache.getMulti(keys + keys, as: Int.self) == expected)
        #expect(try cache.getMultiArray(keys.reversed(), as: Int.self) == [nil, 3, 2, 1, 0])
        #expect(try cache.getMulti([String](), as: Int.self).isEmpty)
        #expect(try cache.getMultiArray(keys[0..<0], as: Int.self).isEmpty)

        let versions = try cache.getsMulti(keys, as: Int.self)
        #expect(versions.mapValues(\.value) == expected)
        #expect(try cache.cas(keys[0], 10, cas: try #require(versions[keys[0]]).cas))

        let items = try cache.items(keys)
        #expect(items.count == 4)
        #expect(try cache.decode(try #require(items[keys[0]])) == 10)
        #expect(items[keys[1]]?.key == Array(keys[1].utf8))
    }

    @Test(arguments: Backend.allCases)
    func prefixesAreOnTheWireOnly(backend: Backend) throws {
        let cache = try backend.make().cache
        let prefix = "\(uniqueKey()):"
        #expect(try cache.setMulti(["a": 1, "b": 2], keyPrefix: prefix) == [])
        #expect(try cache.get("\(prefix)a") == 1)
        #expect(try cache.getMulti(["a", "b", "c"], keyPrefix: prefix) == ["a": 1, "b": 2])
        #expect(try cache.getMultiArray(["c", "b"], keyPrefix: prefix) as [Int?] == [nil, 2])
        #expect(try cache.getsMulti(["a"], keyPrefix: prefix, as: Int.self)["a"]?.value == 1)
        #expect(try cache.items(["a"], keyPrefix: prefix)["a"]?.key == Array("a".utf8))
        try cache.incrMulti(["a", "b"], keyPrefix: prefix, delta: 10)
        #expect(try cache.getMulti(["a", "b"], keyPrefix: prefix) == ["a": 11, "b": 12])
        #expect(try cache.touchMulti(["a", "c"], keyPrefix: prefix, time: 60) == ["c"])
        #expect(try cache.deleteMulti(["a", "b"], keyPrefix: prefix))
        #expect(try cache.getMulti(["a", "b"], keyPrefix: prefix, as: Int.self).isEmpty)
    }

    @Test(arguments: Backend.allCases)
    func writesTellWhatWasNotStored(backend: Backend) throws {
        let cache = try backend.make().cache
        let keys = uniqueKeys(3)
        #expect(try cache.addMulti([keys[0]: 1]) == [])
        #expect(try cache.addMulti([keys[0]: 2, keys[1]: 2]) == [keys[0]])
        #expect(try cache.replaceMulti([keys[1]: 3, keys[2]: 3]) == [keys[2]])
        #expect(try cache.getMulti(keys) == [keys[0]: 1, keys[1]: 3])
        let values: [String: [UInt8]] = [keys[0]: Array(repeating: 0, count: 1 << 20), keys[2]: [1]]
        #expect(try cache.setMulti(values) == [keys[0]])
        #expect(try cache.get(keys[2], as: [UInt8].self) == [1])
    }

    @Test(arguments: Backend.allCases)
    func writesTakeMixturesAndPairs(backend: Backend) throws {
        let cache = try backend.make().cache
        let keys = uniqueKeys(2)
        let mixed: [String: any Encodable] = [keys[0]: "text", keys[1]: 2]
        #expect(try cache.setMulti(mixed, time: 60) == [])
        #expect(try cache.addMulti(mixed).sorted() == keys.sorted())
        #expect(try cache.replaceMulti(mixed) == [])
        #expect(try cache.get(keys[0]) == "text")
        #expect(try cache.get(keys[1]) == 2)
        let pairs = [(keys[0], 1), (keys[1], 2), (keys[0], 3)]
        #expect(try cache.setMulti(pairs) == [])
        #expect(try cache.addMulti(pairs).count == 2)
        #expect(try cache.replaceMulti(pairs) == [])
        #expect(try cache.getMulti(keys) == [keys[0]: 3, keys[1]: 2])
    }

    @Test(arguments: Backend.allCases)
    func deletionsAndCountsGoThroughAllKeys(backend: Backend) throws {
        let cache = try backend.make().cache
        let keys = uniqueKeys(3)
        #expect(try cache.setMulti([keys[0]: 10, keys[2]: 10]) == [])
        let error = try #require(throws: MemcachedError.self) { try cache.incrMulti(keys) }
        #expect(error.code == .notFound)
        #expect(error.partialResult?.failedKeys.count == 1)
        #expect(try cache.getMulti(keys) == [keys[0]: 11, keys[2]: 11])
        try cache.decrMulti([keys[0], keys[2]], delta: 2)
        #expect(try cache.getMultiArray(keys) == [9, nil, 9])
        try cache.set(keys[1], "no number")
        #expect(try code { try cache.incrMulti(keys) } == .notNumeric)
        #expect(try cache.deleteMulti(keys))
        #expect(try !cache.deleteMulti(keys, noreply: false))
        #expect(try cache.touchMulti(keys, time: 60).sorted() == keys.sorted())
        #expect(try cache.deleteMulti([String]()))
    }

    @Test(arguments: Backend.allCases)
    func groupsStayTogether(backend: Backend) throws {
        let cache = try backend.make().cache
        let base = uniqueKey()
        let keys = (0..<3).map { GroupedKey(group: "the group", key: "\(base)-\($0)") }
        #expect(try cache.setMulti(Dictionary(uniqueKeysWithValues: zip(keys, 0...))) == [])
        #expect(try cache.getMulti(keys, as: Int.self).count == 3)
        #expect(try cache.items(keys)[keys[0]]?.group == Array("the group".utf8))
        #expect(try cache.deleteMulti(keys))
    }

    @Test(arguments: Backend.allCases.filter { ![.prefixed, .nested, .asyncPrefixed, .asyncNested].contains($0) })
    func cachesCanBeEmptied(backend: Backend) throws {
        // Not the servers that all tests share.
        let server = try MemcachedServer.start()
        let client = try Client([server.address], binary: backend != .ascii, behaviors: .patient)
        let cache = try backend.serverCount == 1 ? backend.make().cache : backend.around(client)
        try cache.set("key", 1)
        try cache.flushAll()
        #expect(try eventually { try cache.get("key", as: Int.self) == nil })
    }

    @Test(arguments: Backend.allCases)
    func serversCanBeAsked(backend: Backend) throws {
        let cache = try backend.make().cache
        let count = backend.serverCount
        #expect(try cache.version().count == count)
        #expect(try cache.getStats().count == count)
        #expect(cache.ping().count == count)
        #expect(cache.ping().allSatisfy { $0.error == nil })
        cache.disconnectAll()
        #expect(try cache.get(uniqueKey(), as: Int.self) == nil)
    }
}
