import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// `set`, `add` and `replace`.
@Suite("Storing one item", .timeLimit(.minutes(5)))
struct StoringTests {
    @Test(arguments: Route.allCases)
    func setStoresAndReplaces(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        #expect(try client.set(key, "one"))
        #expect(try client.get(key) == "one")
        #expect(try client.set(key, 2))
        #expect(try client.get(key) == 2)
    }

    @Test(.hazard(49), arguments: Route.allCases)
    func addStoresOnlyWhereNothingIs(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        #expect(try client.add(key, "first"))
        #expect(try !client.add(key, "second"))
        #expect(try client.get(key) == "first")
        try client.delete(key)
        #expect(try client.add(key, "third"))
        #expect(try client.get(key) == "third")
    }

    @Test(.hazard(49), arguments: Route.allCases)
    func replaceStoresOnlyWhereSomethingIs(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        #expect(try !client.replace(key, "first"))
        #expect(try client.get(key, as: String.self) == nil)
        try client.set(key, "second")
        #expect(try client.replace(key, "third"))
        #expect(try client.get(key) == "third")
    }

    @Test(arguments: Route.allCases)
    func otherClientsSeeIt(_ route: Route) throws {
        let (one, other) = (try route.client(), try route.client())
        let key = uniqueKey()
        try one.set(key, 1)
        #expect(try other.get(key) == 1)
        try other.set(key, 2)
        #expect(try one.get(key) == 2)
    }

    @Test func bothProtocolsSeeTheSame() throws {
        let (binary, ascii) = (try Route.binaryTCP.client(), try Route.asciiTCP.client())
        let key = uniqueKey()
        try binary.set(key, Person.ada)
        #expect(try ascii.get(key) == Person.ada)
        #expect(try ascii.cas(key, 1, cas: try #require(try binary.gets(key, as: Person.self)).cas))
        #expect(try binary.incr(key) == 2)
        #expect(try ascii.get(key) == 2)
    }

    @Test(arguments: Route.protocols)
    func writesThatDoNotWaitArriveAllTheSame(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        #expect(try client.set(key, "a", noreply: true))
        #expect(try client.get(key) == "a")
        #expect(try client.replace(key, "b", noreply: true))
        #expect(try client.append(key, "c", noreply: true))
        #expect(try client.prepend(key, "d", noreply: true))
        #expect(try client.get(key) == "dbc")
        #expect(try client.delete(key, noreply: true))
        #expect(try client.get(key, as: String.self) == nil)
        #expect(try client.add(key, "e", noreply: true))
        #expect(try client.get(key) == "e")
    }

    @Test(.hazard(18), arguments: Route.protocols)
    func refusedWritesThatDoNotWaitLeaveNothingBehind(_ route: Route) throws {
        let client = try route.client()
        let (key, missing) = (uniqueKey(), uniqueKey())
        let huge = [UInt8](repeating: 1, count: 2 << 20)
        for round in 0..<5 {
            try client.set(key, round)
            _ = try client.add(key, "x", noreply: true)
            _ = try client.replace(missing, "x", noreply: true)
            try client.append(missing, "x", noreply: true)
            try client.prepend(missing, "x", noreply: true)
            try client.delete(missing, noreply: true)
            try client.set(missing, huge, noreply: true)
            #expect(try client.get(key) == round)
            #expect(try client.get(missing, as: String.self) == nil)
            #expect(try client.incr(key) == UInt64(round) + 1)
            #expect(try client.getMulti([key, missing], as: Int.self) == [key: round + 1])
        }
    }

    @Test(.hazard(18), arguments: Route.allCases)
    func anyNumberOfThemDoesNotClogTheConnection(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, "old")
        // In the binary protocol the server answers each of them, and nobody has asked for the answer.
        for _ in 0..<3000 { _ = try client.add(key, "new", noreply: true) }
        try client.set(uniqueKey(), [UInt8](repeating: 1, count: 1_000_000), noreply: true)
        #expect(try client.get(key) == "old")
    }
}

/// Values that the server is too small for.
@Suite("Values that are too large", .timeLimit(.minutes(5)))
struct OversizeTests {
    /// More than memcached's item size of 1 MiB.
    private let huge = [UInt8].noise(1_100_000)

    @Test(.hazard(45), arguments: Route.allCases)
    func areRefusedAndTheConnectionGoesOn(_ route: Route) throws {
        let client = try route.client()
        let (key, other) = (uniqueKey(), uniqueKey())
        try client.set(other, "there")
        let error = expectFailure(.tooBig) { try client.set(key, huge) }
        #expect(error?.key == key)
        #expect(error?.server == client.servers[0])
        #expect(error?.isOutcomeUnknown == false)
        #expect(try client.get(other) == "there")
        expectFailure(.tooBig) { try client.add(key, huge) }
        #expect(try client.get(other) == "there")
        #expect(try client.get(key, as: [UInt8].self) == nil)
        #expect(try client.set(key, "small"))
        expectFailure(.tooBig) { try client.replace(key, huge) }
        #expect(try client.get(other) == "there")
        #expect(try client.get(key) == "small")
    }

    @Test(arguments: Route.allCases)
    func areRefusedBySwapsToo(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, "small")
        let token = try #require(try client.gets(key, as: String.self)).cas
        expectFailure(.tooBig) { try client.cas(key, huge, cas: token) }
        #expect(try client.incr(uniqueKey(), initial: 5) == 5)
    }

    @Test(.hazard(45), arguments: Route.allCases)
    func sumsAreRefusedToo(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        let half = Array(huge.prefix(600_000))
        try client.set(key, half)
        expectFailure(.tooBig) { try client.append(key, half) }
        #expect(try client.get(key) == half)
        expectFailure(.tooBig) { try client.prepend(key, half) }
        expectFailure(.tooBig) { try client.append(key, huge) }
        #expect(try client.get(key) == half)
    }

    @Test(arguments: Route.protocols)
    func fitOnceTheyAreCompressed(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        let long = String(repeating: "0123456789", count: 200_000)
        expectFailure(.tooBig) { try client.set(key, long) }
        try client.set(key, long, minCompressLen: 1000)
        #expect(try client.get(key) == long)
    }

    @Test(.memcached("-I", "4m", "-m", "64"), arguments: Route.protocols)
    func fitOnAServerThatTakesThem(_ route: Route) throws {
        let client = try route.client(of: [try #require(MemcachedServer.current).address])
        let value = [UInt8].noise(3_000_000)
        try client.set("key", value)
        #expect(try client.get("key") == value)
        #expect(try client.getMulti(["key"]) == ["key": value])
    }
}
