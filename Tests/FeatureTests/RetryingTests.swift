import SwiftLibMC
import TestSupport
import Testing

extension MemcachedError {
    /// An error to be injected.
    static func injected(_ code: Code, isOutcomeUnknown: Bool = false) -> MemcachedError {
        MemcachedError(code: code, operation: "", detail: "injected", isOutcomeUnknown: isOutcomeUnknown)
    }
}

@Suite("RetryingClient")
struct RetryingTests {
    private let mock = MockClient()

    @Test func triesAsOftenAsItIsTold() throws {
        let cache = RetryingClient(mock, attempts: 3)
        mock.fail(with: .injected(.timeout), times: 2)
        #expect(try cache.get("key", as: Int.self) == nil)
        mock.fail(with: .injected(.timeout), times: 3)
        #expect(try code { _ = try cache.get("key", as: Int.self) } == .timeout)
        #expect(try cache.get("key", as: Int.self) == nil)
    }

    @Test(arguments: [0, -1, 1])
    func triesAtLeastOnce(attempts: Int) throws {
        let cache = RetryingClient(mock, attempts: attempts)
        try cache.set("key", 1)
        #expect(try cache.get("key") == 1)
        mock.fail(with: .injected(.timeout), times: 1)
        #expect(try code { try cache.set("key", 2) } == .timeout)
    }

    @Test func repeatsByItselfOnlyWhatMayPass() throws {
        let cache = RetryingClient(mock)
        for code in [MemcachedError.Code.timeout, .connectionFailure, .serverTemporarilyDisabled, .serverError] {
            mock.fail(with: .injected(code), times: 1)
            try cache.set("key", 1)
        }
        for code in [MemcachedError.Code.authFailure, .clientError, .notSupported] {
            mock.fail(with: .injected(code), times: 1)
            #expect(try FeatureTests.code { try cache.set("key", 1) } == code)
        }
        try cache.set("text", "text")
        #expect(try code { _ = try cache.get("text", as: Int.self) } == .deserialization)
    }

    @Test func repeatsTheCodesThatItIsGiven() throws {
        let cache = RetryingClient(mock, retryFor: [.clientError, .timeout], doNotRetryFor: [.timeout])
        mock.fail(with: .injected(.clientError), times: 1)
        try cache.set("key", 1)
        mock.fail(with: .injected(.timeout), times: 1)
        #expect(try code { try cache.set("key", 1) } == .timeout)
        mock.fail(with: .injected(.connectionFailure), times: 1)
        #expect(try code { try cache.set("key", 1) } == .connectionFailure)
    }

    @Test func doesNothingTwiceThatMayHaveHappened() throws {
        let cache = RetryingClient(mock, retryFor: [.timeout])
        mock.fail(with: .injected(.timeout, isOutcomeUnknown: true), times: 1)
        try cache.set("number", 1)
        let changes: [() throws -> Void] = [
            { try cache.incr("number") },
            { try cache.append("number", "0") },
            { _ = try cache.add("other", 1) },
            { _ = try cache.replace("number", 1) },
            { _ = try cache.cas("number", 1, cas: CAS(rawValue: 1)) },
            { try cache.incrMulti(["number"]) },
        ]
        for change in changes {
            mock.fail(with: .injected(.timeout, isOutcomeUnknown: true), times: 1)
            #expect(try code(of: change) == .timeout)
        }
        // If it is known that nothing has happened, they are repeated like the rest.
        mock.fail(with: .injected(.timeout), times: 1)
        #expect(try cache.incr("number") == 2)
    }

    @Test func waitsBetweenAttempts() throws {
        let cache = RetryingClient(mock, attempts: 3, delay: .milliseconds(20))
        mock.fail(with: .injected(.timeout), times: 2)
        let time = try ContinuousClock().measure { try cache.set("key", 1) }
        #expect(time >= .milliseconds(40))
    }

    /// Single-pass sequences too.
    @Test func asksForTheSameKeysAgain() throws {
        let cache = RetryingClient(mock)
        #expect(try cache.setMulti(["a": 1, "b": 2]) == [])
        mock.fail(with: .injected(.timeout), times: 2)
        let keys = ["a", "b"].makeIterator()
        #expect(try cache.getMulti(IteratorSequence(keys), as: Int.self) == ["a": 1, "b": 2])
    }

    @Test func bringsAClientOverARestart() throws {
        let server = try MemcachedServer.start()
        let client = try Client([server.address], behaviors: .patient)
        let cache = RetryingClient(client, attempts: 100, delay: .milliseconds(100))
        #expect(try cache.incr("counter", initial: 1) == 1)
        server.kill()
        #expect(throws: MemcachedError.self) { try RetryingClient(client).get("counter", as: Int.self) }
        try server.restart()
        #expect(try cache.get("counter", as: Int.self) == nil)
        #expect(try cache.incr("counter", initial: 1) == 1)
    }
}

