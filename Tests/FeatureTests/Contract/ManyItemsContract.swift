import SwiftLibMC
import TestSupport
import Testing

/// What calls with many keys do, the same with a client, a mock and all wrappers.
@Suite("Contract: many items", .timeLimit(.minutes(2)))
struct ManyItemsContract {
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
