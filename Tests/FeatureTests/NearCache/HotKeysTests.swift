import SwiftLibMC
import TestSupport
import Testing

@Suite("HotKeys", .timeLimit(.minutes(1)))
struct HotKeysTests {
    @Test func countsAreExactWhileThereIsRoom() {
        let hot = HotKeys(capacity: 100)
        for number in 1...50 { for _ in 0..<number { hot.note("key \(number)") } }
        #expect(hot.top(3).map(\.key) == ["key 50", "key 49", "key 48"])
        #expect(hot.top(1000).map(\.count) == Array((1...50).reversed()))
        #expect(hot.top(50).allSatisfy { $0.possibleExcess == 0 })
        hot.reset()
        #expect(hot.top().isEmpty)
        hot.note(GroupedKey(group: "group", key: "key"), count: 3)
        hot.note("key")
        #expect(hot.top().map(\.key) == ["key"] && hot.top().map(\.count) == [4])
        #expect(hot.top(-1).isEmpty)
    }

    /// What is used more than once in as many times as there are counters is found, among any number of others.
    @Test(arguments: [1, 2, 3])
    func frequentKeysAreFoundInBoundedMemory(seed: UInt64) {
        let hot = HotKeys(capacity: 200)
        var dice = Dice(seed)
        var exact: [String: Int] = [:]
        let uses = 100_000
        for _ in 0..<uses {
            // Each of ten keys is one in forty; the others are hardly ever the same.
            let key = dice.chance(4) ? "hot \(dice.below(10))" : "cold \(dice.below(1_000_000))"
            exact[key, default: 0] += 1
            hot.note(key)
        }
        let top = hot.top(10)
        #expect(Set(top.map(\.key)) == Set((0..<10).map { "hot \($0)" }))
        for key in hot.top(200) {
            let count = exact[key.key, default: 0]
            #expect(key.count >= count && key.count - key.possibleExcess <= count)
            #expect(key.possibleExcess <= uses / 200)
        }
        #expect(hot.top(1_000).count == 200)
    }

    @Test func anObserverHearsOfAllCommands() async throws {
        let hot = HotKeys()
        let mock = MockClient()
        let cache = PrefixedCommands(ObservedCommands(mock, observer: hot), prefix: "p/")
        try cache.set("a", 1)
        for _ in 0..<2 { _ = try cache.getMulti(["a", "b"], as: Int.self) }
        #expect(hot.top().map(\.key) == ["p/a", "p/b"] && hot.top().map(\.count) == [3, 2])
        // Around a near cache it hears of what is answered at once.
        let near = AsyncObservedCommands(AsyncNearCache(mock.asynchronous), observer: hot)
        for _ in 0..<10 { _ = try await near.get("p/b", as: Int.self) }
        #expect(hot.top(1).map(\.key) == ["p/b"])
        #expect(try code { try cache.set(String(repeating: "k", count: 300), 1) } == .badKey)
        #expect(hot.top().count == 2)
    }

    /// What it keeps beside the value, and looking again while another one computes, are no uses of a key.
    @Test(arguments: [Duration.zero, .seconds(100)])
    func ofAComputedValueOnlyTheKeyCounts(stale: Duration) async throws {
        let hot = HotKeys()
        let cache = AsyncObservedCommands(MockClient().asynchronous, observer: hot)
        // A miss, which is read and stored; then hits.
        for _ in 0..<3 { _ = try await cache.getOrSet("key", time: .hours(1), stale: stale) { 1 } }
        #expect(hot.top().map(\.key) == ["key"] && hot.top().map(\.count) == [4])
        // Another process computes.
        hot.reset()
        _ = try await cache.base.add("busy:lock", 1)
        _ = try await cache.getOrSet("busy", time: .hours(1), lock: .milliseconds(300), stale: stale) { 1 }
        #expect(hot.top().map(\.key) == ["busy"] && hot.top().map(\.count) == [2])
    }

    @Test func reportsComeInTime() throws {
        let reports = Locked<[[HotKey]]>([])
        let hot = HotKeys(reportingEvery: .milliseconds(100), count: 1) { keys in reports.withLock { $0.append(keys) } }
        #expect(
            eventually {
                for _ in 0..<2 { hot.note("a") }
                hot.note("b")
                return reports.withLock { $0.count } >= 2
            }
        )
        // Counting begins anew with each.
        #expect(reports.withLock { $0.allSatisfy { $0.count <= 1 } })
        #expect(reports.withLock { $0.first?.first?.key } == "a")
        #expect(hot.top().reduce(0) { $0 + $1.count } <= 3)
    }

    @Test func manyThreadsMayCount() async {
        let hot = HotKeys(capacity: 10)
        await withTaskGroup { group in
            for task in 0..<8 { group.addTask { for _ in 0..<5_000 { hot.note("key \(task % 4)") } } }
        }
        #expect(hot.top().map(\.count) == [10_000, 10_000, 10_000, 10_000])
    }
}
