import SwiftLibMC
import TestSupport
import Testing

/// What a near cache keeps, and what it drops.
@Suite("NearCache: memory", .timeLimit(.minutes(2)))
struct NearMemoryTests {
    /// A cache that has all items, of a length that their keys decide.
    private struct Everything: MemcachedCommands {
        let length: @Sendable (String) -> Int

        func execute(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
            MemcachedResponse(
                request.keys.list.mapEach { key in
                    .found(.init(bytes: Array(repeating: 1, count: length(key.text)), flags: .bytes))
                }
            )
        }
    }

    private func cache(bytes: Int, of length: @escaping @Sendable (String) -> Int = { _ in 100 }) -> NearCache {
        NearCache(Everything(length: length), bytes: bytes, timeToLive: .seconds(3_600))
    }

    private func isHit(_ cache: NearCache, _ key: String) throws -> Bool {
        let hits = cache.statistics.hits
        _ = try cache.get(key, as: [UInt8].self)
        return cache.statistics.hits > hits
    }

    @Test(arguments: [100_000, 8 << 20, 64 << 20])
    func theLimitHoldsWhateverIsRead(limit: Int) throws {
        let cache = cache(bytes: limit) { key in (Int(key) ?? 0) % 7 == 0 ? 20_000 : (Int(key) ?? 0) % 3_000 }
        var dice = Dice(1)
        for round in 0..<20_000 {
            _ = try cache.get(String(dice.below(20_000) * dice.below(10)), as: [UInt8].self)
            if round % 500 == 0 { #expect(cache.statistics.bytes <= limit) }
        }
        let statistics = cache.statistics
        #expect(statistics.bytes <= limit && statistics.items > 0)
        if limit < 64 << 20 { #expect(statistics.evictions > 0 && statistics.bytes > limit / 2) }
    }

    @Test(arguments: [0, -1, 1, 300])
    func withoutRoomNothingIsKept(limit: Int) throws {
        let cache = cache(bytes: limit)
        for _ in 0..<3 { #expect(try cache.get("key", as: [UInt8].self)?.count == 100) }
        #expect(cache.statistics.hits == 0 && cache.statistics.bytes == 0)
    }

    /// One that is too large for the room is not worth dropping all others for.
    @Test func hugeItemsAreNotKept() throws {
        let cache = cache(bytes: 100_000) { $0 == "huge" ? 50_000 : 100 }
        _ = try cache.get("small", as: [UInt8].self)
        for _ in 0..<2 { #expect(try !isHit(cache, "huge")) }
        #expect(try isHit(cache, "small"))
    }

    @Test func aScanDisplacesNothingThatIsReadOften() throws {
        let cache = cache(bytes: 500 * 400)
        let often = (0..<200).map { "often \($0)" }
        for _ in 0..<4 { for key in often { _ = try cache.get(key, as: [UInt8].self) } }
        for number in 0..<20_000 { _ = try cache.get("once \(number)", as: [UInt8].self) }
        let kept = try often.filter { try isHit(cache, $0) }
        #expect(kept.count == often.count)
    }

    /// A short value of a multi-get is a part of the block that all of them are in.
    @Test func valuesOfMultiGetsKeepNoMemoryOfOthers() throws {
        let cache = NearCache(try Client.shared(), bytes: 1 << 20, timeToLive: .seconds(3_600))
        let keys = uniqueKeys(2_000)
        _ = try cache.setMulti(keys.map { ($0, "value of \($0)") })
        for _ in 0..<2 {
            let found = try cache.getMulti(keys, as: String.self)
            #expect(found.count == keys.count && found.allSatisfy { $1 == "value of \($0)" })
        }
        #expect(cache.statistics.hits > 0 && cache.statistics.bytes <= 1 << 20)
    }
}
