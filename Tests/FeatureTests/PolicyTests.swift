import Foundation
import SwiftLibMC
import TestSupport
import Testing

@Suite("Failures that count as misses", .timeLimit(.minutes(1)))
struct ErrorPolicyTests {
    private let heard = Heard()

    private func client(_ address: String, binary: Bool) throws -> Client {
        let client = try Client([address], binary: binary, behaviors: .patient)
        client.errorPolicy = .missing
        client.onError = heard.handler
        return client
    }

    @Test(arguments: [true, false])
    func readsGiveNothing(binary: Bool) throws {
        let client = try client(try RefusingAddress().address, binary: binary)
        #expect(try client.get("key", as: String.self) == nil)
        #expect(try client.get("key", as: [UInt8].self) == nil)
        #expect(try client.get("key", as: Int.self) == nil)
        #expect(try client.get("key", default: 7) == 7)
        #expect(try client.gets("key", as: Int.self) == nil)
        #expect(try client.item("key") == nil)
        #expect(try client.withBytes("key") { $0.byteCount } == nil)
        #expect(try !client.contains("key"))
        #expect(heard.errors.count == 8)
        #expect(heard.errors.allSatisfy { $0.isConnectionFailure })
        #expect(try client.getMulti(["a", "b"], as: String.self).isEmpty)
        #expect(try client.getMultiArray(["a", "b"], as: Int.self) == [nil, nil])
        #expect(try client.getsMulti(["a"], as: Int.self).isEmpty)
        #expect(try client.items(["a"]).isEmpty)
        #expect(heard.errors.count == 12)
    }

    @Test(arguments: [true, false])
    func writesGiveFalse(binary: Bool) throws {
        let client = try client(try RefusingAddress().address, binary: binary)
        #expect(try !client.set("key", "value"))
        #expect(try !client.set("key", String(repeating: "x", count: 1000), minCompressLen: 10))
        #expect(try !client.add("key", 1))
        #expect(try !client.replace("key", 1))
        #expect(try !client.append("key", "x"))
        #expect(try !client.delete("key"))
        #expect(try !client.touch("key", time: 1))
        #expect(try !client.cas("key", 1, cas: CAS(rawValue: 1)))
        #expect(heard.errors.count == 8)
        #expect(try client.setMulti(["a": 1]) == ["a"])
        #expect(try client.addMulti(["a": 1]) == ["a"])
        #expect(try !client.deleteMulti(["a"]))
        #expect(try client.touchMulti(["a"], time: 1) == ["a"])
    }

    @Test func partialFailuresAreReportedThen() throws {
        let server = try MemcachedServer.shared(.tcp)
        let client = try Client([server.address, try RefusingAddress().address], behaviors: .patient)
        client.errorPolicy = .missing
        client.partialFailures = .throwing
        client.onError = heard.handler
        let values = Dictionary(uniqueKeysWithValues: uniqueKeys(20).map { ($0, 1) })
        let failed = try client.setMulti(values)
        #expect(!failed.isEmpty && failed.count < 20)
        #expect(try client.getMulti(values.keys, as: Int.self).count == 20 - failed.count)
        #expect(heard.errors.count == 2)
    }

    @Test func unreadableValuesAreMisses() throws {
        let client = try client(try MemcachedServer.shared(.tcp).address, binary: true)
        let key = uniqueKey()
        try client.set(key, 1.5)
        #expect(try client.get(key, as: [Int].self) == nil)
        #expect(try client.get(key, as: String.self) == nil)
        #expect(try client.getMulti([key], as: [Int].self).isEmpty)
        #expect(try client.getMulti([key], as: String.self).isEmpty)
        #expect(try client.getsMulti([key], as: [Int].self).isEmpty)
        #expect(heard.codes.allSatisfy { $0 == .deserialization } && heard.errors.count == 5)
    }

    @Test func mistakesAndAnswersAreThrownAllTheSame() throws {
        let client = try client(try MemcachedServer.shared(.tcp).address, binary: true)
        let key = uniqueKey()
        #expect(try code { _ = try client.get("", as: Int.self) } == .badKey)
        #expect(try code { _ = try client.getMulti([""], as: Int.self) } == .badKey)
        #expect(try code { try client.set(key, Double.nan) } == .serialization)
        #expect(try code { try client.incr(key) } == .notFound)
        #expect(try code { _ = try client.cas(key, 1, cas: CAS(rawValue: 1)) } == .notFound)
        #expect(heard.errors.isEmpty)
    }

