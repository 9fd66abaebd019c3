import SwiftLibMC
import TestSupport
import Testing

/// Keeps what it is told.
final class Recorder: CommandObserver {
    enum Entry: Sendable {
        case began(MemcachedOperation)
        case ended(CommandEvent, token: String?)
        case happened(ClientEvent)
    }

    @TaskLocal static var caller = "nobody"

    private let entries = Locked<[Entry]>([])

    var all: [Entry] { entries.withLock { $0 } }
    var events: [CommandEvent] { all.compactMap { if case .ended(let event, _) = $0 { event } else { nil } } }
    var tokens: [String?] { all.compactMap { if case .ended(_, let token) = $0 { .some(token) } else { nil } } }
    var happenings: [ClientEvent] { all.compactMap { if case .happened(let event) = $0 { event } else { nil } } }

    func began(_ request: MemcachedRequest) -> (any Sendable)? {
        entries.withLock { $0.append(.began(request.operation)) }
        return "\(request.operation) of \(Self.caller)"
    }

    func ended(_ event: CommandEvent, _ token: (any Sendable)?) {
        entries.withLock { $0.append(.ended(event, token: token as? String)) }
    }

    func happened(_ event: ClientEvent) { entries.withLock { $0.append(.happened(event)) } }

    func forget() { entries.withLock { $0.removeAll() } }
}

@Suite("Observers", .timeLimit(.minutes(1)))
struct ObserverTests {
    private let recorder = Recorder()

    private func observed(_ binary: Bool) throws -> Client {
        let client = try Client.sharedPair(binary: binary)
        client.observer = recorder
        return client
    }

    /// What one call is reported as.
    private func event(of call: () throws -> Void) throws -> CommandEvent {
        recorder.forget()
        try call()
        #expect(recorder.all.count == 2)
        return try #require(recorder.events.first)
    }

    @Test(arguments: [true, false])
    func singleCommandsAreReportedWithTheirServer(binary: Bool) throws {
        let client = try observed(binary)
        let key = uniqueKey()
        let server = try client.server(for: key)
        func check(_ event: CommandEvent, _ operation: MemcachedOperation) {
            #expect(event.operation == operation && event.keyCount == 1 && event.firstKey == key)
            #expect(event.server == server && event.error == nil && event.failures.isEmpty && event.retry == 0)
            #expect(event.duration > .zero)
        }
        let miss = try event { _ = try client.get(key, as: String.self) }
        check(miss, .get)
        #expect(miss.misses == 1 && miss.hits == 0)
        let stored = try event { try client.set(key, "12345") }
        check(stored, .set)
        #expect(stored.done == 1 && stored.bytesWritten == 5)
        let gets: [() throws -> Void] = [
            { try require(client.get(key) == "12345") },
            { try require(client.get(key) == 12345) },
            { try require(client.get(key) == Array("12345".utf8)) },
        ]
        for get in gets {
            let hit = try event(of: get)
            check(hit, .get)
            #expect(hit.hits == 1 && hit.bytesRead == 5)
        }
        let lent = try event { try require(client.withBytes(key) { $0.byteCount } == 5) }
        check(lent, .withBytes)
        #expect(lent.bytesRead == 5)
        check(try event { _ = try client.item(key) }, .item)
        #expect(try event { _ = try client.add(key, 1) }.declined == 1)
        check(try event { try client.incr(key) }, .incr)
        #expect(try event { try client.append(key, "ab") }.bytesWritten == 2)
        #expect(try event { try client.touch(key, time: 60) }.done == 1)
        #expect(try event { try client.delete(key) }.done == 1)
        #expect(try event { try client.delete(key) }.misses == 1)
    }

    @Test(arguments: [true, false])
    func callsForManyAreOneCommand(binary: Bool) throws {
        let client = try observed(binary)
        let keys = uniqueKeys(10)
        let values = Dictionary(uniqueKeysWithValues: keys.map { ($0, "1234") })
        let stored = try event { _ = try client.setMulti(values) }
        #expect(stored.operation == .setMulti && stored.keyCount == 10 && stored.done == 10)
        #expect(stored.bytesWritten == 40 && stored.server == nil)
        let read = try event { try require(client.getMulti(keys + ["none"]) == values) }
        #expect(read.operation == .getMulti && read.keyCount == 11 && read.hits == 10 && read.misses == 1)
        #expect(read.bytesRead == 40 && read.firstKey == keys[0])
        #expect(try event { _ = try client.getMultiArray(keys, as: Int.self) }.hits == 10)
        #expect(try event { try client.deleteMulti(keys) }.done == 10)
        #expect(try event { _ = try client.version() }.keyCount == 0)
    }

