import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// Every operation gives what the synchronous one gives.
@Suite("AsyncClient: operations", .enabled(if: MemcachedServer.isInstalled), .timeLimit(.minutes(2)))
struct AsyncOperationTests {
    private func make(binary: Bool, connections: Int = 2) throws -> AsyncClient {
        let address = try MemcachedServer.shared(.tcp).address
        return try AsyncClient(
            cloning: try Client([address], binary: binary, behaviors: .patient),
            connections: connections,
            commandTimeout: .seconds(60)
        )
    }

    @Test(arguments: [true, false])
    func readingAndStoring(_ binary: Bool) async throws {
        let client = try make(binary: binary)
        let key = uniqueKey()
        #expect(try await client.get(key, as: String.self) == nil)
        #expect(try await client.get(key, default: "other") == "other")
        #expect(try await client.set(key, "value"))
        #expect(try await client.get(key) == "value")
        #expect(try await client.get(key, as: [UInt8].self) == Array("value".utf8))
        #expect(try await client.contains(key))
        #expect(try await !client.add(key, "new"))
        #expect(try await client.replace(key, "replaced"))
        #expect(try await client.append(key, "!"))
        #expect(try await client.prepend(key, "¡"))
        #expect(try await client.get(key, default: "") == "¡replaced!")
        let count = try await client.withBytes(key) { $0.byteCount }
        #expect(count == "¡replaced!".utf8.count)
        #expect(try await client.delete(key))
        #expect(try await !client.delete(key))
        #expect(try await !client.contains(key))
        #expect(try await !client.replace(key, "x"))
        #expect(try await client.withBytes(key) { $0.byteCount } == nil)
        #expect(try await client.add(key, 5))
        #expect(try await client.get(key) == 5)
    }

    @Test(arguments: [true, false])
    func versions(_ binary: Bool) async throws {
        let client = try make(binary: binary)
        let key = uniqueKey()
        #expect(try await client.gets(key, as: String.self) == nil)
        try await client.set(key, "one")
        let (value, token) = try #require(try await client.gets(key, as: String.self))
        #expect(value == "one")
        #expect(try await client.cas(key, "two", cas: token))
        #expect(try await !client.cas(key, "three", cas: token))
        let item = try #require(try await client.item(key))
        #expect(item.bytes == Array("two".utf8))
        #expect(item.key == Array(key.utf8))
        #expect(item.flags == .text)
        #expect(item.cas != token)
        #expect(try await client.decode(item, as: String.self) == "two")
        try await client.delete(key)
        let error = try await failure { try await client.cas(key, "four", cas: item.cas) }
        #expect(error?.code == .notFound)
        #expect(error?.operation == "cas")
        #expect(try await client.item(key) == nil)
    }

    @Test(arguments: [true, false])
    func counting(_ binary: Bool) async throws {
        let client = try make(binary: binary)
        let key = uniqueKey()
        let error = try await failure { try await client.incr(key) }
        #expect(error?.code == .notFound)
        #expect(error?.key == key)
        #expect(try await client.incr(key, delta: 5, initial: 10) == 10)
        #expect(try await client.incr(key, delta: 5, initial: 10) == 15)
        #expect(try await client.incr(key) == 16)
        #expect(try await client.decr(key, delta: UInt8(6)) == 10)
        #expect(try await client.decr(key, initial: 7) == 9)
        #expect(try await failure { try await client.incr(key, delta: -1) }?.code == .invalidArguments)
        try await client.set(key, "text")
        #expect(try await failure { try await client.incr(key) }?.code == .notNumeric)
    }

