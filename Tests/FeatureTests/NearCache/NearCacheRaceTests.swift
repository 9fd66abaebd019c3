import Dispatch
import SwiftLibMC
import TestSupport
import Testing

/// What the writers of some counters have been told: no later read may find less.
private final class Acknowledged: Sendable {
    private let numbers: [Locked<UInt64>]

    init(_ count: Int) { numbers = (0..<count).map { _ in Locked(0) } }

    subscript(_ index: Int) -> UInt64 { numbers[index].withLock { $0 } }

    func raise(_ index: Int, to number: UInt64) { numbers[index].withLock { $0 = max($0, number) } }
}

/// That no caller ever gets a value that is older than a write which had ended before it asked.
@Suite("NearCache: races", .timeLimit(.minutes(2)))
struct NearCacheRaceTests {
    private static let rounds = 3_000
    private let keys = uniqueKeys(4)
    private let memory = NearMemory(timeToLive: .seconds(3_600))
    private let failures = Locked<[String]>([])

    private func check(_ number: UInt64?, _ least: UInt64) {
        if (number ?? 0) < least { failures.withLock { $0.append("\(number ?? 0) after \(least)") } }
    }

    private func number(_ text: String?) -> UInt64? { text.flatMap { UInt64($0.prefix { $0 != " " }) } }

    @Test(arguments: [true, false])
    func threadsSeeAllThatWasAcknowledged(binary: Bool) throws {
        let client = try Client.shared(binary: binary)
        let acknowledged = Acknowledged(keys.count)
        for key in keys { try client.set(key, "0") }
        let pool = try ThreadMappedPool(cloning: client)
        DispatchQueue.concurrentPerform(iterations: 6) { thread in
            var dice = Dice(UInt64(thread))
            let cache = NearCache(pool, memory: memory)
            for _ in 0..<Self.rounds {
                let index = dice.below(keys.count)
                if thread < 2, dice.chance(4) {
                    guard let number = try? cache.incr(keys[index]) else { continue }
                    acknowledged.raise(index, to: number)
                } else if dice.chance(4) {
                    let least = keys.indices.map { acknowledged[$0] }
                    guard let texts = try? cache.getMultiArray(keys, as: String.self) else { continue }
                    for index in keys.indices { check(number(texts[index]), least[index]) }
                } else {
                    let least = acknowledged[index]
                    guard let text = try? cache.get(keys[index], as: String.self) else { continue }
                    check(number(text), least)
                }
            }
        }
        #expect(failures.withLock { $0 } == [])
        #expect(memory.statistics.hits > Self.rounds)
        for (index, key) in keys.enumerated() { #expect(try client.get(key) == String(acknowledged[index])) }
    }

    @Test func tasksSeeAllThatWasAcknowledged() async throws {
        let cache = AsyncNearCache(try AsyncClient(cloning: Client.shared(), connections: 4), memory: memory)
        let acknowledged = Acknowledged(keys.count)
        for key in keys { try await cache.set(key, "0") }
        try await withThrowingTaskGroup { group in
            for task in 0..<16 {
                group.addTask {
                    var dice = Dice(UInt64(task))
                    for _ in 0..<Self.rounds / 4 {
                        let index = dice.below(keys.count)
                        if task < 4, dice.chance(4) {
                            acknowledged.raise(index, to: try await cache.incr(keys[index]))
                        } else if dice.chance(4) {
                            let least = keys.indices.map { acknowledged[$0] }
                            let texts = try await cache.getMultiArray(keys, as: String.self)
                            for index in keys.indices { check(number(texts[index]), least[index]) }
                        } else {
                            let least = acknowledged[index]
                            check(number(try await cache.get(keys[index], as: String.self)), least)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(failures.withLock { $0 } == [])
        #expect(memory.statistics.hits > Self.rounds)
    }
}