    @Test func failuresAreReported() throws {
        let client = try Client([try RefusingAddress().address], behaviors: .patient)
        client.errorPolicy = .missing
        client.observer = recorder
        let single = try event { try require(client.get("key", as: String.self) == nil) }
        #expect(try #require(single.error).isConnectionFailure && single.failed == 1)
        let many = try event { try require(client.getMulti(["a", "b"], as: Int.self).isEmpty) }
        #expect(many.error == nil && many.failed == 2 && many.failures.count == 1)
    }

    /// The caller's task-local values are there, and what `began` returns comes back.
    @Test func everythingHappensAtTheCallers() throws {
        let client = try observed(true)
        try Recorder.$caller.withValue("ada") { _ = try client.get(uniqueKey(), as: Int.self) }
        #expect(recorder.tokens == ["get of ada"])
    }

    @Test func attemptsAreCountedInsideAndOneOutside() throws {
        let (inner, outer) = (Recorder(), Recorder())
        let mock = MockClient()
        let cache = ObservedCommands(
            RetryingClient(ObservedCommands(mock, observer: inner), attempts: 3),
            observer: outer
        )
        mock.fail(with: .injected(.timeout), times: 2)
        try cache.set("key", 1)
        #expect(inner.events.map(\.retry) == [0, 1, 2])
        #expect(inner.events.map { $0.error?.code } == [.timeout, .timeout, nil])
        #expect(outer.events.map(\.retry) == [0])
        #expect(outer.events.map(\.done) == [1])
    }

    /// Methods that send several commands, and the inner ones between beginning and end of the outer ones.
    @Test func commandsOfOneCallComeOneAfterTheOther() throws {
        let client = try observed(true)
        let key = uniqueKey()
        let cache = ObservedCommands(PrefixedCommands(client, prefix: "prefix/"), observer: recorder)
        #expect(try cache.update(key, as: Int.self) { ($0 ?? 0) + 1 } == 1)
        #expect(recorder.events.map(\.operation) == [.update, .update, .update, .update])
        #expect(recorder.events.map(\.firstKey) == [key, key, key, key])
        let isBeginning = recorder.all.map { if case .began = $0 { true } else { false } }
        #expect(isBeginning == [true, true, false, false, true, true, false, false])
        recorder.forget()
        #expect(try cache.getOrSet(key + "+") { 1 } == 1)
        #expect(Set(recorder.events.map(\.operation)) == [.getOrSet])
    }

    @Test func clonesAreObservedAndTheObserverCanGo() throws {
        let client = try observed(true)
        let clone = try client.clone()
        try clone.set(uniqueKey(), 1)
        #expect(recorder.events.count == 1)
        client.observer = nil
        try client.set(uniqueKey(), "text")
        #expect(recorder.events.count == 1)
    }

    @Test(.timeLimit(.minutes(2)))
    func serversThatAreGivenUpAreReported() throws {
        let server = try MemcachedServer.start()
        let client = try Client(
            [server.address],
            behaviors: Behaviors(pollTimeout: .milliseconds(50), retryTimeout: .seconds(1))
        )
        client.observer = recorder
        #expect(eventually { (try? client.set("key", 1)) != nil })
        try server.whileSuspended {
            for _ in 0..<4 { _ = try? client.get("key", as: Int.self) }
        }
        guard case .serverGivenUp(let given)? = recorder.happenings.first else {
            Issue.record("not reported: \(recorder.happenings)")
            return
        }
        #expect(given.description == server.address)
        #expect(eventually { (try? client.get("key", as: Int.self)) != nil })
        guard case .serverTriedAgain? = recorder.happenings.last else {
            Issue.record("not reported: \(recorder.happenings)")
            return
        }
    }

    @Test func newServersAreReported() throws {
        let client = try observed(true)
        try client.setServers([try MemcachedServer.shared(.tcp).address])
        guard case .serversChanged(let servers)? = recorder.happenings.first else {
            Issue.record("not reported: \(recorder.happenings)")
            return
        }
        #expect(servers == client.servers)
    }
}

private func require(_ condition: Bool) throws { try #require(condition) }
