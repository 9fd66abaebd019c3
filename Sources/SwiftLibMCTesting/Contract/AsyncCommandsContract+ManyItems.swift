import SwiftLibMC
import Testing

extension AsyncCommandsContract {
    static let manyItems: [Self] = [
        Self("reads give what is there", readsGiveWhatIsThere),
        Self("prefixes are on the wire only", prefixesAreOnTheWireOnly),
        Self("writes take mixtures and pairs", writesTakeMixturesAndPairs),
        Self("deletions and counts go through all keys", deletionsAndCountsGoThroughAllKeys),
        Self("groups stay together", groupsStayTogether),
    ]

    @Sendable private static func readsGiveWhatIsThere(_ test: Subject) async throws {
        let cache = test.cache
        let keys = uniqueKeys(5)
        for (index, key) in keys.dropLast().enumerated() { try await cache.set(key, index) }
        let expected = Dictionary(uniqueKeysWithValues: zip(keys, 0..<4))
        #expect(try await cache.getMulti(keys) == expected)
        #expect(try await cache.getMulti(keys + keys, as: Int.self) == expected)
        #expect(try await cache.getMultiArray(keys.reversed(), as: Int.self) == [nil, 3, 2, 1, 0])
        #expect(try await cache.getMulti([String](), as: Int.self).isEmpty)
        #expect(try await cache.getMultiArray(keys[0..<0], as: Int.self).isEmpty)

        let versions = try await cache.getsMulti(keys, as: Int.self)
        #expect(versions.mapValues(\.value) == expected)
        #expect(try await cache.cas(keys[0], 10, cas: try #require(versions[keys[0]]).cas))

        let items = try await cache.items(keys)
        #expect(items.count == 4)
        #expect(try await cache.decode(try #require(items[keys[0]])) == 10)
        #expect(items[keys[1]]?.key == Array(keys[1].utf8))
    }

    @Sendable private static func prefixesAreOnTheWireOnly(_ test: Subject) async throws {
        let cache = test.cache
        let prefix = "\(uniqueKey()):"
        #expect(try await cache.setMulti(["a": 1, "b": 2], keyPrefix: prefix) == [])
        #expect(try await cache.get("\(prefix)a") == 1)
        #expect(try await cache.getMulti(["a", "b", "c"], keyPrefix: prefix) == ["a": 1, "b": 2])
        #expect(try await cache.getMultiArray(["c", "b"], keyPrefix: prefix) as [Int?] == [nil, 2])
        #expect(try await cache.getsMulti(["a"], keyPrefix: prefix, as: Int.self)["a"]?.value == 1)
        #expect(try await cache.items(["a"], keyPrefix: prefix)["a"]?.key == Array("a".utf8))
        try await cache.incrMulti(["a", "b"], keyPrefix: prefix, delta: 10)
        #expect(try await cache.getMulti(["a", "b"], keyPrefix: prefix) == ["a": 11, "b": 12])
        #expect(try await cache.touchMulti(["a", "c"], keyPrefix: prefix, time: 60) == ["c"])
        #expect(try await cache.deleteMulti(["a", "b"], keyPrefix: prefix))
        #expect(try await cache.getMulti(["a", "b"], keyPrefix: prefix, as: Int.self).isEmpty)
    }

    @Sendable private static func writesTakeMixturesAndPairs(_ test: Subject) async throws {
        let cache = test.cache
        let keys = uniqueKeys(2)
        let mixed: [String: any Encodable & Sendable] = [keys[0]: "text", keys[1]: 2]
        #expect(try await cache.setMulti(mixed, time: 60) == [])
        #expect(try await cache.addMulti(mixed).sorted() == keys.sorted())
        #expect(try await cache.replaceMulti(mixed) == [])
        #expect(try await cache.get(keys[0]) == "text")
        #expect(try await cache.get(keys[1]) == 2)
        let pairs = [(keys[0], 1), (keys[1], 2), (keys[0], 3)]
        #expect(try await cache.setMulti(pairs) == [])
        #expect(try await cache.addMulti(pairs).count == 2)
        #expect(try await cache.replaceMulti(pairs) == [])
        #expect(try await cache.getMulti(keys) == [keys[0]: 3, keys[1]: 2])
    }

    @Sendable private static func deletionsAndCountsGoThroughAllKeys(_ test: Subject) async throws {
        let cache = test.cache
        let keys = uniqueKeys(3)
        #expect(try await cache.setMulti([keys[0]: 10, keys[2]: 10]) == [])
        let error = try await #require(throws: MemcachedError.self) { try await cache.incrMulti(keys) }
        #expect(error.code == .notFound)
        #expect(error.partialResult?.failedKeys.count == 1)
        #expect(try await cache.getMulti(keys) == [keys[0]: 11, keys[2]: 11])
        try await cache.decrMulti([keys[0], keys[2]], delta: 2)
        #expect(try await cache.getMultiArray(keys) == [9, nil, 9])
        try await cache.set(keys[1], "no number")
        #expect(try await code { try await cache.incrMulti(keys) } == .notNumeric)
        #expect(try await cache.deleteMulti(keys))
        #expect(try await !cache.deleteMulti(keys, noreply: false))
        #expect(try await cache.touchMulti(keys, time: 60).sorted() == keys.sorted())
        #expect(try await cache.deleteMulti([String]()))
    }

    @Sendable private static func groupsStayTogether(_ test: Subject) async throws {
        let cache = test.cache
        let base = uniqueKey()
        let keys = (0..<3).map { GroupedKey(group: "the group", key: "\(base)-\($0)") }
        #expect(try await cache.setMulti(Dictionary(uniqueKeysWithValues: zip(keys, 0...))) == [])
        #expect(try await cache.getMulti(keys, as: Int.self).count == 3)
        #expect(try await cache.items(keys)[keys[0]]?.group == Array("the group".utf8))
        #expect(try await cache.deleteMulti(keys))
    }
}
