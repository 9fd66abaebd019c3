import SwiftLibMC
import TestSupport
import Testing

/// Keeps what it is told: numbers, unless it wants events.
private final class Counting: CommandCounter {
    private let told = Locked<(began: Int, numbers: [CommandNumbers], events: [CommandEvent])>((0, [], []))
    private let needsEvents: Bool

    var began: Int { told.withLock { $0.began } }
    var numbers: [CommandNumbers] { told.withLock { $0.numbers } }
    var events: [CommandEvent] { told.withLock { $0.events } }

    init(needsEvents: Bool = false) { self.needsEvents = needsEvents }

    func began(_ operation: MemcachedOperation) -> Bool {
        told.withLock { $0.began += needsEvents ? 0 : 1 }
        return !needsEvents
    }

    func began(_ request: MemcachedRequest) -> (any Sendable)? {
        told.withLock { $0.began += 1 }
        return nil
    }

    func ended(_ numbers: CommandNumbers) { told.withLock { $0.numbers.append(numbers) } }

    func ended(_ event: CommandEvent, _ token: (any Sendable)?) { told.withLock { $0.events.append(event) } }
}

@Suite("Observers that can do with numbers", .timeLimit(.minutes(1)))
struct CommandCounterTests {
    @Test(arguments: [true, false])
    func readsAreNumbers(binary: Bool) throws {
        let counting = Counting()
        let client = try Client.sharedPair(binary: binary)
        client.observer = counting
        let key = uniqueKey()
        try client.set(key, "value")
        #expect(counting.events.map(\.operation) == [.set])
        #expect(try client.get(key) == "value")
        #expect(try client.get(key) == Array("value".utf8))
        #expect(try client.get(uniqueKey(), as: String.self) == nil)
        #expect(try client.get(uniqueKey(), default: "none") == "none")
        #expect(counting.events.count == 1 && counting.began == 5)
        #expect(counting.numbers.map(\.isHit) == [true, true, false, false])
        #expect(counting.numbers.map(\.bytesRead) == [5, 5, 0, 0])
        #expect(counting.numbers.allSatisfy { $0.operation == .get && $0.nanoseconds > 0 })
        #expect(try client.getMulti([key], as: String.self) == [key: "value"])
        #expect(try client.withBytes(key) { $0.byteCount } == 5)
        #expect(counting.numbers.count == 4 && counting.events.map(\.operation) == [.set, .getMulti, .withBytes])
    }

    @Test(arguments: [true, false])
    func failuresAreEvents(binary: Bool) throws {
        let counting = Counting()
        let address = try RefusingAddress().address
        let client = try Client([address], binary: binary)
        client.observer = counting
        let error = try #require(throws: MemcachedError.self) { try client.get("key", as: String.self) }
        let event = try #require(counting.events.first)
        #expect(counting.began == 1 && counting.events.count == 1 && counting.numbers.isEmpty)
        #expect(event.operation == .get && event.firstKey == "key" && event.failed == 1)
        #expect(event.error?.code == error.code && event.error?.key == "key")
        #expect(event.server == client.servers[0])
    }

    @Test(arguments: [true, false])
    func eventsComeWhereNumbersDoNotDo(binary: Bool) throws {
        let counting = Counting(needsEvents: true)
        let client = try Client.sharedPair(binary: binary)
        let key = uniqueKey()
        try client.set(key, "value")
        client.observer = counting
        #expect(try client.get(key) == "value")
        #expect(try client.get(uniqueKey(), as: String.self) == nil)
        #expect(counting.began == 2 && counting.numbers.isEmpty)
        #expect(counting.events.map(\.hits) == [1, 0] && counting.events.map(\.misses) == [0, 1])
        let server = try client.server(for: key)
        #expect(counting.events[0].bytesRead == 5 && counting.events[0].server == server)
    }
}
