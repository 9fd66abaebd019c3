import SwiftLibMC
import TestSupport
import Testing

/// Counters that several clients use at once.
@Suite("Counters under contention", .timeLimit(.minutes(5)))
struct CounterRaceTests {
    private let threads = 4
    private let rounds = 50

    @Test(arguments: Route.allCases)
    func noCountIsLost(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, 0)
        let seen = Locked<Set<UInt64>>([])
        try onThreads(threads, cloning: client) { [rounds] _, client in
            for _ in 0..<rounds {
                let value = try client.incr(key)
                seen.withLock { _ = $0.insert(value) }
            }
        }
        #expect(seen.withLock { $0 } == Set(1...UInt64(threads * rounds)))
        #expect(try client.get(key) == threads * rounds)
    }

    @Test(arguments: Route.allCases)
    func ofManyCreatorsOneCreates(_ route: Route) throws {
        let client = try route.client()
        let keys = uniqueKeys(rounds)
        let seen = Locked<[String: [UInt64]]>([:])
        try onThreads(threads, cloning: client) { _, client in
            for key in keys {
                let value = try client.incr(key, initial: 1)
                seen.withLock { $0[key, default: []].append(value) }
            }
        }
        for (_, values) in seen.withLock({ $0 }) {
            #expect(values.sorted() == Array(1...UInt64(threads)))
        }
    }

    @Test(arguments: Route.protocols)
    func creatorsAndDeletersGetAlong(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try onThreads(threads, cloning: client) { [rounds] number, client in
            for _ in 0..<rounds {
                if number == 0 {
                    try client.delete(key)
                } else {
                    let value = try client.incr(key, initial: 1)
                    #expect(value >= 1)
                }
            }
        }
        #expect(try client.incr(key, initial: 1) >= 1)
    }

    @Test func bothProtocolsCountTogether() throws {
        let key = uniqueKey()
        let ascii = try Route.asciiTCP.client()
        try onThreads(threads, cloning: try Route.binaryTCP.client()) { [rounds] number, binary in
            let client = number.isMultiple(of: 2) ? binary : try Route.asciiTCP.client()
            for _ in 0..<rounds { try client.incr(key, initial: 1) }
        }
        #expect(try ascii.get(key) == threads * rounds)
    }
}
