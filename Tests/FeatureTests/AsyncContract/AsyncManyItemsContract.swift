import SwiftLibMC
import TestSupport
import Testing

/// What calls with many keys do, the same with a client, a mock and all wrappers.
@Suite("Contract of asynchronous caches: many items", .timeLimit(.minutes(2)))
struct AsyncManyItemsContract {
    @Test(arguments: AsyncBackend.allCases)
    func writesTellWhatWasNotStored(backend: AsyncBackend) async throws {
        let cache = try backend.make().cache
        let keys = uniqueKeys(3)
        #expect(try await cache.addMulti([keys[0]: 1]) == [])
        #expect(try await cache.addMulti([keys[0]: 2, keys[1]: 2]) == [keys[0]])
        #expect(try await cache.replaceMulti([keys[1]: 3, keys[2]: 3]) == [keys[2]])
        #expect(try await cache.getMulti(keys) == [keys[0]: 1, keys[1]: 3])
        let values: [String: [UInt8]] = [keys[0]: Array(repeating: 0, count: 1 << 20), keys[2]: [1]]
        #expect(try await cache.setMulti(values) == [keys[0]])
        #expect(try await cache.get(keys[2], as: [UInt8].self) == [1])
    }

    @Test(arguments: AsyncBackend.allCases.filter { ![.prefixed, .nested, .hookedNested].contains($0) })
    func cachesCanBeEmptied(backend: AsyncBackend) async throws {
        // Not the servers that all tests share.
        let server = try MemcachedServer.start()
        let client = try backend.client([server.address])
        let cache = try backend.serverCount == 1 ? backend.make().cache : backend.around(client)
        try await cache.set("key", 1)
        try await cache.flushAll()
        #expect(try await eventually { try await cache.get("key", as: Int.self) == nil })
    }

    @Test(arguments: AsyncBackend.allCases)
    func serversCanBeAsked(backend: AsyncBackend) async throws {
        let cache = try backend.make().cache
        let count = backend.serverCount
        #expect(try await cache.version().count == count)
        #expect(try await cache.getStats().count == count)
        #expect(try await cache.ping().count == count)
        #expect(try await cache.ping().allSatisfy { $0.error == nil })
        try await cache.disconnectAll()
        #expect(try await cache.get(uniqueKey(), as: Int.self) == nil)
    }
}
