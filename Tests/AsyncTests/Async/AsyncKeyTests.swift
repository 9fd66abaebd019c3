import SwiftLibMC
import TestSupport
import Testing

/// That keys are told apart by their bytes, also in what goes out together.
@Suite("AsyncClient: keys", .enabled(if: MemcachedServer.isInstalled), .timeLimit(.minutes(2)))
struct AsyncKeyTests {
    private let composed: String
    private let decomposed: String
    private var both: [String] { [composed, decomposed] }

    init() {
        let name = uniqueKey()
        composed = "\(name)-caf\u{E9}"
        decomposed = "\(name)-cafe\u{301}"
    }

    private func cache(binary: Bool) throws -> AsyncClient {
        let address = try MemcachedServer.shared(.tcp).address
        return try AsyncClient(
            cloning: try Client([address], binary: binary, behaviors: .patient),
            connections: 1,
            commandTimeout: .seconds(60)
        )
    }

    @Test(arguments: [true, false])
    func callsThatGoOutTogetherHaveTheirOwnItems(binary: Bool) async throws {
        let cache = try cache(binary: binary)
        var blocker = try await Blocker(cache)
        let writes = both.enumerated().map { number, key in queued { try await cache.set(key, number) } }
        try await blocker.release()
        for write in writes { #expect(try await write.value) }
        blocker = try await Blocker(cache)
        let reads = both.map { key in queued { try await cache.get(key, as: Int.self) } }
        try await blocker.release()
        #expect(try await reads[0].value == 0)
        #expect(try await reads[1].value == 1)
        #expect(try await cache.delete(composed))
        #expect(try await cache.get(decomposed) == 1)
        await cache.shutdown()
    }

    @Test(arguments: [true, false])
    func callsForManyKeysHaveBoth(binary: Bool) async throws {
        let cache = try cache(binary: binary)
        #expect(try await cache.setMulti([(composed, 0), (decomposed, 2), (composed, 1)]) == [])
        #expect(try await cache.addMulti([(composed, 0), (decomposed, 0)]).count == 2)
        #expect(try await cache.replaceMulti([(composed, 3), (decomposed, 4)]) == [])
        #expect(try await cache.getMultiArray(both, as: Int.self) == [3, 4])
        #expect(try await cache.getMulti(both, as: Int.self).values.map { $0 } == [3])
        #expect(try await cache.getMulti(both.reversed(), as: String.self).values.map { $0 } == ["4"])
        #expect(try await cache.items(both).values.map(\.bytes) == [[UInt8(ascii: "3")]])
        #expect(try await cache.getsMulti(both, as: Int.self).values.map(\.value) == [3])
        try await cache.incrMulti(both)
        #expect(try await cache.touchMulti(both, time: 100) == [])
        #expect(try await cache.getMultiArray(both, as: Int.self) == [4, 5])
        #expect(try await cache.deleteMulti(both))
        #expect(try await cache.touchMulti(both, time: 100).count == 2)
        await cache.shutdown()
    }

    @Test(arguments: [true, false])
    func anEmptyKeyWithAPrefixIsGood(binary: Bool) async throws {
        let cache = try cache(binary: binary)
        let prefix = uniqueKey()
        #expect(try await cache.setMulti(["": 1], keyPrefix: prefix) == [])
        #expect(try await cache.getMulti([""], keyPrefix: prefix) == ["": 1])
        await cache.shutdown()
    }
}
