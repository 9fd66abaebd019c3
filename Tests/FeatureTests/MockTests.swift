import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// What a mock has and a server has not; the rest is in the contract.
@Suite("MockClient")
struct MockTests {
    @Test func itemsExpireByTheClock() throws {
        let clock = MockClock(startingAt: Date(timeIntervalSince1970: 1_000_000_000))
        let cache = MockClient(clock: clock)
        try cache.set("minute", 1, time: .minutes(1))
        try cache.set("year", 1, time: .days(365))
        try cache.set("date", 1, time: .at(Date(timeIntervalSince1970: 1_000_000_100)))
        try cache.set("ever", 1)
        try cache.incr("counter", initial: 1, time: 30)
        clock.advance(by: .milliseconds(59_999))
        #expect(try cache.getMulti(["minute", "year", "date", "ever", "counter"], as: Int.self).count == 4)
        clock.advance(by: .milliseconds(1))
        #expect(try !cache.contains("minute"))
        clock.advance(by: .seconds(40))
        #expect(try !cache.contains("date"))
        #expect(try cache.touch("year", time: 10))
        clock.advance(by: .seconds(10))
        #expect(try !cache.contains("year"))
        #expect(try cache.contains("ever"))
    }

    @Test func delayedFlushTakesWhatIsStoredUntilThen() throws {
        let clock = MockClock()
        let cache = MockClient(clock: clock)
        try cache.set("before", 1)
        try cache.flushAll(time: 10)
        clock.advance(by: .seconds(5))
        try cache.set("between", 1)
        #expect(try cache.contains("before"))
        clock.advance(by: .seconds(5))
        #expect(try !cache.contains("before"))
        #expect(try !cache.contains("between"))
        clock.advance(by: .seconds(1))
        try cache.set("after", 1)
        #expect(try cache.contains("after"))
    }

    /// The mark of freshness has a shorter key than the prefix.
    @Test func badPrefixThatIsLongerThanTheKeyIsRefused() async throws {
        let prefix = " " + String(repeating: "p", count: 150)
        let cache = AsyncPrefixedCommands(MockClient(binary: false).asynchronous, prefix: prefix)
        let error = await #expect(throws: MemcachedError.self) {
            try await cache.getOrSet("key", stale: .seconds(5)) { 1 }
        }
        #expect(error?.code == .badKey && error?.key == "key")
    }

    @Test func failuresAreInjected() throws {
        let cache = MockClient()
        try cache.set("key", 1)
        cache.fail(with: .injected(.timeout), times: 1) { operation, key in operation == "get" && key == "key" }
        #expect(try cache.get("other", as: Int.self) == nil)
        try cache.set("key", 2)
        let error = try #require(throws: MemcachedError.self) { try cache.get("key", as: Int.self) }
        #expect(error.code == .timeout && error.key == "key" && error.operation == "get" && error.server != nil)
        #expect(try cache.get("key") == 2)

        cache.fail(with: .injected(.connectionFailure))
        for _ in 0..<3 { #expect(try code { try cache.set("key", 3) } == .connectionFailure) }
        #expect(cache.ping().first?.error?.code == .connectionFailure)
        cache.stopFailing()
        #expect(try cache.get("key") == 2)
    }

    @Test func keysOfOneCallFailByThemselves() throws {
        let cache = MockClient()
        let heard = Heard()
        cache.onError = heard.handler
        cache.fail(with: .injected(.timeout)) { _, key in key == "p:bad" }
        #expect(try cache.setMulti(["good": 1, "bad": 1], keyPrefix: "p:") == ["bad"])
        #expect(try cache.getMulti(["good", "bad"], keyPrefix: "p:") == ["good": 1])
        #expect(heard.codes == [.timeout, .timeout])
        #expect(try code { _ = try cache.getMulti(["bad"], keyPrefix: "p:", as: Int.self) } == .timeout)
    }

    @Test func requestsThatAskNoServerAreNotRecorded() throws {
        let cache = MockClient()
        let watched = RecordingCommands(cache)
        #expect(try watched.getOrSet("key") { 1 } == 1)
        #expect(cache.requests.map(\.keys.list.count) == watched.commands.map(\.request.keys.list.count))
        #expect(cache.requests.count == 5)
    }

    @Test func onlyASetThatIsTooBigDropsTheOldValue() throws {
        let cache = MockClient(maxItemSize: 1000)
        let huge = [UInt8](repeating: 0, count: 1000)
        try cache.set("key", 1)
        #expect(try code { _ = try cache.replace("key", huge) } == .tooBig)
        #expect(try cache.get("key") == 1)
        #expect(try code { try cache.set("key", huge) } == .tooBig)
        #expect(try cache.contains("key") == false)
    }

    @Test func contentsThatAreNotAskedForAreNotRead() throws {
        let cache = RecordingCommands(MockClient())
        try cache.set("key", "value")
        #expect(try cache.contains("key"))
        let response = try #require(try cache.commands.last?.result.get())
        #expect(response.results[0].value?.byteCount == 0)
    }

    @Test func sizesAreLimited() throws {
        let cache = MockClient(maxItemSize: 1000)
        #expect(try code { try cache.set("key", [UInt8](repeating: 0, count: 1000)) } == .tooBig)
        #expect(try cache.set("key", [UInt8](repeating: 0, count: 900)))
        // A server says so before it looks for the item.
        #expect(
            try code { _ = try cache.cas("no item", [UInt8](repeating: 0, count: 1000), cas: CAS(rawValue: 1)) }
                == .tooBig
        )
    }

    @Test func valuesMayHaveOtherFormats() throws {
        let cache = MockClient(format: .php, compression: Compression(minLength: 100))
        try cache.set("key", String(repeating: "x", count: 1000))
        let item = try #require(try cache.item("key"))
        #expect(item.bytes.count < 100)
        #expect(try cache.get("key") == String(repeating: "x", count: 1000))
        #expect(try cache.withBytes("key") { $0.byteCount } == 1000)
    }

    @Test func threadsMayShareIt() async throws {
        let cache = MockClient()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { for _ in 0..<200 { _ = try? cache.incr("counter", initial: 1) } }
            }
        }
        #expect(try cache.get("counter") == 1600)
        #expect(cache.count == 1)
    }

    @Test func statisticsAreKept() throws {
        let cache = MockClient()
        try cache.set("key", 1)
        _ = try cache.get("key", as: Int.self)
        _ = try cache.get("other", as: Int.self)
        let stats = try cache.getStats()[0].stats
        #expect(stats["get_hits"] == "1" && stats["get_misses"] == "1" && stats["curr_items"] == "1")
    }
}
