import Foundation
import SwiftLibMC
import Testing

extension AsyncCommandsContract {
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
        Self("groups and numbers are keys", groupsAndNumbersAreKeys),
        Self("replies need not matter", repliesNeedNotMatter),
    ]

    private struct Point: Codable, Equatable {
        var x: Int
        var y: Double
    }

    @Sendable private static func valuesComeBackAsTheyWere(_ test: Subject) async throws {
        let cache = test.cache
        let key = uniqueKey()
        func roundTrip<V: Codable & Equatable & Sendable>(_ value: V) async throws -> Bool {
            try await cache.set(key, value)
            return try await cache.get(key) == value
        }
        #expect(try await roundTrip("text"))
        #expect(try await roundTrip(""))
        #expect(try await roundTrip([UInt8](0...255)))
        #expect(try await roundTrip(Data("data".utf8)))
        #expect(try await roundTrip(-42))
        #expect(try await roundTrip(UInt64.max))
        #expect(try await roundTrip(true))
        #expect(try await roundTrip(1.5))
        #expect(try await roundTrip(Point(x: 1, y: 2)))
        #expect(try await roundTrip(["list", "of", "texts"]))
        #expect(try await roundTrip(Int?.none))
        #expect(try await roundTrip(String(repeating: "long ", count: 10_000)))
    }

    @Sendable private static func missesAreNil(_ test: Subject) async throws {
        let cache = test.cache
        let key = uniqueKey()
        #expect(try await cache.get(key, as: String.self) == nil)
        #expect(try await cache.get(key, default: 7) == 7)
        #expect(try await cache.gets(key, as: String.self) == nil)
        #expect(try await cache.item(key) == nil)
        #expect(try await !cache.contains(key))
        #expect(try await cache.withBytes(key) { _ in Issue.record("lent a miss") } == nil)
        #expect(try await !cache.delete(key))
        #expect(try await !cache.touch(key, time: 60))
        #expect(try await !cache.append(key, "x"))
        #expect(try await !cache.prepend(key, "x"))
        #expect(try await !cache.replace(key, 1))
    }

    @Sendable private static func addAndReplaceLookFirst(_ test: Subject) async throws {
        let cache = test.cache
        let key = uniqueKey()
        #expect(try await cache.add(key, 1))
        #expect(try await !cache.add(key, 2))
        #expect(try await cache.replace(key, 3))
        #expect(try await cache.get(key, as: Int.self) == 3)
        #expect(try await cache.contains(key))
        #expect(try await cache.delete(key))
        #expect(try await cache.get(key, as: Int.self) == nil)
    }

    @Sendable private static func valuesGrowAtBothEnds(_ test: Subject) async throws {
        let cache = test.cache
        let key = uniqueKey()
        try await cache.set(key, "middle")
        #expect(try await cache.append(key, " end"))
        #expect(try await cache.prepend(key, [UInt8]("start ".utf8)))
        #expect(try await cache.get(key, as: String.self) == "start middle end")
        #expect(try await cache.item(key)?.flags == .text)
    }

    @Sendable private static func countersCount(_ test: Subject) async throws {
        let cache = test.cache
        let key = uniqueKey()
        #expect(try await code { try await cache.incr(key) } == .notFound)
        #expect(try await code { try await cache.decr(key) } == .notFound)
        #expect(try await code { try await cache.incr(key, delta: -1) } == .invalidArguments)
        #expect(try await cache.incr(key, delta: 5, initial: 10) == 10)
        #expect(try await cache.incr(key, delta: 5, initial: 10) == 15)
        #expect(try await cache.decr(key, delta: 6) == 9)
        #expect(try await cache.get(key, as: Int.self) == 9)
        // The server leaves a blank where the second digit was.
        #expect(try await cache.get(key, as: String.self) == "9 ")
        #expect(try await cache.decr(key, delta: 100) == 0)
        try await cache.set(key, "not a number")
        #expect(try await code { try await cache.incr(key) } == .notNumeric)
        let other = uniqueKey()
        #expect(try await cache.decr(other, initial: 3, time: 60) == 3)
    }

    @Sendable private static func versionsGuardValues(_ test: Subject) async throws {
        let cache = test.cache
        let key = uniqueKey()
        try await cache.set(key, "old")
        let seen = try #require(try await cache.gets(key, as: String.self))
        #expect(seen.value == "old")
        #expect(try await cache.touch(key, time: 600))
        #expect(try await cache.cas(key, "new", cas: seen.cas))
        #expect(try await !cache.cas(key, "newer", cas: seen.cas))
        #expect(try await cache.get(key, as: String.self) == "new")
        let item = try #require(try await cache.item(key))
        #expect(try await cache.decode(item) == "new")
        #expect(item.key == Array(key.utf8))
        #expect(try await cache.set(item, to: "newest"))
        #expect(try await !cache.set(item, to: "too late"))
        try await cache.delete(key)
        #expect(try await code { _ = try await cache.cas(key, "x", cas: seen.cas) } == .notFound)
    }

    @Sendable private static func updatesChangeWhatIsThere(_ test: Subject) async throws {
        let cache = test.cache
        let key = uniqueKey()
        #expect(try await cache.update(key, as: [Int].self) { list in (list ?? []) + [1] } == [1])
        #expect(try await cache.update(key, default: [Int]()) { $0 + [2] } == [1, 2])
        #expect(try await cache.update(key, as: [Int].self) { _ in nil } == nil)
        #expect(try await cache.get(key) == [1, 2])
    }

    @Sendable private static func bytesAreLentInflated(_ test: Subject) async throws {
        let cache = test.cache
        let key = uniqueKey()
        let text = String(repeating: "compressible ", count: 1000)
        try await cache.set(key, text, minCompressLen: 100, compressLevel: 9)
        let item = try #require(try await cache.item(key))
        #expect(item.flags == [.text, .zlib] && item.bytes.count < 1000)
        #expect(try await cache.get(key) == text)
        #expect(try await cache.withBytes(key) { $0.byteCount } == text.utf8.count)
        #expect(try await cache.decode(item) == text)
        struct Mine: Error {}
        await #expect(throws: Mine.self) { try await cache.withBytes(key) { _ in throw Mine() } }
        #expect(try await code { try await cache.set(key, text, compressLevel: 10) } == .invalidArguments)
    }

    @Sendable private static func itemsExpire(_ test: Subject) async throws {
        let key = uniqueKey()
        try await test.cache.set(key, 1, time: 4)
        #expect(try await test.cache.contains(key))
        #expect(try await test.expires(key, within: 5))
        try await test.cache.set(key, 1, time: .now)
        #expect(try await test.cache.get(key, as: Int.self) == nil)
        try await test.cache.set(key, 1, time: -5)
        #expect(try await test.cache.get(key, as: Int.self) == nil)
        try await test.cache.set(key, 1, time: 60 * 60 * 24 * 365)
        #expect(try await test.cache.contains(key))
        try await test.cache.touch(key, time: .unixTime(1))
        #expect(try await !test.cache.contains(key))
    }

    @Sendable private static func wrongTypesAreErrors(_ test: Subject) async throws {
        let cache = test.cache
        let key = uniqueKey()
        try await cache.set(key, "text")
        #expect(try await code { _ = try await cache.get(key, as: Int.self) } == .deserialization)
        #expect(try await code { _ = try await cache.gets(key, as: Point.self) } == .deserialization)
        #expect(try await code { try await cache.set(key, Double.nan) } == .serialization)
    }

    @Sendable private static func groupsAndNumbersAreKeys(_ test: Subject) async throws {
        let cache = test.cache
        let grouped = GroupedKey(group: "group", key: uniqueKey())
        try await cache.set(grouped, "in a group")
        #expect(try await cache.get(grouped) == "in a group")
        #expect(try await cache.item(grouped)?.group == Array("group".utf8))
        let number = Int.random(in: 0 ... .max)
        try await cache.set(number, "number")
        #expect(try await cache.get("\(number)") == "number")
        try await cache.delete(number)
    }

    @Sendable private static func repliesNeedNotMatter(_ test: Subject) async throws {
        let cache = test.cache
        let key = uniqueKey()
        #expect(try await cache.set(key, 1, noreply: true))
        let version = try #require(try await cache.gets(key, as: Int.self)).cas
        #expect(try await cache.cas(key, 5, cas: version, noreply: true))
        #expect(try await cache.incr(key, delta: 5, noreply: true) == nil)
        #expect(try await cache.decr(key, delta: 2, noreply: true) == nil)
        #expect(try await cache.incr(key, noreply: false) == 9)
        #expect(try await cache.incr(uniqueKey(), noreply: true) == nil)
        #expect(try await code { try await cache.decr(uniqueKey(), noreply: false) } == .notFound)
        #expect(try await cache.touch(key, time: 60, noreply: true))
        #expect(try await cache.touch(uniqueKey(), time: 60, noreply: true))
        #expect(try await !cache.touch(uniqueKey(), time: 60, noreply: false))
        try await cache.set(key, "b", noreply: true)
        try await cache.append(key, "c", noreply: true)
        try await cache.prepend(key, "a", noreply: true)
        #expect(try await cache.get(key) == "abc")
        try await cache.delete(key, noreply: true)
        #expect(try await cache.get(key, as: String.self) == nil)
    }
}
