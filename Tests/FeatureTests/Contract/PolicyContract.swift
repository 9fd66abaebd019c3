import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// What the policies of a client mean, the same through everything that is put around it.
@Suite("Contract: policies", .timeLimit(.minutes(2)))
struct PolicyContract {
    /// Those around a client.
    static let wrappings: [Backend] = [
        .binary, .ascii, .pool, .threadPool, .retrying, .fallback, .prefixed, .namespaced, .nested,
        .async, .asyncRetrying, .asyncFallback, .asyncPrefixed, .asyncNamespaced, .asyncNested,
    ]

    private let heard = Heard()

    /// A cache none of whose servers can be reached, where that counts as a miss.
    private func unreachable(_ backend: Backend) throws -> any MemcachedCommands {
        let addresses = [try RefusingAddress().address, try RefusingAddress().address]
        let client = try Client(addresses, binary: backend != .ascii, behaviors: .patient)
        client.errorPolicy = .missing
        client.onError = heard.handler
        if backend == .fallback { return FallbackClient([client, try client.clone()]) }
        if backend == .asyncFallback {
            let client = try AsyncClient(cloning: client)
            return Blocking(AsyncFallbackClient([client, client]))
        }
        return try backend.around(client)
    }

    /// A cache whose misses are errors.
    private func strict(_ backend: Backend) throws -> any MemcachedCommands {
        let client = try Client.sharedPair(binary: backend != .ascii)
        client.outcomes = .throwing
        return try backend.around(client)
    }

    // MARK: - Failures that count as misses

    @Test(arguments: wrappings)
    func readsGiveNothing(backend: Backend) throws {
        let cache = try unreachable(backend)
        #expect(try cache.get("key", as: String.self) == nil)
        #expect(try cache.get("key", as: [UInt8].self) == nil)
        #expect(try cache.get("key", as: Int.self) == nil)
        #expect(try cache.get("key", default: 7) == 7)
        #expect(try cache.gets("key", as: Int.self) == nil)
        #expect(try cache.gat("key", time: 60, as: Int.self) == nil)
        #expect(try cache.item("key") == nil)
        #expect(try cache.withBytes("key") { $0.byteCount } == nil)
        #expect(try !cache.contains("key"))
        #expect(try cache.getMulti(["a", "b"], as: String.self).isEmpty)
        #expect(try cache.getMultiArray(["a", "b"], as: Int.self) == [nil, nil])
        #expect(try cache.getsMulti(["a"], as: Int.self).isEmpty)
        #expect(try cache.items(["a"]).isEmpty)
        #expect(heard.errors.count >= 13)
        #expect(heard.errors.allSatisfy { $0.isConnectionFailure })
    }

    @Test(arguments: wrappings)
    func writesGiveFalse(backend: Backend) throws {
        let cache = try unreachable(backend)
        #expect(try !cache.set("key", "value"))
        #expect(try !cache.add("key", 1))
        #expect(try !cache.replace("key", 1))
        #expect(try !cache.append("key", "x"))
        #expect(try !cache.delete("key"))
        #expect(try !cache.touch("key", time: 1))
        #expect(try !cache.cas("key", 1, cas: CAS(rawValue: 1)))
        #expect(try cache.setMulti(["a": 1]) == ["a"])
        #expect(try cache.addMulti(["a": 1]) == ["a"])
        #expect(try !cache.deleteMulti(["a"]))
        #expect(try cache.touchMulti(["a"], time: 1) == ["a"])
        #expect(heard.errors.count >= 11)
    }

