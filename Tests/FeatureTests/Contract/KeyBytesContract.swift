import SwiftLibMC
import TestSupport
import Testing

/// Two keys that are equal to `String` and not to a server.
struct Twins {
    /// The letter "é" as one scalar.
    let composed: String
    /// The letter "e" and an accent.
    let decomposed: String
    let both: [String]

    init() {
        let name = uniqueKey()
        composed = "\(name)-caf\u{E9}"
        decomposed = "\(name)-cafe\u{301}"
        both = [composed, decomposed]
    }
}

/// That keys are told apart by their bytes, with a client, a mock and all wrappers.
@Suite("Contract: keys by their bytes", .timeLimit(.minutes(2)))
struct KeyBytesContract {
    private func isSame(_ one: String?, _ other: String) -> Bool { one.map { Array($0.utf8) } == Array(other.utf8) }

    @Test(arguments: Backend.allCases)
    func singleCallsTellThemApart(backend: Backend) throws {
        let cache = try backend.make().cache
        let keys = Twins()
        try cache.set(keys.composed, 1)
        #expect(try !cache.contains(keys.decomposed))
        #expect(try cache.add(keys.decomposed, 2))
        #expect(try cache.get(keys.composed) == 1)
        #expect(try cache.delete(keys.composed))
        #expect(try cache.get(keys.decomposed) == 2)
    }

    @Test(arguments: Backend.allCases)
    func arraysHaveBoth(backend: Backend) throws {
        let cache = try backend.make().cache
        let keys = Twins()
        try cache.set(keys.composed, "1")
        try cache.set(keys.decomposed, "2")
        #expect(try cache.getMultiArray(keys.both, as: String.self) == ["1", "2"])
        #expect(try cache.getMultiArray(keys.both.reversed(), as: Int.self) == [2, 1])
        #expect(try cache.getMultiArray(keys.both.map { Substring($0) }, as: Int.self) == [1, 2])
        try cache.delete(keys.composed)
        #expect(try cache.getMultiArray(keys.both, as: String.self) == [nil, "2"])
        #expect(try cache.getMultiArray(keys.both, as: Int.self) == [nil, 2])
    }

    @Test(arguments: Backend.allCases, [false, true])
    func theFirstKeyInADictionaryHasItsOwnValue(backend: Backend, isReversed: Bool) throws {
        let cache = try backend.make().cache
        let keys = Twins()
        let asked = isReversed ? Array(keys.both.reversed()) : keys.both
        try cache.set(asked[0], "1")
        try cache.set(asked[1], "2")
        for asked in [asked, asked + asked, [uniqueKey()] + asked] {
            let texts: [String: String] = try cache.getMulti(asked)
            #expect(texts.count == 1)
            #expect(texts.values.first == "1")
            #expect(isSame(texts.keys.first, asked.first { $0 == keys.composed } ?? ""))
            let numbers: [String: Int] = try cache.getMulti(asked)
            #expect(numbers.values.first == 1)
            #expect(isSame(numbers.keys.first, asked.first { $0 == keys.composed } ?? ""))
            let items = try cache.items(asked)
            #expect(items.count == 1)
            #expect(items.values.first?.bytes == [UInt8(ascii: "1")])
            #expect(items.values.first?.key == items.keys.first.map { Array($0.utf8) })
            let versions = try cache.getsMulti(asked, as: Int.self)
            #expect(versions.count == 1)
            #expect(versions.values.first?.value == 1)
        }
        // By way of another type both are there.
        #expect(try cache.getMulti(asked.map { Array($0.utf8) }, as: Int.self).count == 2)
        // What the first key has none of is not there, rather than another item's value under its name.
        try cache.delete(asked[0])
        #expect(try cache.getMulti(asked, as: String.self)[asked[0]] == nil)
        #expect(try cache.getMulti(asked, as: Int.self)[asked[0]] == nil)
        #expect(try cache.items(asked)[asked[0]] == nil)
        #expect(try cache.getsMulti(asked, as: Int.self)[asked[0]] == nil)
    }

