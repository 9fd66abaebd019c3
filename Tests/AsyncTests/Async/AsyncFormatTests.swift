import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// Stores strings backwards, calls "miss" a miss, and can't do numbers.
private final class Backwards: Client {
    struct Numbers: Error {}

    override func serialize<V: Encodable>(_ value: V) throws -> Payload {
        guard let text = value as? String else { throw Numbers() }
        return Payload(bytes: text.utf8.reversed(), flags: Flags(rawValue: 1 << 20))
    }

    override func deserialize<V: Decodable>(_ bytes: RawSpan, flags: Flags, as type: V.Type) throws -> V {
        let text = String(decoding: Array(copying: bytes).reversed(), as: UTF8.self)
        if text == "miss" { throw CacheMiss() }
        // Hooks may use the client.
        if text == "follow" { return try get("\(text)-me", as: type) ?? { throw CacheMiss() }() }
        guard let value = text as? V else { throw Numbers() }
        return value
    }
}

/// Of another version it is a miss.
private struct SecondVersion: Codable {
    var version = 2

    init() {}

    init(from decoder: any Decoder) throws {
        version = try decoder.container(keyedBy: CodingKeys.self).decode(Int.self, forKey: .version)
        if version != 2 { throw CacheMiss() }
    }
}

@Suite("AsyncClient: formats", .enabled(if: MemcachedServer.isInstalled), .timeLimit(.minutes(2)))
struct AsyncFormatTests {
    @Test(arguments: [true, false])
    func aSubclassesHooksAreUsed(_ binary: Bool) async throws {
        let server = try MemcachedServer.shared(.tcp)
        let cache = try AsyncClient(
            cloning: try Backwards([server.address], binary: binary, behaviors: .patient),
            connections: 1,
            commandTimeout: .seconds(60)
        )
        let keys = uniqueKeys(30)
        let blocker = try await Blocker(cache)
        let stores = keys.enumerated().map { index, key in queued { try await cache.set(key, "value \(index)") } }
        let wrong = queued { try await cache.set("wrong-\(keys[0])", 5) }
        let reads = keys.map { key in queued { try await cache.get(key, as: String.self) } }
        let raw = queued { try await cache.item(keys[1]) }
        let unreadable = queued { try await cache.get(keys[2], as: Int.self) }
        try await blocker.release()

        for store in stores { #expect(try await store.value) }
        for (index, read) in reads.enumerated() { #expect(try await read.value == "value \(index)") }
        #expect(try await raw.value?.bytes == "value 1".utf8.reversed())
        let refused = try await failure { try await wrong.value }
        #expect(refused?.code == .serialization)
        #expect(refused?.underlying is Backwards.Numbers)
        let undecoded = try await failure { try await unreadable.value }
        #expect(undecoded?.code == .deserialization)
        #expect(undecoded?.underlying is Backwards.Numbers)
        #expect(undecoded?.key == keys[2])

        #expect(try await cache.add(keys[0] + "-a", "added"))
        #expect(try await cache.gets(keys[0] + "-a", as: String.self)?.value == "added")
        #expect(try await cache.getMulti([keys[0] + "-a"], as: String.self).values.first == "added")
        let item = try #require(try await cache.item(keys[0]))
        #expect(try await cache.decode(item, as: String.self) == "value 0")
    }

    @Test func aHookCanMakeAMiss() async throws {
        let server = try MemcachedServer.shared(.tcp)
        let cache = try AsyncClient(cloning: try Backwards([server.address], behaviors: .patient))
        let key = uniqueKey()
        try await cache.set(key, "miss")
        #expect(try await cache.get(key, as: String.self) == nil)
        #expect(try await cache.gets(key, as: String.self) == nil)
        #expect(try await cache.getMulti([key], as: String.self).isEmpty)
        #expect(try await cache.update(key, retries: 0) { ($0 ?? "new") + "!" } == "new!")
        #expect(try await cache.get(key) == "new!")
    }

    @Test func aTypeCanMakeAMiss() async throws {
        let cache = try AsyncClient(cloning: try sharedClient())
        let key = uniqueKey()
        try await cache.set(key, ["version": 1])
        #expect(try await cache.get(key, as: SecondVersion.self) == nil)
        try await cache.update(key, retries: 0) { (old: SecondVersion?) in old ?? SecondVersion() }
        #expect(try await cache.get(key, as: [String: Int].self) == ["version": 2])
    }

    @Test func aMissOfTheFormatIsOneWithOutcomes() async throws {
        let client = try Backwards([try MemcachedServer.shared(.tcp).address], behaviors: .patient)
        client.outcomes = .throwing
        let cache = try AsyncClient(cloning: client)
        let key = uniqueKey()
        try await cache.set(key, "miss")
        #expect(try await failure { try await cache.get(key, as: String.self) }?.code == .noValue)
    }

    @Test func whatWasReadBeforeAFailureIsThereAsStored() async throws {
        let server = try MemcachedServer.shared(.tcp)
        let client = try Backwards([server.address, "127.0.0.1:1"], behaviors: .patient)
        client.partialFailures = .throwing
        let cache = try AsyncClient(cloning: client)
        let keys = uniqueKeys(20)
        _ = try? await cache.setMulti(keys.map { ($0, "text") })
        let error = try await failure { try await cache.getMulti(keys, as: String.self) }
        let items = try #require(error?.partialResult?.items)
        #expect(!items.isEmpty && items.allSatisfy { $0.bytes == Array("txet".utf8) })
    }

    @Test func aHookMayUseTheClient() async throws {
        let server = try MemcachedServer.start()
        let cache = try AsyncClient(
            cloning: try Backwards([server.address], behaviors: .patient),
            connections: 1,
            commandTimeout: .seconds(60)
        )
        let keys = uniqueKeys(10)
        for key in keys { try await cache.set(key, "follow") }
        try await cache.set("follow-me", "followed")
        let blocker = try await Blocker(cache)
        let reads = keys.map { key in queued { try await cache.get(key, as: String.self) } }
        try await blocker.release()
        for read in reads { #expect(try await read.value == "followed") }
    }

    @Test func hooksCompressToo() async throws {
        let server = try MemcachedServer.shared(.tcp)
        let cache = try AsyncClient(cloning: try Backwards([server.address], behaviors: .patient))
        let key = uniqueKey()
        let text = String(repeating: "a", count: 5000)
        try await cache.set(key, text, minCompressLen: 100)
        #expect(try await cache.item(key)?.flags.contains(.zlib) == true)
        #expect(try await cache.get(key, as: String.self) == text)
    }

    @Test func oneCallersBadValueHurtsNobodyElse() async throws {
        struct Point: Codable, Equatable { var x: Int }
        let cache = try AsyncClient(
            cloning: try sharedClient(),
            connections: 1,
            commandTimeout: .seconds(60)
        )
        let keys = uniqueKeys(20)
        for key in keys { try await cache.set(key, "text") }
        try await cache.set(keys[5], Point(x: 1))
        let blocker = try await Blocker(cache)
        let numbers = keys[..<5].map { key in queued { try await cache.get(key, as: Int.self) } }
        let point = queued { try await cache.get(keys[5], as: Point.self) }
        let texts = keys[6...].map { key in queued { try await cache.get(key, as: String.self) } }
        let bad = queued { try await cache.get(String(repeating: "k", count: 251), as: String.self) }
        let empty = queued { try await cache.set("", 1) }
        try await blocker.release()
        for number in numbers { #expect(try await failure { try await number.value }?.code == .deserialization) }
        for text in texts { #expect(try await text.value == "text") }
        #expect(try await point.value == Point(x: 1))
        #expect(try await failure { try await bad.value }?.code == .badKey)
        #expect(try await failure { try await empty.value }?.code == .badKey)
    }

    @Test func aValueThatIsTooLargeHurtsNobodyElse() async throws {
        let server = try MemcachedServer.shared(.tcp)
        let cache = try AsyncClient(
            cloning: try Client([server.address], behaviors: .patient),
            connections: 1,
            commandTimeout: .seconds(60)
        )
        let keys = uniqueKeys(20)
        let blocker = try await Blocker(cache)
        let large = [UInt8](repeating: 1, count: 2 << 20)
        let stores = keys.enumerated().map { index, key in
            queued { try await cache.set(key, index % 7 == 3 ? large : [1, 2, 3]) }
        }
        try await blocker.release()
        for (index, store) in stores.enumerated() {
            let error = try await failure { try await store.value }
            #expect(error?.code == (index % 7 == 3 ? .tooBig : nil))
            if let error { #expect(error.key == keys[index] && error.operation == "set" && !error.isOutcomeUnknown) }
        }
        #expect(try await cache.get(keys[0], as: [UInt8].self) == [1, 2, 3])
    }
}
