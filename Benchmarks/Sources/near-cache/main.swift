// How fast NearCache answers, and how often it can, against plain LRU. Run it by
// `swift run -c release --package-path Benchmarks near-cache`, on a quiet machine.

import Foundation
import SwiftLibMC

extension Double {
    func power(_ exponent: Double) -> Double { Foundation.pow(self, exponent) }
}

/// A cache that has every item, at no cost.
struct Everything: MemcachedCommands, Sendable {
    let value: MemcachedResponse.Value

    func execute(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
        MemcachedResponse(request.keys.list.mapEach { _ in .found(value) })
    }
}

/// The same for tasks.
struct AsyncEverything: AsyncMemcachedCommands {
    let base: Everything

    func execute(_ request: MemcachedRequest) async throws(MemcachedError) -> MemcachedResponse {
        try base.execute(request)
    }
}

let payload = [UInt8](repeating: 120, count: 100)
let everything = Everything(value: MemcachedResponse.Value(bytes: payload, flags: .bytes))
let texts = Everything(value: MemcachedResponse.Value(bytes: payload, flags: .text))

func seconds(_ body: () throws -> Void) rethrows -> Double {
    let duration = try ContinuousClock().measure(body).components
    return Double(duration.seconds) + Double(duration.attoseconds) / 1e18
}

func report(_ name: String, _ reads: Int, _ seconds: Double) {
    print(
        String(
            format: "%@: %.1f million reads per second, %.0f ns each",
            name,
            Double(reads) / seconds / 1e6,
            seconds / Double(reads) * 1e9
        )
    )
}

let reads = 4_000_000
let keys = (0..<1_000).map { "user:\($0):profile" }
let hour = Duration.seconds(3_600)

func hitsPerSecond() async throws {
    let bytes = NearCache(everything, timeToLive: hour)
    report(
        "get of 100 bytes",
        reads,
        try seconds {
            for index in 0..<reads { _ = try bytes.get(keys[index % 1_000], as: [UInt8].self) }
        }
    )
    let text = NearCache(texts, timeToLive: hour)
    report(
        "get of a text of 100 bytes",
        reads,
        try seconds {
            for index in 0..<reads { _ = try text.get(keys[index % 1_000], as: String.self) }
        }
    )
    let existential: any MemcachedCommands = bytes
    report(
        "get of 100 bytes, any MemcachedCommands",
        reads,
        try seconds {
            for index in 0..<reads { _ = try existential.get(keys[index % 1_000], as: [UInt8].self) }
        }
    )
    report(
        "getMultiArray of 100 keys, per key",
        reads,
        try seconds {
            for index in 0..<(reads / 100) {
                _ = try bytes.getMultiArray(keys[(index % 10) * 100..<(index % 10) * 100 + 100], as: [UInt8].self)
            }
        }
    )
    let tasks = AsyncNearCache(AsyncEverything(base: everything), timeToLive: hour)
    let start = ContinuousClock.now
    for index in 0..<reads { _ = try await tasks.get(keys[index % 1_000], as: [UInt8].self) }
    let duration = start.duration(to: .now).components
    report("async get of 100 bytes", reads, Double(duration.seconds) + Double(duration.attoseconds) / 1e18)
    let memory = bytes.memory
    report(
        "get of 100 bytes by two threads, per thread",
        reads,
        seconds {
            DispatchQueue.concurrentPerform(iterations: 2) { _ in
                let cache = NearCache(everything, memory: memory)
                for index in 0..<reads { _ = try? cache.get(keys[index % 1_000], as: [UInt8].self) }
            }
        }
    )
    let hot = HotKeys()
    report("HotKeys.note", reads, seconds { for index in 0..<reads { hot.note(keys[index % 1_000]) } })
}

/// The hit ratios on a trace, of a cache for `capacity` items.
func hitRatios(_ name: String, _ trace: Trace, capacity: Int) throws {
    // What an item takes with its key of 12 bytes.
    let near = NearCache(everything, bytes: capacity * (256 + 12 + payload.count), timeToLive: hour)
    var lru = LRU(capacity: capacity)
    var (lruHits, count) = (0, 0)
    for key in trace {
        if lru.read(key) { lruHits += 1 }
        count += 1
        let text = String(key)
        _ = try near.get("key:" + String(repeating: "0", count: 8 - text.count) + text, as: [UInt8].self)
    }
    let statistics = near.statistics
    print(
        String(
            format: "%@: NearCache %.2f %%, LRU %.2f %%; %d items, %d of %d bytes",
            name,
            statistics.hitRatio * 100,
            Double(lruHits) / Double(count) * 100,
            statistics.items,
            statistics.bytes,
            near.memory.byteLimit
        )
    )
}

try await hitsPerSecond()
try hitRatios(
    "Zipf 0.99, a million keys, room for 10 000",
    Trace(keys: 1_000_000, exponent: 0.99, reads: 5_000_000),
    capacity: 10_000
)
try hitRatios(
    "the same with a scan of 20 000 keys after each 40 000 reads",
    Trace(keys: 1_000_000, exponent: 0.99, reads: 5_000_000, scanEvery: 40_000, scanLength: 20_000),
    capacity: 10_000
)
