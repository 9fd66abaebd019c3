import Foundation
import SwiftLibMC
import Testing

extension CommandsContract {
    static let singleItems: [Self] = [
        Self("values come back as they were", valuesComeBackAsTheyWere),
        Self("misses are nil", missesAreNil),
        Self("add and replace look first", addAndReplaceLookFirst),
        Self("values grow at both ends", valuesGrowAtBothEnds),
        Self("counters count", countersCount),
        Self("versions guard values", versionsGuardValues),
        Self("updates change what is there", updatesChangeWhatIsThere),
        Self("bytes are lent inflated", bytesAreLentInflated),
        Self("items expire", itemsExpire),
        Self("wrong types are errors", wrongTypesAreErrors),
        Self("subscripts forgive", subscriptsForgive),
        Self("groups and numbers are keys", groupsAndNumbersAreKeys),
        Self("replies need not matter", repliesNeedNotMatter),
    ]

    private struct Point: Codable, Equatable {
        var x: Int
        var y: Double
    }

    @Sendable private static func valuesComeBackAsTheyWere(_ test: Subject) throws {
        let cache = test.cache
        let key = uniqueKey()
        func roundTrip<V: Codable & Equatable>(_ value: V) throws -> Bool {
            try cache.set(key, value)
            return try cache.get(key) == value
        }
        #expect(try roundTrip("text"))
        #expect(try roundTrip(""))
        #expect(try roundTrip([UInt8](0...255)))
        #expect(try roundTrip(Data("data".utf8)))
        #expect(try roundTrip(-42))
        #expect(try roundTrip(UInt64.max))
        #expect(try roundTrip(true))
        #expect(try roundTrip(1.5))
        #expect(try roundTrip(Point(x: 1, y: 2)))
        #expect(try roundTrip(["list", "of", "texts"]))
        #expect(try roundTrip(Int?.none))
        #expect(try roundTrip(String(repeating: "long ", count: 10_000)))
    }

    @Sendable private static func missesAreNil(_ test: Subject) throws {
        let cache = test.cache
        let key = uniqueKey()
        #expect(try cache.get(key, as: String.self) == nil)
        #expect(try cache.get(key, default: 7) == 7)
        #expect(try cache.gets(key, as: String.self) == nil)
        #expect(try cache.item(key) == nil)
        #expect(try !cache.contains(key))
        #expect(try cache.withBytes(key) { _ in Issue.record("lent a miss") } == nil)
        #expect(try !cache.delete(key))
        #expect(try !cache.touch(key, time: 60))
        #expect(try !cache.append(key, "x"))
        #expect(try !cache.prepend(key, "x"))
        #expect(try !cache.replace(key, 1))
    }

    @Sendable private static func addAndReplaceLookFirst(_ test: Subject) throws {
        let cache = test.cache
        let key = uniqueKey()
        #expect(try cache.add(key, 1))
        #expect(try !cache.add(key, 2))
        #expect(try cache.replace(key, 3))
        #expect(try cache.get(key, as: Int.self) == 3)
        #expect(try cache.contains(key))
        #expect(try cache.delete(key))
        #expect(try cache.get(key, as: Int.self) == nil)
    }

    @Sendable private static func valuesGrowAtBothEnds(_ test: Subject) throws {
        let cache = test.cache
        let key = uniqueKey()
        try cache.set(key, "middle")
        #expect(try cache.append(key, " end"))
        #expect(try cache.prepend(key, [UInt8]("start ".utf8)))
        #expect(try cache.get(key, as: String.self) == "start middle end")
        #expect(try cache.item(key)?.flags == .text)
    }

    @Sendable private static func countersCount(_ test: Subject) throws {
        let cache = test.cache
        let key = uniqueKey()
        #expect(try code { try cache.incr(key) } == .notFound)
        #expect(try code { try cache.decr(key) } == .notFound)
        #expect(try code { try cache.incr(key, delta: -1) } == .invalidArguments)
        #expect(try cache.incr(key, delta: 5, initial: 10) == 10)
        #expect(try cache.incr(key, delta: 5, initial: 10) == 15)
        #expect(try cache.decr(key, delta: 6) == 9)
        #expect(try cache.get(key, as: Int.self) == 9)
        // The server leaves a blank where the second digit was.
        #expect(try cache.get(key, as: String.self) == "9 ")
        #expect(try cache.decr(key, delta: 100) == 0)
        try cache.set(key, "not a number")
        #expect(try code { try cache.incr(key) } == .notNumeric)
        let other = uniqueKey()
        #expect(try cache.decr(other, initial: 3, time: 60) == 3)
    }

    @Sendable private static func versionsGuardValues(_ test: Subject) throws {
        let cache = test.cache
        let key = uniqueKey()
        try cache.set(key, "old")
        let seen = try #require(try cache.gets(key, as: String.self))
        #expect(seen.value == "old")
        #expect(try cache.touch(key, time: 600))
        #expect(try cache.cas(key, "new", cas: seen.cas))
        #expect(try !cache.cas(key, "newer", cas: seen.cas))
        #expect(try cache.get(key, as: String.self) == "new")
        let item = try #require(try cache.item(key))
        #expect(try cache.decode(item) == "new")
        #expect(item.key == Array(key.utf8))
        #expect(try cache.set(item, to: "newest"))
        #expect(try !cache.set(item, to: "too late"))
        try cache.delete(key)
        #expect(try code { _ = try cache.cas(key, "x", cas: seen.cas) } == .notFound)
    }