@Suite("FallbackClient")
struct FallbackTests {
    private let new = MockClient()
    private let old = MockClient()
    private let heard = Heard()

    private func makeCache() -> FallbackClient { FallbackClient([new, old], onError: heard.handler) }

    @Test func readsFromTheFirstThatHasIt() throws {
        let cache = makeCache()
        try old.set("key", "old")
        #expect(try cache.get("key") == "old")
        #expect(try cache.contains("key"))
        #expect(try cache.withBytes("key") { $0.byteCount } == 3)
        #expect(try cache.item("key")?.bytes == Array("old".utf8))
        try new.set("key", "new")
        #expect(try cache.get("key") == "new")
        #expect(try cache.gets("key", as: String.self)?.value == "new")
        #expect(try cache.get("other", as: String.self) == nil)
    }

    @Test func writesToTheFirstOnly() throws {
        let cache = makeCache()
        try old.set("key", 1)
        #expect(try cache.add("key", 2))
        #expect(try old.get("key") == 1)
        #expect(try cache.delete("key"))
        #expect(try cache.get("key") == 1)
        #expect(try code { try cache.incr("key") } == .notFound)
        try cache.flushAll()
        #expect(try old.get("key") == 1)
    }

    @Test func asksTheNextForWhatIsMissing() throws {
        let cache = makeCache()
        #expect(try new.setMulti(["a": 1, "b": 1]) == [])
        #expect(try old.setMulti(["b": 2, "c": 2]) == [])
        let keys = ["a", "b", "c", "d"]
        #expect(try cache.getMulti(keys) == ["a": 1, "b": 1, "c": 2])
        #expect(try cache.getMultiArray(keys) == [1, 1, 2, nil])
        #expect(try cache.getsMulti(keys, as: Int.self).mapValues(\.value) == ["a": 1, "b": 1, "c": 2])
        #expect(try cache.items(keys).count == 3)
    }

    @Test func swapsWhatItReadFromElsewhereOnlyIfItIsStillMissing() throws {
        let cache = makeCache()
        try old.set("key", 1)
        let seen = try #require(try cache.gets("key", as: Int.self))
        #expect(try cache.cas("key", 2, cas: seen.cas))
        #expect(try !cache.cas("key", 3, cas: seen.cas))
        #expect(try cache.get("key") == 2)
        try old.set("list", [1])
        #expect(try cache.update("list", as: [Int].self) { ($0 ?? []) + [2] } == [1, 2])
        #expect(try new.get("list") == [1, 2])
        #expect(try old.get("list") == [1])
    }

    @Test func goesOnAfterFailuresAndReportsThem() throws {
        let cache = makeCache()
        try old.set("key", 1)
        new.fail(with: .injected(.timeout))
        #expect(try cache.get("key") == 1)
        #expect(try cache.getMulti(["key"]) == ["key": 1])
        #expect(try cache.get("missing", as: Int.self) == nil)
        #expect(heard.codes == [.timeout, .timeout, .timeout])
        #expect(try code { try cache.set("key", 2) } == .timeout)
    }

    @Test func throwsIfAllHaveFailed() throws {
        let cache = makeCache()
        new.fail(with: .injected(.timeout))
        old.fail(with: .injected(.connectionFailure))
        #expect(try code { _ = try cache.get("key", as: Int.self) } == .timeout)
        #expect(try code { _ = try cache.getMulti(["key"], as: Int.self) } == .timeout)
        #expect(heard.errors.isEmpty)
    }

    @Test func passesMistakesOfTheCallerOn() throws {
        let cache = makeCache()
        #expect(try code { _ = try cache.get("", as: Int.self) } == .badKey)
        #expect(try code { _ = try cache.getMulti([""], as: Int.self) } == .badKey)
    }

    @Test func findsWhatAnOldServerHas() throws {
        let servers = try MemcachedCluster(count: 2)
        let first = try Client([servers[0].address], behaviors: .patient)
        let second = try Client([servers[1].address], binary: false, behaviors: .patient)
        let cache = FallbackClient([first, second])
        try second.set("key", "old")
        #expect(try cache.get("key") == "old")
        servers[1].kill()
        #expect(try cache.get("key", as: String.self) == nil)
        servers[0].kill()
        #expect(throws: MemcachedError.self) { try cache.get("key", as: String.self) }
    }
}