    @Test(arguments: [true, false])
    func manyAtOnce(_ binary: Bool) async throws {
        let client = try make(binary: binary)
        let keys = uniqueKeys(20)
        let mapping = Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1, $0) })
        #expect(try await client.setMulti(mapping) == [])
        #expect(try await client.getMulti(keys, as: Int.self) == mapping)
        #expect(try await client.getMultiArray(keys + ["none-such"], as: Int.self) == Array(0..<20) + [nil])
        #expect(try await client.getsMulti(keys, as: Int.self).mapValues(\.value) == mapping)
        #expect(try await client.items(keys).count == 20)
        #expect(try await client.addMulti(mapping).count == 20)
        #expect(try await client.replaceMulti(mapping.mapValues { $0 * 2 }) == [])
        try await client.incrMulti(keys)
        try await client.decrMulti(keys, delta: 2)
        #expect(try await client.get(keys[4], as: Int.self) == 7)
        #expect(try await client.touchMulti(keys, time: .hours(1)) == [])
        #expect(try await client.deleteMulti(keys))
        #expect(try await !client.deleteMulti(keys))
        #expect(try await client.touchMulti(keys, time: 1).count == 20)
        #expect(try await failure { try await client.incrMulti(keys) }?.code == .notFound)

        let mixed: [String: any Encodable & Sendable] = [keys[0]: 1, keys[1]: "text", keys[2]: [1.5, 2.5]]
        #expect(try await client.setMulti(mixed, time: 60, keyPrefix: "p-") == [])
        #expect(try await client.get("p-" + keys[1], as: String.self) == "text")
        #expect(try await client.addMulti([(keys[3], 1), (keys[3], 2)]) == [])
        #expect(try await client.get(keys[3], as: Int.self) == 2)
        #expect(try await client.getMulti(["a", "b"], keyPrefix: "\(keys[0])-none", as: Int.self) == [:])
    }

    @Test(arguments: [true, false])
    func optionsOfStoring(_ binary: Bool) async throws {
        let client = try make(binary: binary, connections: 1)
        let key = uniqueKey()
        let text = String(repeating: "compress me ", count: 1000)
        try await client.set(key, text, time: .hours(1), minCompressLen: 100)
        let item = try #require(try await client.item(key))
        #expect(item.flags == [.text, .zlib])
        #expect(item.bytes.count < 1000)
        #expect(try await client.get(key, as: String.self) == text)
        #expect(try await client.get(key, as: [UInt8].self) == Array(text.utf8))
        #expect(try await client.withBytes(key) { $0.byteCount } == text.utf8.count)
        #expect(try await client.decode(item, as: String.self) == text)
        #expect(try await failure { try await client.set(key, text, compressLevel: 12) }?.code == .invalidArguments)
        try await client.set(key, "quiet", noreply: true)
        #expect(try await client.get(key, as: String.self) == "quiet")
        try await client.delete(key, noreply: true)
        #expect(try await client.get(key, as: String.self) == nil)
        try await client.set(key, "gone", time: .now)
        #expect(try await client.get(key, as: String.self) == nil)
        try await client.set(key, "soon gone")
        #expect(try await client.touch(key, time: .now))
        #expect(try await !client.touch(key, time: 1))
    }

    @Test func aClientsOwnCompressionApplies() async throws {
        let client = try sharedClient()
        client.compression = Compression(minLength: 100)
        let cache = try AsyncClient(cloning: client)
        let key = uniqueKey()
        try await cache.set(key, String(repeating: "a", count: 5000))
        #expect(try await cache.item(key)?.flags == [.text, .zlib])
    }

    @Test func aTooLargeInflatedValueIsRefused() async throws {
        let client = try sharedClient()
        client.maxInflatedBytes = 1000
        let cache = try AsyncClient(cloning: client)
        let key = uniqueKey()
        try await cache.set(key, String(repeating: "a", count: 5000), minCompressLen: 1)
        let error = try await failure { try await cache.get(key, as: String.self) }
        #expect(error?.code == .deserialization)
        #expect(error?.key == key)
    }

    @Test func keysOfAllKinds() async throws {
        let client = try make(binary: true)
        let name = uniqueKey()
        let grouped = GroupedKey(group: "group", key: name)
        async let first = client.set(grouped, "grouped")
        async let second = client.set(Substring(name + "-s"), "substring")
        async let third = client.set(Array((name + "-b").utf8), "bytes")
        let stored = try await [first, second, third]
        #expect(stored == [true, true, true])
        async let one: String? = client.get(grouped)
        async let two: String? = client.get(name + "-s")
        async let three: String? = client.get(Data((name + "-b").utf8))
        let read = try await [one, two, three]
        #expect(read == ["grouped", "substring", "bytes"])
        let number = Int.random(in: 1 << 40...1 << 60)
        try await client.set(number, 1)
        #expect(try await client.get("\(number)", as: Int.self) == 1)
    }

    @Test func updating() async throws {
        let client = try make(binary: true)
        let key = uniqueKey()
        #expect(try await client.update(key, as: Int.self) { $0.map { $0 + 1 } } == nil)
        try await withThrowingTaskGroup { group in
            for _ in 0..<20 {
                group.addTask { _ = try await client.update(key, retries: 1000, default: 0) { $0 + 1 } }
            }
            try await group.waitForAll()
        }
        #expect(try await client.get(key, as: Int.self) == 20)
        struct Mine: Error {}
        await #expect(throws: Mine.self) { try await client.update(key, as: Int.self) { _ in throw Mine() } }
        let conflict = try await failure {
            try await client.update(key, as: Int.self, retries: 0) { value in
                // Somebody else is quicker.
                try client.blockingSet(key)
                return value
            }
        }
        #expect(conflict?.code == .casConflict)
    }

    @Test func servers() async throws {
        let server = try MemcachedServer.start()
        let client = try AsyncClient(cloning: try Client([server.address], behaviors: .patient))
        #expect(client.servers.map(\.description) == [server.address])
        #expect(try await client.version().count == 1)
        #expect(try await client.ping().map { $0.error == nil } == [true])
        #expect(try await client.getStats().first?.stats["pid"] != nil)
        #expect(try await client.hash("key") == 0)
        #expect(try await client.server(for: "key").description == server.address)
        #expect(try await failure { try await client.hash("") }?.code == .badKey)
        try await client.set("key", 1)
        try await client.flushAll()
        #expect(try await client.get("key", as: Int.self) == nil)
        try await client.disconnectAll()
        #expect(try await eventually { try server.connectionCount() == 0 })
    }

    @Test func running() async throws {
        struct Mine: Error {}
        let client = try make(binary: true)
        let key = uniqueKey()
        let sum = try await client.run { client in
            try client.set(key, 20)
            return try client.get(key, default: 0) + 22
        }
        #expect(sum == 42)
        await #expect(throws: Mine.self) { try await client.run { _ in throw Mine() } }
        try await client.run { _ in }
    }

    @Test(arguments: [(0, 1.0, 1), (1025, 1, 1), (1, 0, 1), (1, -1, 1), (1, 1, 0)])
    func impossibleSettingsAreRefused(_ connections: Int, _ seconds: Double, _ limit: Int) throws {
        let client = try sharedClient()
        let error = try #require(throws: MemcachedError.self) {
            try AsyncClient(
                cloning: client,
                connections: connections,
                commandTimeout: .seconds(seconds),
                queueLimit: limit
            )
        }
        #expect(error.code == .invalidArguments)
    }
}

extension AsyncClient {
    /// Changes an item behind everybody's back.
    fileprivate func blockingSet(_ key: String) throws {
        try Client(servers: servers).set(key, 0)
    }
}
