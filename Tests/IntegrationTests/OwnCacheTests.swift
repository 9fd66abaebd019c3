import OutsideModule
import SwiftLibMC
import TestSupport
import Testing

/// Caches and wrappers of one's own, for tasks.
@Suite struct OwnCacheTests {
    @Test func oneFunctionMakesACache() async throws {
        let cache: any AsyncMemcachedCommands = DictionaryCache()
        #expect(try await cache.get("key", as: Int.self) == nil)
        try await cache.set("key", ["a", "b"])
        #expect(try await cache.get("key") == ["a", "b"])
        #expect(try await !cache.add("key", 1))
        #expect(try await cache.replace("key", String(repeating: "x", count: 1000), minCompressLen: 100))
        #expect(try await cache.item("key")?.flags == [.text, .zlib])
        #expect(try await cache.withBytes("key") { $0.byteCount } == 1000)
        #expect(try await cache.getOrSet("other") { 5 } == 5)
        #expect(try await cache.get("other") == 5)
        #expect(try await cache.cached("optional") { Int?.none } == nil)
        #expect(try await cache.cached("optional") { 7 } == nil)
        #expect(try await cache.delete("key"))
        let group = AsyncPrefixedCommands(cache, prefix: "a/")
        try await group.set("b", 1)
        #expect(try await cache.get("a/b") == 1)
        await #expect(throws: MemcachedError.self) { try await cache.incr("key") }
    }

    @Test func aWrapperPassesOnWhatItIsAsked() async throws {
        let asked = Locked<[String]>([])
        let cache = CountingCommands(DictionaryCache()) { operation, count in
            asked.withLock { $0.append("\(operation.rawValue) \(count)") }
        }
        try await cache.set("key", 1)
        #expect(try await cache.get("key") == 1)
        #expect(try await generic(cache) == 1)
        _ = try? await cache.getMulti(["a", "b"], as: Int.self)
        #expect(asked.withLock { $0 } == ["set 1", "get 1", "get 1", "getMulti 2"])
    }

    private func generic(_ cache: some AsyncMemcachedCommands) async throws -> Int? { try await cache.get("key") }
}