    @Test(arguments: Backend.allCases)
    func pairsAreStoredUnderBoth(backend: Backend) throws {
        let cache = try backend.make().cache
        let keys = Twins()
        let other = uniqueKey()
        #expect(try cache.setMulti([(keys.composed, 0), (keys.decomposed, 2), (other, 3), (keys.composed, 1)]) == [])
        #expect(try cache.getMultiArray(keys.both + [other], as: Int.self) == [1, 2, 3])
        #expect(try cache.delete(keys.composed))
        #expect(
            try cache.replaceMulti([(keys.composed, 4), (keys.decomposed, 5)]).map { Array($0.utf8) } == [
                Array(keys.composed.utf8)
            ]
        )
        #expect(
            try cache.addMulti([(keys.composed, 6), (keys.decomposed, 7)]).map { Array($0.utf8) } == [
                Array(keys.decomposed.utf8)
            ]
        )
        #expect(try cache.getMultiArray(keys.both, as: Int.self) == [6, 5])
        // With one prefix as with none.
        #expect(try cache.setMulti([("\u{E9}", 1), ("e\u{301}", 2)], keyPrefix: other) == [])
        #expect(try cache.getMultiArray(["\u{E9}", "e\u{301}"], keyPrefix: other, as: Int.self) == [1, 2])
        #expect(try cache.getMultiArray(["\(other)\u{E9}", "\(other)e\u{301}"], as: Int.self) == [1, 2])
    }

    @Test(arguments: Backend.allCases)
    func bothAreDeletedTouchedAndCounted(backend: Backend) throws {
        let cache = try backend.make().cache
        let keys = Twins()
        #expect(try cache.touchMulti(keys.both, time: 100).map { Array($0.utf8) } == keys.both.map { Array($0.utf8) })
        try cache.set(keys.composed, 1)
        #expect(try cache.touchMulti(keys.both, time: 100).map { Array($0.utf8) } == [Array(keys.decomposed.utf8)])
        #expect(try cache.touchMulti(keys.both + keys.both, time: 100).count == 1)
        #expect(try !cache.deleteMulti(keys.both))
        #expect(try !cache.contains(keys.composed))

        #expect(try cache.setMulti([(keys.composed, 1), (keys.decomposed, 2)]) == [])
        try cache.incrMulti(keys.both, delta: 10)
        #expect(try cache.getMultiArray(keys.both, as: Int.self) == [11, 12])
        #expect(try cache.deleteMulti(keys.both + keys.both))
        #expect(try cache.getMultiArray(keys.both, as: Int.self) == [nil, nil])

        try cache.set(keys.decomposed, 1)
        let error = try #require(throws: MemcachedError.self) { try cache.decrMulti(keys.both) }
        #expect(error.code == .notFound)
        #expect(isSame(error.key, keys.composed))
        #expect(error.partialResult?.failedKeys.count == 1)
        #expect(isSame(error.partialResult?.failedKeys.first, keys.composed))
    }

    @Test(arguments: Backend.allCases)
    func errorsNameKeysWithoutThePrefix(backend: Backend) throws {
        let cache = try backend.make().cache
        let prefix = uniqueKey()
        let error = try #require(throws: MemcachedError.self) { try cache.incrMulti(["a", "b"], keyPrefix: prefix) }
        #expect(error.key == "a")
        #expect(error.partialResult?.failedKeys == ["a", "b"])
    }

    /// As text they are the same, because they are none.
    @Test(arguments: Backend.allCases)
    func keysThatAreNoTextAreToldApart(backend: Backend) throws {
        let cache = try backend.make().cache
        let name = Array(uniqueKey().utf8)
        let keys: [[UInt8]] = [name + [0xFF, 0x61], name + [0xFE, 0x61]]
        try cache.set(keys[0], 1)
        #expect(try !cache.deleteMulti(keys))
        try cache.set(keys[1], 1)
        #expect(try !cache.deleteMulti(keys))
        try cache.set(keys[0], 1)
        #expect(try cache.deleteMulti([keys[0], keys[0]]))
        #expect(try cache.touchMulti(keys, time: 100) == keys)
    }

    /// A type whose values are equal although their bytes differ, and one whose bytes are the same although they do.
    @Test(arguments: Backend.allCases)
    func theEqualityOfTheCallersTypeDecidesNothing(backend: Backend) throws {
        let cache = try backend.make().cache
        let name = uniqueKey()
        let folded = [FoldedKey(text: "\(name)-a"), FoldedKey(text: "\(name)-A")]
        #expect(folded[0] == folded[1])
        #expect(try cache.setMulti(zip(folded, [1, 2]).map { ($0, $1) }) == [])
        #expect(try cache.getMultiArray(folded, as: Int.self) == [1, 2])
        #expect(try cache.getMulti(folded, as: Int.self).values.map { $0 } == [1])
        #expect(try cache.touchMulti(folded, time: 100) == [])
        #expect(try cache.deleteMulti(folded))
        #expect(try cache.getMultiArray(folded, as: Int.self) == [nil, nil])

        let noted = [NotedKey(text: name, note: 1), NotedKey(text: name, note: 2)]
        #expect(try cache.touchMulti(noted, time: 100) == [noted[0]])
        try cache.set(name, 1)
        #expect(try cache.getMulti(noted, as: Int.self) == [noted[0]: 1, noted[1]: 1])
        #expect(try cache.deleteMulti(noted))
    }
}

private struct FoldedKey: CacheKey {
    let text: String

    static func == (one: Self, other: Self) -> Bool { one.text.lowercased() == other.text.lowercased() }

    func hash(into hasher: inout Hasher) { hasher.combine(text.lowercased()) }

    func withKeyBytes<R, E: Error>(_ body: (RawSpan, RawSpan) throws(E) -> R) throws(E) -> R {
        try text.withKeyBytes(body)
    }
}

private struct NotedKey: CacheKey {
    let text: String
    let note: Int

    func withKeyBytes<R, E: Error>(_ body: (RawSpan, RawSpan) throws(E) -> R) throws(E) -> R {
        try text.withKeyBytes(body)
    }
}