    /// Where a result has no room for a failure.
    @Test func countersAndUpdatesThrow() throws {
        let client = try client(try RefusingAddress().address, binary: true)
        #expect(throws: MemcachedError.self) { try client.incr("key") }
        var calls = 0
        let error = try #require(throws: MemcachedError.self) {
            try client.update("key", as: Int.self) { _ in
                calls += 1
                return 1
            }
        }
        #expect(error.isConnectionFailure && calls == 0)
    }

    @Test func clonesHaveThePolicies() throws {
        let client = try client("127.0.0.1:1", binary: true)
        client.outcomes = .throwing
        let clone = try client.clone()
        #expect(clone.errorPolicy == .missing && clone.outcomes == .throwing)
        #expect(try Client(["127.0.0.1:1"]).errorPolicy == .throwing)
    }
}

@Suite("Outcomes that are thrown", .timeLimit(.minutes(1)))
struct OutcomesTests {
    private func client(binary: Bool) throws -> Client {
        let client = try Client.shared(binary: binary)
        client.outcomes = .throwing
        return client
    }

    @Test(arguments: [true, false])
    func missesAreErrors(binary: Bool) throws {
        let client = try client(binary: binary)
        let key = uniqueKey()
        #expect(try code { _ = try client.get(key, as: String.self) } == .noValue)
        #expect(try code { _ = try client.get(key, as: Int.self) } == .noValue)
        #expect(try code { _ = try client.gets(key, as: Int.self) } == .noValue)
        #expect(try code { _ = try client.item(key) } == .noValue)
        #expect(try code { try client.delete(key) } == .notFound)
        #expect(try code { try client.touch(key, time: 1) } == .notFound)
        #expect(try code { try client.incr(key) } == .notFound)
        let error = try #require(throws: MemcachedError.self) { try client.get(key, as: Int.self) }
        #expect(error.key == key && error.operation == "get")
    }

    @Test(arguments: [true, false])
    func declinedWritesAreErrors(binary: Bool) throws {
        let client = try client(binary: binary)
        let key = uniqueKey()
        #expect(try code { _ = try client.replace(key, 1) } == .notStored)
        #expect(try code { try client.append(key, "x") } == .notStored)
        #expect(try client.add(key, 1))
        #expect(try code { _ = try client.add(key, 2) } == .notStored)
        let item = try #require(try client.item(key))
        #expect(try client.set(item, to: 2))
        #expect(try code { try client.set(item, to: 3) } == .casFailure)
        #expect(try code { _ = try client.cas(key, 3, cas: item.cas) } == .casFailure)
        try client.set(key, "text")
        #expect(try code { try client.incr(key) } == .notNumeric)
    }

    @Test func theRestStaysAsItIs() throws {
        let client = try client(binary: true)
        let key = uniqueKey()
        #expect(try client.get(key, default: 1) == 1)
        #expect(try !client.contains(key))
        #expect(try client.getMulti([key], as: Int.self).isEmpty)
        #expect(try client.addMulti([key: 1]) == [])
        #expect(try client.addMulti([key: 1]) == [key])
        #expect(try client.deleteMulti([key]))
        #expect(try !client.deleteMulti([key]))
        let heard = Heard()
        client.onError = heard.handler
        let value: Int? = client[key]
        #expect(value == nil)
        client[key] = nil
        #expect(heard.errors.isEmpty)
        #expect(try client.update(key, as: Int.self) { ($0 ?? 0) + 1 } == 1)
        #expect(client.outcomes == .throwing)
    }

    @Test func wrappersPassThemOn() throws {
        let client = try client(binary: true)
        let key = uniqueKey()
        #expect(try code { _ = try RetryingClient(client).get(key, as: Int.self) } == .noValue)
        let mock = MockClient()
        try mock.set(key, 1)
        #expect(try FallbackClient([client, mock]).get(key) == 1)
        #expect(try code { _ = try FallbackClient([client, MockClient()]).get(key, as: Int.self) } == .noValue)
    }

    @Test func missesAreRememberedToo() throws {
        let client = try client(binary: true)
        client.cacheCAS = true
        let key = uniqueKey()
        #expect(try code { _ = try client.gets(key, as: Int.self) } == .noValue)
        try client.set(key, 1)
        #expect(try code { _ = try client.cas(key, 2) } == .notStored)
    }
}
