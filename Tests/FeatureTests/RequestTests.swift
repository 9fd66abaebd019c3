import SwiftLibMC
import TestSupport
import Testing

/// What a client makes of requests, with two servers.
@Suite("Requests", .timeLimit(.minutes(1)))
struct RequestTests {
    private static let servers = Result { try MemcachedCluster(count: 2) }

    private func client(binary: Bool) throws -> Client {
        try Client(try Self.servers.get().addresses, binary: binary, behaviors: .patient)
    }

    private func bytes(_ text: String) -> MemcachedRequest.Value {
        .bytes(Payload(bytes: Array(text.utf8), flags: .text))
    }

    private func text(_ result: MemcachedResponse.Result) -> String? {
        result.value.map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    private func names(_ response: MemcachedResponse) -> [String] {
        response.results.map { result in
            switch result {
            case .found: "found"
            case .done: "done"
            case .counted(let value): "\(value)"
            case .missing: "missing"
            case .declined: "declined"
            case .refused: "refused"
            case .unreachable: "unreachable"
            }
        }
    }

    @Test(arguments: [0, 1, 3])
    func wrappersRefuseAnotherNumberOfResults(count: Int) async throws {
        let careless = Careless(count: count)
        let wrappers: [any MemcachedCommands] = [
            careless, RetryingClient(careless, attempts: 3), FallbackClient([careless]), careless.namespace("group"),
            NearCache(careless), PrefixedCommands(careless, prefix: "p"),
        ]
        for cache in wrappers {
            #expect(throws: MemcachedError.self) { try cache.getMulti(["a", "b"], as: Int.self) }
            if count != 1 { #expect(throws: MemcachedError.self) { try cache.get("a", as: Int.self) } }
        }
        let forTasks = AsyncCareless(count: count)
        let asynchronous: [any AsyncMemcachedCommands] = [
            forTasks, AsyncRetryingClient(forTasks, attempts: 3), AsyncFallbackClient([forTasks]),
            forTasks.namespace("group"), AsyncNearCache(forTasks),
        ]
        for cache in asynchronous {
            await #expect(throws: MemcachedError.self) { try await cache.getMulti(["a", "b"], as: Int.self) }
        }
        // The next cache of a fallback is asked all the same.
        let next = MockClient()
        try next.set("a", 5)
        #expect(try FallbackClient([careless, next]).getMulti(["a", "b"]) == ["a": 5])
    }

    @Test(arguments: [true, false])
    func singleKeysHaveSingleResults(binary: Bool) throws {
        let client = try client(binary: binary)
        let key = uniqueKey()
        func run(_ action: MemcachedRequest.Action, _ operation: MemcachedOperation = .get) throws -> String {
            let response = try client.execute(.one(key, action, for: operation))
            #expect(response.results.isOne && response.isComplete)
            return names(response)[0]
        }
        #expect(try run(.fetch(.init())) == "missing")
        #expect(try run(.store(.one(bytes("a")), .ifPresent, .init())) == "declined")
        #expect(try run(.store(.one(bytes("a")), .ifAbsent, .init())) == "done")
        #expect(try run(.store(.one(bytes("a")), .ifAbsent, .init())) == "declined")
        #expect(try run(.extend(Array("b".utf8), atEnd: true, noreply: false)) == "done")
        let request = MemcachedRequest.one(key, .fetch(.init(withVersion: true)), for: .gets)
        let found = try #require(try client.execute(request).results[0].value)
        #expect(found.bytes == Array("ab".utf8) && found.flags == .text && found.cas.rawValue != 0)
        #expect(try run(.swap(bytes("5"), found.cas, .init())) == "done")
        #expect(try run(.swap(bytes("6"), found.cas, .init())) == "declined")
        #expect(try run(.count(CounterStep(.up, delta: 2))) == "7")
        #expect(try run(.touch(60)) == "done")
        #expect(try run(.delete(noreply: false)) == "done")
        #expect(try run(.delete(noreply: false)) == "missing")
        #expect(try run(.touch(60)) == "missing")
        #expect(try run(.count(CounterStep(.up))) == "missing")
        #expect(try run(.swap(bytes("6"), found.cas, .init())) == "missing")
        #expect(try run(.extend([1], atEnd: false, noreply: false)) == "missing")
    }

    @Test(arguments: [true, false])
    func manyKeysHaveResultsInTheirOrder(binary: Bool) throws {
        let client = try client(binary: binary)
        let keys = uniqueKeys(40)
        let values = OneOrMany.many(keys.indices.map { bytes("\($0)") })
        let store = MemcachedRequest.many(keys, prefix: "p/", .store(values, .ifAbsent, .init()), for: .addMulti)
        #expect(names(try client.execute(store)) == keys.map { _ in "done" })
        #expect(names(try client.execute(store)) == keys.map { _ in "declined" })
        let asked = [keys[30], "nobody's", keys[1], keys[30]]
        let fetch = MemcachedRequest.many(asked, prefix: "p/", .fetch(.init()), for: .getMulti)
        #expect(try client.execute(fetch).results.map(text) == ["30", nil, "1", "30"])
        #expect(try client.get("p/\(keys[7])") == 7)
        let count = MemcachedRequest.many(asked, prefix: "p/", .count(CounterStep(.up)), for: .incrMulti)
        #expect(names(try client.execute(count)) == ["31", "missing", "2", "32"])
        let touch = MemcachedRequest.many(asked, prefix: "p/", .touch(60), for: .touchMulti)
        #expect(names(try client.execute(touch)) == ["done", "missing", "done", "done"])
        let delete = MemcachedRequest.many(keys, prefix: "p/", .delete(noreply: false), for: .deleteMulti)
        #expect(names(try client.execute(delete)) == keys.map { _ in "done" })
        let none = MemcachedRequest.many([String](), prefix: nil, .fetch(.init()), for: .getMulti)
        #expect(try client.execute(none).results.isEmpty)
    }

    @Test(arguments: [true, false])
    func prefixesChooseTheServerUnlessThereIsAGroup(binary: Bool) throws {
        let client = try client(binary: binary)
        let base = uniqueKey()
        for index in 0..<20 {
            let keys = [
                GroupedKey(group: "group", key: "\(base)-\(index)"), GroupedKey(group: "", key: "\(base)-\(index)+"),
            ]
            for key in keys {
                var request = MemcachedRequest.one(key, .store(.one(bytes("one")), .always, .init()), for: .set)
                request.keys.prefix = "prefix/"
                #expect(names(try client.execute(request)) == ["done"])
            }
            #expect(try client.get(GroupedKey(group: "group", key: "prefix/\(base)-\(index)")) == "one")
            #expect(try client.get("prefix/\(base)-\(index)+") == "one")
            let fetch = MemcachedRequest.many(keys, prefix: "prefix/", .fetch(.init()), for: .getMulti)
            #expect(try client.execute(fetch).results.map(text) == ["one", "one"])
        }
    }

    @Test(arguments: [true, false])
    func deadServersAreFailuresOfManyKeysAndErrorsOfOne(binary: Bool) throws {
        let dead = try RefusingAddress().address
        let alive = try Self.servers.get().addresses[0]
        let client = try Client([alive, dead], binary: binary, behaviors: .patient)
        // Requests know no policies.
        client.errorPolicy = .missing
        client.outcomes = .throwing
        client.partialFailures = .throwing
        client.onError = { _ in Issue.record("nothing is hidden here") }
        let keys = uniqueKeys(20)
        let values = OneOrMany.many(keys.map { _ in bytes("x") })
        let stored = try client.execute(.many(keys, prefix: nil, .store(values, .always, .init()), for: .setMulti))
        let done = names(stored)
        #expect(Set(done) == ["done", "unreachable"])
        #expect(stored.failures.map { $0.server?.description } == [dead])
        #expect(stored.failures.allSatisfy { $0.error.isConnectionFailure && $0.error.operation == "setMulti" })
        #expect(!stored.noServerAnswered && !stored.isComplete)
        let read = try client.execute(.many(keys, prefix: nil, .fetch(.init()), for: .getMulti))
        #expect(names(read) == done.map { $0 == "done" ? "found" : $0 })
        let lost = try #require(zip(keys, done).first { $0.1 == "unreachable" }).0
        let error = try #require(throws: MemcachedError.self) {
            try client.execute(.one(lost, .store(.one(bytes("x")), .always, .init()), for: .getOrSet))
        }
        #expect(error.isConnectionFailure && error.operation == "getOrSet" && error.key == lost)
        let none = try client.execute(.many([lost], prefix: nil, .delete(noreply: false), for: .deleteMulti))
        #expect(none.noServerAnswered && names(none) == ["unreachable"])
        let versions = try client.execute(MemcachedRequest(.version, .version))
        #expect(versions.servers.count == 1 && versions.failures.count == 1 && !versions.noServerAnswered)
    }

    @Test(arguments: [true, false])
    func singleKeysOfManyCanBeRefused(binary: Bool) throws {
        let client = try client(binary: binary)
        let keys = uniqueKeys(3)
        let large = MemcachedRequest.Value.bytes(Payload(bytes: Array(repeating: 1, count: 2 << 20), flags: .bytes))
        let values = OneOrMany.many([bytes("text"), large, bytes("3")])
        let store = MemcachedRequest.many(keys, prefix: nil, .store(values, .always, .init()), for: .setMulti)
        #expect(names(try client.execute(store)) == ["done", "refused", "done"])
        let count = MemcachedRequest.many(keys, prefix: nil, .count(CounterStep(.up)), for: .incrMulti)
        #expect(names(try client.execute(count)) == ["refused", "missing", "4"])
    }

    @Test func mistakesAreThrownBeforeAnythingIsSent() throws {
        let client = try Client([try RefusingAddress().address])
        func code(_ request: MemcachedRequest) throws -> MemcachedError.Code {
            try #require(throws: MemcachedError.self) { try client.execute(request) }.code
        }
        let values = OneOrMany.many([bytes("x")])
        #expect(try code(.many(["a", ""], prefix: nil, .fetch(.init()), for: .getMulti)) == .badKey)
        #expect(
            try code(.many(["a", "b"], prefix: nil, .store(values, .always, .init()), for: .set)) == .invalidArguments
        )
        #expect(try code(.one("a", .store(values, .always, .init()), for: .set)) == .invalidArguments)
        #expect(
            try code(.many(["a"], prefix: nil, .swap(bytes("x"), CAS(rawValue: 1), .init()), for: .cas))
                == .invalidArguments
        )
    }

    @Test func requestsCanBeNarrowedAndResponsesFilled() {
        let keys = ["a", "b", "c"]
        let values = OneOrMany.many(keys.map(bytes))
        let request = MemcachedRequest.many(keys, prefix: "p", .store(values, .always, .init()), for: .setMulti)
        let narrow = request.narrowed(to: [2, 0])
        #expect(narrow.keys.list.map(\.text) == ["c", "a"] && narrow.keys.prefix == "p")
        guard case .store(let rest, _, _) = narrow.action, case .bytes(let first) = rest[0] else {
            Issue.record("not a store")
            return
        }
        #expect(first.bytes == Array("c".utf8))
        let error = MemcachedError(code: .timeout, operation: "set", detail: "late")
        var response = MemcachedResponse(.many([.unreachable, .done, .unreachable]), failures: [.init(error: error)])
        response.fill([2, 0], from: MemcachedResponse(.many([.done, .unreachable]), failures: [.init(error: error)]))
        #expect(names(response) == ["unreachable", "done", "done"] && !response.isComplete)
        response.fill([0], from: MemcachedResponse(.many([.done])))
        #expect(names(response) == ["done", "done", "done"] && response.isComplete)
    }

    @Test func keysAreComparedByTheirBytes() {
        let composed = MemcachedRequest.Key("caf\u{E9}")
        let decomposed = MemcachedRequest.Key("cafe\u{301}")
        #expect(composed != decomposed)
        #expect(composed == MemcachedRequest.Key(Array("caf\u{E9}".utf8)))
        #expect(MemcachedRequest.Key(GroupedKey(group: "", key: "key")) == MemcachedRequest.Key("key"))
        #expect(MemcachedRequest.Key(GroupedKey(group: "g", key: "key")) != MemcachedRequest.Key("key"))
        #expect(MemcachedRequest.Key(42) == MemcachedRequest.Key("42"))
    }
}

/// A cache that miscounts.
private struct Careless: MemcachedCommands {
    let count: Int

    func execute(_ request: MemcachedRequest) -> MemcachedResponse {
        let failure = MemcachedResponse.Failure(error: .injected(.timeout))
        return MemcachedResponse(.many(Array(repeating: .unreachable, count: count)), failures: [failure])
    }
}

private struct AsyncCareless: AsyncMemcachedCommands {
    let count: Int

    func execute(_ request: MemcachedRequest) -> MemcachedResponse { Careless(count: count).execute(request) }
}
