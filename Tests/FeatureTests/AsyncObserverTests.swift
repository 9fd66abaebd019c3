import SwiftLibMC
import TestSupport
import Testing

@Suite("Observers of asynchronous caches", .timeLimit(.minutes(1)))
struct AsyncObserverTests {
    private let recorder = Recorder()

    private func cache(overload: AsyncClient.Overload = .waiting, queueLimit: Int = 1000) throws -> AsyncClient {
        try AsyncClient(
            cloning: try Client.sharedPair(),
            connections: 1,
            commandTimeout: .seconds(60),
            queueLimit: queueLimit,
            overload: overload,
            observer: recorder
        )
    }

    @Test func everyCommandIsReportedByTheTaskOfItsCaller() async throws {
        let (cache, key) = (try cache(), uniqueKey())
        try await Recorder.$caller.withValue("me") {
            _ = try await cache.get(key, as: String.self)
            try await cache.set(key, "text")
            _ = try await cache.get(key, as: String.self)
            _ = try await cache.getMulti([key, key + "-"], as: String.self)
            _ = try? await cache.incr(key)
        }
        #expect(recorder.tokens == ["get of me", "set of me", "get of me", "getMulti of me", "incr of me"])
        let events = recorder.events
        #expect(events.map(\.misses) == [1, 0, 0, 1, 0])
        #expect(events.map(\.hits) == [0, 0, 1, 1, 0])
        #expect(events.map(\.done) == [0, 1, 0, 0, 0])
        #expect(events.map(\.bytesWritten) == [0, 4, 0, 0, 0])
        #expect(events.map(\.bytesRead) == [0, 0, 4, 4, 0])
        #expect(events.map(\.keyCount) == [1, 1, 1, 2, 1])
        #expect(events.allSatisfy { $0.firstKey == key && $0.retry == 0 })
        #expect(events[0].server == (try await cache.server(for: key)) && events[3].server == nil)
        #expect(events[4].error?.code == .notNumeric)
    }

    @Test func aClonedClientsObserverIsKept() async throws {
        let client = try Client.sharedPair()
        client.observer = recorder
        let cache = try AsyncClient(cloning: client, connections: 1)
        _ = try await cache.get(uniqueKey(), as: Int.self)
        // What is done with a client that is lent is reported, too.
        try await cache.run { client in _ = try client.get(uniqueKey(), as: Int.self) }
        #expect(recorder.events.map(\.operation) == [.get, .get])
    }

    @Test func wrappersAreObservedFromOutsideAndInside() async throws {
        let outside = Recorder()
        let client = MockClient()
        client.fail(with: MemcachedError(code: .timeout, operation: "", detail: "injected"), times: 1)
        let inside = AsyncObservedCommands(client.asynchronous, observer: recorder)
        let cache = AsyncObservedCommands(AsyncRetryingClient(inside), observer: outside)
        try await cache.set("key", 1)
        #expect(outside.events.map(\.done) == [1])
        #expect(recorder.events.map(\.retry) == [0, 1])
        #expect(recorder.events.map(\.error?.code) == [.timeout, nil])
    }

    @Test func aFullQueueAndOtherServersAreReported() async throws {
        let cache = try cache(overload: .throwing, queueLimit: 1)
        let (gate, isBusy) = (Gate(), Locked(false))
        let blocker = Task {
            try await cache.run { _ in
                isBusy.withLock { $0 = true }
                gate.wait()
            }
        }
        #expect(await eventually { isBusy.withLock { $0 } })
        let key = uniqueKey()
        let waiting = Task.immediate { try await cache.get(key, as: Int.self) }
        await #expect(throws: MemcachedError.self) { try await cache.get(key, as: Int.self) }
        gate.open()
        try await blocker.value
        _ = try await waiting.value
        try cache.setServers([try #require(cache.servers.first)])
        let happened = recorder.happenings.map { event in
            switch event {
            case .overloaded(let operation): "overloaded: \(operation)"
            case .serversChanged(let servers): "\(servers.count) server"
            default: "something else"
            }
        }
        #expect(happened == ["overloaded: get", "1 server"])
    }
}