    @Sendable private static func updatesChangeWhatIsThere(_ test: Subject) throws {
        let cache = test.cache
        let key = uniqueKey()
        #expect(try cache.update(key, as: [Int].self) { list in (list ?? []) + [1] } == [1])
        #expect(try cache.update(key, default: [Int]()) { $0 + [2] } == [1, 2])
        #expect(try cache.update(key, as: [Int].self) { _ in nil } == nil)
        #expect(try cache.get(key) == [1, 2])
        var rounds = 0
        // Another writer is always faster.
        #expect(
            try code {
                try cache.update(key, as: [Int].self, retries: 2) { list in
                    rounds += 1
                    try cache.set(key, [0])
                    return list
                }
            } == .casConflict
        )
        #expect(rounds == 3)
    }

    @Sendable private static func bytesAreLentInflated(_ test: Subject) throws {
        let cache = test.cache
        let key = uniqueKey()
        let text = String(repeating: "compressible ", count: 1000)
        try cache.set(key, text, minCompressLen: 100, compressLevel: 9)
        let item = try #require(try cache.item(key))
        #expect(item.flags == [.text, .zlib] && item.bytes.count < 1000)
        #expect(try cache.get(key) == text)
        #expect(try cache.withBytes(key) { $0.byteCount } == text.utf8.count)
        #expect(try cache.decode(item) == text)
        struct Mine: Error {}
        #expect(throws: Mine.self) { try cache.withBytes(key) { _ in throw Mine() } }
        #expect(try code { try cache.set(key, text, compressLevel: 10) } == .invalidArguments)
    }

    @Sendable private static func itemsExpire(_ test: Subject) throws {
        let key = uniqueKey()
        try test.cache.set(key, 1, time: 4)
        #expect(try test.cache.contains(key))
        #expect(try test.expires(key, within: 5))
        try test.cache.set(key, 1, time: .now)
        #expect(try test.cache.get(key, as: Int.self) == nil)
        try test.cache.set(key, 1, time: -5)
        #expect(try test.cache.get(key, as: Int.self) == nil)
        try test.cache.set(key, 1, time: 60 * 60 * 24 * 365)
        #expect(try test.cache.contains(key))
        try test.cache.touch(key, time: .unixTime(1))
        #expect(try !test.cache.contains(key))
    }

    @Sendable private static func wrongTypesAreErrors(_ test: Subject) throws {
        let cache = test.cache
        let key = uniqueKey()
        try cache.set(key, "text")
        #expect(try code { _ = try cache.get(key, as: Int.self) } == .deserialization)
        #expect(try code { _ = try cache.gets(key, as: Point.self) } == .deserialization)
        #expect(try code { try cache.set(key, Double.nan) } == .serialization)
    }

    @Sendable private static func subscriptsForgive(_ test: Subject) throws {
        let cache = test.cache
        let key = uniqueKey()
        cache[key] = 42
        #expect(cache[key] == 42)
        cache[key, default: 0] += 1
        #expect(cache[key, default: 0] == 43)
        cache[key] = nil
        let value: Int? = cache[key]
        #expect(value == nil)
        #expect(cache["", default: "default"] == "default")
    }

    @Sendable private static func groupsAndNumbersAreKeys(_ test: Subject) throws {
        let cache = test.cache
        let grouped = GroupedKey(group: "group", key: uniqueKey())
        try cache.set(grouped, "in a group")
        #expect(try cache.get(grouped) == "in a group")
        #expect(try cache.item(grouped)?.group == Array("group".utf8))
        let number = Int.random(in: 0 ... .max)
        try cache.set(number, "number")
        #expect(try cache.get("\(number)") == "number")
        try cache.delete(number)
    }

    @Sendable private static func repliesNeedNotMatter(_ test: Subject) throws {
        let cache = test.cache
        let key = uniqueKey()
        #expect(try cache.set(key, 1, noreply: true))
        let version = try #require(try cache.gets(key, as: Int.self)).cas
        #expect(try cache.cas(key, 5, cas: version, noreply: true))
        #expect(try cache.incr(key, delta: 5, noreply: true) == nil)
        #expect(try cache.decr(key, delta: 2, noreply: true) == nil)
        #expect(try cache.incr(key, noreply: false) == 9)
        #expect(try cache.incr(uniqueKey(), noreply: true) == nil)
        #expect(try code { try cache.decr(uniqueKey(), noreply: false) } == .notFound)
        #expect(try cache.touch(key, time: 60, noreply: true))
        #expect(try cache.touch(uniqueKey(), time: 60, noreply: true))
        #expect(try !cache.touch(uniqueKey(), time: 60, noreply: false))
        try cache.set(key, "b", noreply: true)
        try cache.append(key, "c", noreply: true)
        try cache.prepend(key, "a", noreply: true)
        #expect(try cache.get(key) == "abc")
        try cache.delete(key, noreply: true)
        #expect(try cache.get(key, as: String.self) == nil)
    }
}
