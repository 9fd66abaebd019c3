import SwiftLibMC
import TestSupport
import Testing

/// `incr` and `decr`.
@Suite("Counters", .timeLimit(.minutes(5)))
struct CounterTests {
    @Test(arguments: Route.allCases)
    func countUpAndDown(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, 1)
        #expect(try client.incr(key) == 2)
        #expect(try client.incr(key, delta: 10) == 12)
        #expect(try client.decr(key) == 11)
        #expect(try client.decr(key, delta: 5) == 6)
        #expect(try client.incr(key, delta: 0) == 6)
        #expect(try client.get(key) == 6)
    }

    @Test(arguments: Route.protocols)
    func countTextToo(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, "10")
        #expect(try client.incr(key) == 11)
        #expect(try client.get(key) == "11")
        try client.set(key, Array("20".utf8))
        #expect(try client.decr(key) == 19)
        #expect(try client.item(key)?.flags == .bytes)
    }

    /// pylibmc would else read them as bytes.
    @Test(arguments: Route.allCases)
    func newOnesAreIntegersToOtherClients(_ route: Route) throws {
        let client = try route.client()
        let creations: [(String) throws -> UInt64] = [
            { try client.incr($0, initial: 10) }, { try client.decr($0, initial: 10, time: .days(31)) },
        ]
        for create in creations {
            let key = uniqueKey()
            #expect(try create(key) == 10)
            #expect(try client.item(key)?.flags == .long)
            #expect(try client.incr(key, delta: 90) == 100)
            #expect(try client.item(key)?.flags == .long)
            #expect(try client.get(key) == 100)
        }
    }

    @Test(arguments: Route.protocols)
    func deltasAreOfAnyIntegerType(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, 0)
        #expect(try client.incr(key, delta: UInt8(200)) == 200)
        #expect(try client.incr(key, delta: Int16(300)) == 500)
        #expect(try client.decr(key, delta: UInt64(1)) == 499)
    }

    @Test(.hazard(52), arguments: Route.protocols)
    func countTo64Bits(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, 1)
        #expect(try client.incr(key, delta: 1 << 40) == (1 << 40) + 1)
        #expect(try client.decr(key, delta: 1 << 40) == 1)
        #expect(try client.incr(key, delta: UInt64.max - 1) == .max)
        #expect(try client.get(key) == UInt64.max)
        expectFailure(.deserialization) { try client.get(key, as: Int.self) }
    }

    /// On a server of its own: in memory that other items have used, memcached may find a sign behind a number and take
    /// it for a negative one.
    @Test(.hazard(53), .memcached(.tcp), arguments: Route.protocols)
    func wrapAtTheTop(_ route: Route) throws {
        let client = try route.client(of: [try #require(MemcachedServer.current).address])
        let key = uniqueKey()
        try client.set(key, UInt64.max)
        #expect(try client.incr(key) == 0)
        #expect(try client.get(key) == 0)
        try client.set(key, UInt64.max)
        #expect(try client.incr(key, delta: 10) == 9)
    }

    @Test(.hazard(53), arguments: Route.protocols)
    func stopAtZero(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, 5)
        #expect(try client.decr(key, delta: 9) == 0)
        #expect(try client.decr(key) == 0)
        #expect(try client.decr(key, delta: UInt64.max) == 0)
    }

    @Test(.hazard(54), arguments: Route.protocols)
    func paddingIsTrimmedFromNumbersOnly(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, 1000)
        #expect(try client.decr(key, delta: 991) == 9)
        #expect(try client.get(key) == "9   ")
        #expect(try client.get(key) == Array("9   ".utf8))
        #expect(try client.get(key) == 9)
        #expect(try client.get(key) == 9.0)
        #expect(try client.getMulti([key]) == [key: UInt8(9)])
        #expect(try client.gets(key, as: Int.self)?.value == 9)
        #expect(try client.incr(key) == 10)
        #expect(try client.decr(key, delta: 9) == 1)
        #expect(try client.get(key) == true)
    }

    @Test(arguments: Route.allCases)
    func aMissingCounterIsAnError(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        for (operation, count) in [("incr", { try client.incr(key) }), ("decr", { try client.decr(key) })] {
            let error = expectFailure(.notFound) { try count() }
            #expect(error?.operation == operation)
            #expect(error?.key == key)
            #expect(error?.server == client.servers[0])
            #expect(error?.isRetriable == false)
            #expect(error?.isOutcomeUnknown == false)
        }
        #expect(try !client.contains(key))
    }

    @Test(.hazard(51), arguments: Route.allCases, ["text", "", "12a", "-5", "1.5", "18446744073709551616"])
    func whatIsNoNumberIsAnError(_ route: Route, value: String) throws {
        let client = try route.client()
        let (key, counter) = (uniqueKey(), uniqueKey())
        try client.set(key, value)
        try client.set(counter, 1)
        let counts: [() throws -> UInt64] = [
            { try client.incr(key) }, { try client.decr(key) }, { try client.incr(key, initial: 1) },
            { try client.decr(key, initial: 1) },
        ]
        for (number, count) in counts.enumerated() {
            let error = expectFailure(.notNumeric) { try count() }
            #expect(error?.key == key)
            #expect(error?.server == client.servers[0])
            #expect(error?.isRetriable == false)
            // The connection, or the next one, goes on.
            #expect(try client.incr(counter) == UInt64(number) + 2)
            #expect(try client.get(key) == value)
        }
    }

    @Test(arguments: Route.protocols)
    func negativeDeltasAreRefused(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, 5)
        expectFailure(.invalidArguments) { try client.incr(key, delta: -1) }
        expectFailure(.invalidArguments) { try client.decr(key, delta: -1) }
        expectFailure(.invalidArguments) { try client.incr(key, delta: Int8.min, initial: 1) }
        expectFailure(.invalidArguments) { try client.incrMulti([key], delta: -1) }
        expectFailure(.invalidArguments) { try client.decrMulti([key], delta: -1) }
        #expect(try client.get(key) == 5)
    }

    @Test(arguments: Route.protocols)
    func deltasBeyond64BitsAreRefused(_ route: Route) throws {
        let client = try route.client()
        expectFailure(.invalidArguments) { try client.incr(uniqueKey(), delta: UInt128(UInt64.max) + 1) }
    }

    @Test(.hazard(55), arguments: Route.allCases)
    func theyAreCreatedWithTheirStart(_ route: Route) throws {
        let client = try route.client()
        let (up, down) = (uniqueKey(), uniqueKey())
        #expect(try client.incr(up, delta: 3, initial: 10) == 10)
        #expect(try client.incr(up, delta: 3, initial: 10) == 13)
        #expect(try client.get(up) == 13)
        #expect(try client.decr(down, delta: 3, initial: 10) == 10)
        #expect(try client.decr(down, delta: 3, initial: 10) == 7)
        #expect(try client.get(down) == 7)
        #expect(try client.incr(uniqueKey(), initial: .max) == .max)
        #expect(try client.incr(uniqueKey(), initial: 0) == 0)
    }

    @Test(arguments: Route.protocols)
    func createdOnesAreNumbersToEveryReader(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.incr(key, initial: 10)
        #expect(try client.get(key) == 10)
        #expect(try client.get(key) == "10")
        #expect(try client.get(key) == 10.0)
        #expect(try client.append(key, "1"))
        #expect(try client.incr(key) == 102)
    }
}
