import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// When values are compressed, and what is read of them.
@Suite("Compression", .timeLimit(.minutes(5)))
struct CompressedValueTests {
    private static let long = String(repeating: "memcached is a cache. ", count: 200)

    /// The flags that a value is stored with.
    private func flags(_ client: Client, _ key: String) throws -> Flags {
        try #require(try client.item(key)).flags
    }

    @Test(arguments: Route.allCases)
    func isOffUntilAskedFor(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, Self.long)
        #expect(try flags(client, key) == .text)
        #expect(client.compression == Compression(minLength: 0, level: -1))
    }

    @Test(arguments: Route.allCases)
    func ofASingleCall(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, Self.long, minCompressLen: 100)
        let item = try #require(try client.item(key))
        #expect(item.flags == [.text, .zlib])
        // RFC 1950: method 8, and a header that is a multiple of 31.
        #expect(item.bytes[0] & 0x0F == 8)
        #expect((Int(item.bytes[0]) << 8 + Int(item.bytes[1])).isMultiple(of: 31))
        #expect(item.bytes.count < Self.long.utf8.count / 10)
        #expect(try client.get(key) == Self.long)
        try client.set(key, Self.long)
        #expect(try flags(client, key) == .text)
    }

    @Test(arguments: Route.protocols)
    func ofAllCallsOfAClient(_ route: Route) throws {
        let client = try route.client()
        client.compression = Compression(minLength: 100)
        let keys = uniqueKeys(7)
        try client.set(keys[0], Self.long)
        #expect(try client.add(keys[1], Self.long))
        try client.set(keys[2], "x")
        #expect(try client.replace(keys[2], Self.long))
        try client.set(keys[3], "x")
        #expect(try client.cas(keys[3], Self.long, cas: try #require(try client.item(keys[3])).cas))
        #expect(try client.setMulti([keys[4]: Self.long]) == [])
        #expect(try client.setMulti([keys[5]: Self.long] as [String: any Encodable]) == [])
        try client.update(keys[6], as: String.self) { _ in Self.long }
        for key in keys {
            #expect(try flags(client, key) == [.text, .zlib])
            #expect(try client.get(key) == Self.long)
        }
        // What a call says goes before.
        try client.set(keys[0], Self.long, minCompressLen: 0)
        #expect(try flags(client, keys[0]) == .text)
        try client.set(keys[0], Self.long, compressLevel: 0)
        #expect(try flags(client, keys[0]) == .text)
        #expect(try client.setMulti([keys[0]: Self.long], minCompressLen: 1_000_000) == [])
        #expect(try flags(client, keys[0]) == .text)
        client.compression = Compression()
        try client.set(keys[0], Self.long)
        #expect(try flags(client, keys[0]) == .text)
    }

    @Test(arguments: Route.protocols)
    func everyKindOfValue(_ route: Route) throws {
        let client = try route.client()
        client.compression = Compression(minLength: 1)
        let key = uniqueKey()
        try client.set(key, Array(Self.long.utf8))
        #expect(try flags(client, key) == .zlib)
        #expect(try client.get(key) == Array(Self.long.utf8))
        try client.set(key, Data(Self.long.utf8))
        #expect(try flags(client, key) == .zlib)
        #expect(try client.get(key) == Data(Self.long.utf8))
        let people = [Person](repeating: .ada, count: 50)
        try client.set(key, people)
        #expect(try flags(client, key) == [.json, .zlib])
        #expect(try client.get(key) == people)
    }

    @Test(arguments: Route.protocols)
    func beginsAtTheGivenLength(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        let value = String(repeating: "a", count: 100)
        for (length, isCompressed) in [(101, false), (100, true), (99, true), (1, true), (0, false)] {
            try client.set(key, value, minCompressLen: length)
            #expect(try flags(client, key).contains(.zlib) == isCompressed, "from \(length)")
            #expect(try client.get(key) == value)
        }
    }

    @Test(arguments: Route.protocols, Array(-1...9))
    func everyLevelIsRead(_ route: Route, level: Int) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, Self.long, minCompressLen: 1, compressLevel: level)
        #expect(try flags(client, key).contains(.zlib) == (level != 0))
        #expect(try client.get(key) == Self.long)
        // A level alone compresses nothing.
        try client.set(key, Self.long, compressLevel: level)
        #expect(try !flags(client, key).contains(.zlib))
    }

    @Test(arguments: Route.protocols)
    func higherLevelsMakeSmallerValues(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        let text = (0..<3000).map { "\($0 * 7919 % 1000) " }.joined()
        func size(_ level: Int) throws -> Int {
            try client.set(key, text, minCompressLen: 1, compressLevel: level)
            return try #require(try client.item(key)).bytes.count
        }
        #expect(try size(9) < size(1))
        #expect(try size(-1) == size(6))
    }

    @Test(arguments: Route.protocols, [-2, 10, 100, Int.min])
    func otherLevelsAreRefused(_ route: Route, level: Int) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, "old")
        let token = try #require(try client.item(key)).cas
        let calls: [() throws -> Void] = [
            { try client.set(key, Self.long, minCompressLen: 1, compressLevel: level) },
            { try client.set(key, Self.long, compressLevel: level) },
            { _ = try client.add(key, Self.long, compressLevel: level) },
            { _ = try client.replace(key, 1, compressLevel: level) },
            { _ = try client.cas(key, Self.long, cas: token, compressLevel: level) },
            { _ = try client.setMulti([key: Self.long], compressLevel: level) },
            { _ = try client.addMulti([key: 1], compressLevel: level) },
        ]
        for call in calls { expectFailure(.invalidArguments) { try call() } }
        client.compression = Compression(minLength: 1, level: level)
        expectFailure(.invalidArguments) { try client.set(key, Self.long) }
        #expect(try client.get(key) == "old")
    }

    @Test(arguments: Route.protocols)
    func valuesThatDoNotShrinkStayAsTheyAre(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        for value in [[UInt8].noise(5000), [], [1], Array("short".utf8)] {
            try client.set(key, value, minCompressLen: 1, compressLevel: 9)
            #expect(try client.item(key)?.flags == .bytes)
            #expect(try client.get(key) == value)
        }
    }

    @Test(arguments: Route.protocols)
    func readingNeedsNoSetting(_ route: Route) throws {
        let key = uniqueKey()
        try route.client().set(key, Self.long, minCompressLen: 1)
        let reader = try route.client()
        #expect(try reader.get(key) == Self.long)
        #expect(try reader.get(key) == Array(Self.long.utf8))
        #expect(try reader.gets(key, as: String.self)?.value == Self.long)
        #expect(try reader.getMulti([key]) == [key: Self.long])
    }

    @Test(arguments: Route.protocols, [Flags.zlib, [.text, .zlib], [.json, .zlib]])
    func aCorruptValueIsAnError(_ route: Route, flags: Flags) throws {
        let client = try route.client()
        let (key, other) = (uniqueKey(), uniqueKey())
        try client.set(key, Self.long, minCompressLen: 1)
        let good = try #require(try client.item(key)).bytes
        try client.set(other, "fine")
        var flipped = good
        flipped[good.count / 2] ^= 0x55
        for bytes in [Array("no zlib stream".utf8), [], Array(good.dropLast(3)), good + [0], flipped] {
            try route.server.plant(key, bytes, flags: flags)
            let errors = [
                expectFailure(.deserialization) { try client.get(key, as: [UInt8].self) },
                expectFailure(.deserialization) { try client.get(key, as: String.self) },
                expectFailure(.deserialization) { try client.get(key, as: Person.self) },
                expectFailure(.deserialization) { try client.gets(key, as: [UInt8].self) },
                expectFailure(.deserialization) { try client.withBytes(key) { _ in } },
                expectFailure(.deserialization) { try client.getMulti([other, key], as: [UInt8].self) },
                expectFailure(.deserialization) { try client.getMulti([other, key], as: String.self) },
                expectFailure(.deserialization) { try client.getsMulti([other, key], as: String.self) },
                expectFailure(.deserialization) { try #require(try client.item(key)).decode(as: [UInt8].self) },
            ]
            for error in errors { #expect(error?.key == key) }
            // Raw it can be had.
            #expect(try client.item(key)?.bytes == bytes)
            #expect(try client.get(other) == "fine")
        }
    }
}

/// The limit to what a compressed value may grow to.
@Suite("Inflation", .timeLimit(.minutes(5)))
struct InflationTests {
    @Test(arguments: Route.protocols)
    func endsAtTheClientsLimit(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        #expect(client.maxInflatedBytes == 64 << 20)
        try client.set(key, String(repeating: "a", count: 10_000), minCompressLen: 1)
        for limit in [9_999, 100, 1, 0] {
            client.maxInflatedBytes = limit
            let error = expectFailure(.deserialization) { try client.get(key, as: String.self) }
            #expect(error?.key == key)
            expectFailure(.deserialization) { try client.getMulti([key], as: [UInt8].self) }
            expectFailure(.deserialization) { try client.withBytes(key) { _ in } }
            expectFailure(.deserialization) { try client.decode(try #require(try client.item(key)), as: String.self) }
        }
        client.maxInflatedBytes = 10_000
        #expect(try client.get(key) == String(repeating: "a", count: 10_000))
        #expect(try client.getMulti([key]) == [key: String(repeating: "a", count: 10_000)])
    }

    @Test(arguments: Route.protocols)
    func ofAValueThatGrowsBeyondAllBoundsIsRefused(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        // 100 MB of zeros in a hundred kilobytes.
        try client.set(key, [UInt8](repeating: 0, count: 100 << 20), minCompressLen: 1, compressLevel: 9)
        expectFailure(.deserialization) { try client.get(key, as: [UInt8].self) }
        expectFailure(.deserialization) { try client.getMulti([key], as: [UInt8].self) }
        #expect(try client.item(key)?.flags == .zlib)
        client.maxInflatedBytes = 100 << 20
        #expect(try client.withBytes(key) { $0.byteCount } == 100 << 20)
    }

    @Test(arguments: Route.protocols)
    func doesNotConcernPlainValues(_ route: Route) throws {
        let client = try route.client()
        client.maxInflatedBytes = 0
        let key = uniqueKey()
        try client.set(key, "plain")
        #expect(try client.get(key) == "plain")
    }
}