    /// Where a result has no room for a failure.
    @Test(arguments: wrappings)
    func countersUpdatesAndServersThrow(backend: Backend) throws {
        let cache = try unreachable(backend)
        var errors: [MemcachedError] = []
        func note(_ body: () throws -> Void) throws {
            errors.append(try #require(throws: MemcachedError.self, performing: body))
        }
        try note { try cache.incr("key") }
        try note { try cache.incrMulti(["key"]) }
        try note { try cache.update("key", as: Int.self) { _ in 1 } }
        try note { _ = try cache.version() }
        try note { _ = try cache.getStats() }
        #expect(errors.allSatisfy { $0.isConnectionFailure })
        #expect(errors.map(\.operation) == ["incr", "incrMulti", "update", "version", "getStats"])
    }

    @Test(arguments: wrappings)
    func valuesAreComputedAtOnceAndReportedOnce(backend: Backend) throws {
        let cache = try unreachable(backend)
        var value = 0
        let time = try ContinuousClock().measure { value = try cache.getOrSet("key", lock: .seconds(30)) { 1 } }
        #expect(value == 1 && time < .seconds(20))
        #expect(heard.errors.map(\.operation) == ["getOrSet"])
        #expect(heard.errors.map(\.key) == ["key"])
        #expect(try cache.cached("key") { 2 } == 2)
    }

    @Test(arguments: wrappings)
    func unreadableValuesAreMisses(backend: Backend) throws {
        let client = try Client.sharedPair(binary: backend != .ascii)
        client.errorPolicy = .missing
        client.onError = heard.handler
        let cache = try backend.around(client)
        let key = uniqueKey()
        try cache.set(key, 1.5)
        #expect(try cache.get(key, as: [Int].self) == nil)
        #expect(try cache.get(key, as: String.self) == nil)
        #expect(try cache.gets(key, as: [Int].self) == nil)
        #expect(try cache.gat(key, time: 60, as: [Int].self) == nil)
        #expect(try cache.getMulti([key], as: [Int].self).isEmpty)
        #expect(try cache.getMultiArray([key], as: String.self) == [nil])
        #expect(try cache.getsMulti([key], as: [Int].self).isEmpty)
        #expect(heard.codes.count == 7 && heard.codes.allSatisfy { $0 == .deserialization })
        #expect(try code { _ = try cache.get(String(repeating: "k", count: 251), as: Int.self) } == .badKey)
        #expect(try code { try cache.set(key, Double.nan) } == .serialization)
        #expect(try code { try cache.incr(uniqueKey()) } == .notFound)
        #expect(heard.errors.count == 7)
    }

    // MARK: - Misses that are errors

    @Test(arguments: wrappings)
    func missesAreErrors(backend: Backend) throws {
        let cache = try strict(backend)
        let key = uniqueKey()
        #expect(try code { _ = try cache.get(key, as: String.self) } == .noValue)
        #expect(try code { _ = try cache.get(key, as: Int.self) } == .noValue)
        #expect(try code { _ = try cache.gets(key, as: Int.self) } == .noValue)
        #expect(try code { _ = try cache.gat(key, time: 60, as: Int.self) } == .noValue)
        #expect(try code { _ = try cache.item(key) } == .noValue)
        #expect(try code { _ = try cache.withBytes(key) { _ in } } == .noValue)
        #expect(try code { try cache.delete(key) } == .notFound)
        #expect(try code { try cache.touch(key, time: 1) } == .notFound)
        #expect(try code { _ = try cache.replace(key, 1) } == .notStored)
        #expect(try code { try cache.append(key, "x") } == .notStored)
        let error = try #require(throws: MemcachedError.self) { try cache.get(key, as: Int.self) }
        #expect(error.key == key && error.operation == "get")
        #expect(try cache.add(key, 1))
        #expect(try code { _ = try cache.add(key, 2) } == .notStored)
        let item = try #require(try cache.item(key))
        #expect(try cache.set(item, to: 2))
        #expect(try code { try cache.set(item, to: 3) } == .casFailure)
        #expect(try code { _ = try cache.cas(key, 3, cas: item.cas) } == .casFailure)
    }

    @Test(arguments: wrappings)
    func theRestStaysAsItIs(backend: Backend) throws {
        let cache = try strict(backend)
        let key = uniqueKey()
        #expect(try cache.get(key, default: 1) == 1)
        #expect(try !cache.contains(key))
        #expect(try cache.getMulti([key], as: Int.self).isEmpty)
        #expect(try cache.addMulti([key: 1]) == [])
        #expect(try cache.addMulti([key: 1]) == [key])
        #expect(try cache.deleteMulti([key]))
        #expect(try !cache.deleteMulti([key]))
        let value: Int? = cache[key]
        #expect(value == nil)
        cache[key] = nil
        #expect(try cache.update(key, as: Int.self) { ($0 ?? 0) + 1 } == 1)
        #expect(try cache.update(key, as: Int.self) { ($0 ?? 0) + 1 } == 2)
        let other = uniqueKey()
        #expect(try cache.getOrSet(other) { 1 } == 1)
        #expect(try cache.getOrSet(other) { 2 } == 1)
        #expect(try cache.cached(uniqueKey()) { 3 } == 3)
    }

    // MARK: - Some servers fail

    @Test(arguments: wrappings.filter { ![.namespaced, .fallback, .asyncNamespaced, .asyncFallback].contains($0) })
    func partialFailuresAreReportedOrThrown(backend: Backend) throws {
        let alive = try MemcachedServer.shared(.tcp).address
        let client = try Client(
            [alive, try RefusingAddress().address],
            binary: backend != .ascii,
            behaviors: .patient
        )
        client.onError = heard.handler
        let values = Dictionary(uniqueKeysWithValues: uniqueKeys(20).map { ($0, 1) })
        let cache = try backend.around(client)
        let failed = try cache.setMulti(values)
        #expect(!failed.isEmpty && failed.count < 20)
        #expect(try cache.getMulti(values.keys, as: Int.self).count == 20 - failed.count)
        #expect(try cache.touchMulti(values.keys, time: 60).sorted() == failed.sorted())
        #expect(try cache.version().count == 1)
        #expect(heard.errors.count == 4 && heard.errors.allSatisfy { $0.isConnectionFailure })

        client.partialFailures = .throwing
        let strict = try backend.around(client)
        let read = try #require(throws: MemcachedError.self) { try strict.getMulti(values.keys, as: Int.self) }
        let partial = try #require(read.partialResult)
        #expect(partial.items.count == 20 - failed.count && Set(partial.failedKeys) == Set(failed))
        #expect(partial.failures.count == 1)
        let write = try #require(throws: MemcachedError.self) { try strict.setMulti(values) }
        #expect(Set(try #require(write.partialResult).failedKeys) == Set(failed))
        #expect(heard.errors.count == 4)
    }

    /// The next cache is asked for the keys of a server that failed, too.
    @Test func fallbacksStandInForASingleServer() throws {
        let client = try Client(
            [try MemcachedServer.shared(.tcp).address, try RefusingAddress().address],
            behaviors: .patient
        )
        let mock = MockClient()
        let keys = uniqueKeys(20)
        for key in keys { try mock.set(key, 1) }
        #expect(try FallbackClient([client, mock], onError: heard.handler).getMulti(keys, as: Int.self).count == 20)
        #expect(heard.errors.count == 1)
    }

    /// What a wrapper does not change, it passes on: format, compression, and hooks.
    @Test(arguments: wrappings)
    func formatsArePassedOn(backend: Backend) throws {
        let client = try Client.sharedPair(binary: backend != .ascii)
        client.compression = Compression(minLength: 10)
        client.format = .spymemcached
        let cache = try backend.around(client)
        let key = uniqueKey()
        try cache.set(key, 42)
        let number = try #require(try cache.item(key))
        #expect(number.flags.rawValue != 4)
        #expect(try cache.get(key) == 42)
        let text = String(repeating: "compressible", count: 100)
        try cache.set(key, text)
        #expect(try #require(try cache.item(key)).bytes.count < 200)
        #expect(try cache.get(key) == text)
        #expect(try cache.getMulti([key]) == [key: text])
    }
}
