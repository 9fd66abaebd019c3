import SwiftLibMC
import TestSupport
import Testing

/// One call, of clients that block and of those that don't.
private struct Call: Sendable {
    let operation: String
    var blocking: (@Sendable (any MemcachedCommands) throws -> Void)?
    var client: (@Sendable (Client) throws -> Void)?
    let async: @Sendable (AsyncClient) async throws -> Void

    private static let large = [UInt8](repeating: 120, count: 1_000_000)

    static let all = [
        Call("get", { _ = try $0.get("key", as: String.self) }, { _ = try await $0.get("key", as: String.self) }),
        Call("gets", { _ = try $0.gets("key", as: Int.self) }, { _ = try await $0.gets("key", as: Int.self) }),
        Call("set", { try $0.set("key", large) }, { try await $0.set("key", large) }),
        Call("add", { _ = try $0.add("key", 1) }, { _ = try await $0.add("key", 1) }),
        Call("delete", { try $0.delete("key") }, { try await $0.delete("key") }),
        Call("incr", { _ = try $0.incr("key") }, { _ = try await $0.incr("key") }),
        Call("touch", { try $0.touch("key", time: 9) }, { try await $0.touch("key", time: 9) }),
        Call(
            "getMulti",
            { _ = try $0.getMulti(["key", "a"], as: Int.self) },
            { _ = try await $0.getMulti(["key", "a"], as: Int.self) }
        ),
        Call(
            "setMulti",
            { _ = try $0.setMulti(["key": large, "a": large]) },
            { _ = try await $0.setMulti(["key": large, "a": large]) }
        ),
        Call("deleteMulti", { _ = try $0.deleteMulti(["key", "a"]) }, { _ = try await $0.deleteMulti(["key", "a"]) }),
        Call(client: "getStats", { _ = try $0.getStats() }, { _ = try await $0.getStats() }),
        Call(client: "version", { _ = try $0.version() }, { _ = try await $0.version() }),
        Call(client: "flushAll", { try $0.flushAll() }, { try await $0.flushAll() }),
    ]

    private init(
        _ operation: String,
        _ blocking: @escaping @Sendable (any MemcachedCommands) throws -> Void,
        _ async: @escaping @Sendable (AsyncClient) async throws -> Void
    ) {
        self.operation = operation
        self.blocking = blocking
        self.async = async
    }

    private init(
        client operation: String,
        _ client: @escaping @Sendable (Client) throws -> Void,
        _ async: @escaping @Sendable (AsyncClient) async throws -> Void
    ) {
        self.operation = operation
        self.client = client
        self.async = async
    }
}

/// How a call has ended.
private struct Ending: Sendable {
    let time: Duration
    let error: MemcachedError?

    init(_ body: () throws -> Void) {
        let start = ContinuousClock.now
        error = Result(catching: body).failure
        time = ContinuousClock.now - start
    }

    init(_ body: () async throws -> Void) async {
        let start = ContinuousClock.now
        do {
            try await body()
            error = nil
        } catch {
            self.error = error as? MemcachedError
        }
        time = ContinuousClock.now - start
    }
}

extension Result where Success == Void, Failure == any Error {
    fileprivate var failure: MemcachedError? {
        if case .failure(let error) = self { error as? MemcachedError } else { nil }
    }
}

/// Whatever a server does, a call ends soon after its `commandTimeout`, although each wait in it may take a minute.
@Suite("Every call ends", .timeLimit(.minutes(2)))
struct BoundedCallTests {
    /// Those that are tried each time.
    private static let chosen: [BadServer] =
        Effort.current == .quick
        ? [.mute, .drips, .readsNothing, .endless] : BadServer.allCases.filter { $0 != .closes }

    fileprivate static let limit = Duration.milliseconds(300)
    /// What a busy machine may add, with the thread sanitizer at that; still less than the first wait.
    private static let margin = Duration.seconds(40)
    private static let behaviors = Behaviors.patient.merging(
        Behaviors(connectTimeout: .seconds(60), pollTimeout: .seconds(60))
    )

    private func makeClient(_ address: String, _ binary: Bool) throws -> Client {
        try Self.makeClient(address, binary)
    }

    fileprivate static func makeClient(_ address: String, _ binary: Bool) throws -> Client {
        let client = try Client([address], binary: binary, behaviors: behaviors)
        client.commandTimeout = limit
        return client
    }

    private func check(_ ending: Ending, _ call: Call, of caller: String, _ fault: BadServer, at address: String) {
        let what = "\(call.operation) of \(caller), server \(fault): \(ending.time), \(ending.error.debugDescription)"
        #expect(ending.time < Self.limit + Self.margin, "\(what)")
        // In binary the entries of endless statistics look like answers to other commands.
        #expect(ending.error != nil || fault == .endless && call.operation != "getStats", "\(what)")
        guard let error = ending.error else { return }
        #expect(error.operation == call.operation, "\(what)")
        if ![.refuses, .endless, .huge].contains(fault), call.blocking != nil {
            #expect(error.code == .commandTimeout, "\(what)")
            #expect(error.server?.description == address, "\(what)")
        }
        if call.operation == "get" { #expect(error.key == "key" && !error.isOutcomeUnknown, "\(what)") }
    }

    @Test(.hazard(29), .blocking, arguments: chosen, [true, false])
    func ofAClient(_ fault: BadServer, binary: Bool) throws {
        let (address, owner) = try fault.start(binary: binary)
        let endings = try onThreads(Call.all.count) { index in
            let (call, client) = (Call.all[index], try makeClient(address, binary))
            return Ending { try call.client.map { try $0(client) } ?? call.blocking?(client) }
        }
        for (call, ending) in zip(Call.all, endings) { check(ending, call, of: "Client", fault, at: address) }
        withExtendedLifetime(owner) {}
    }

    @Test(.hazard(29), .blocking, arguments: chosen, [true, false])
    func ofAPool(_ fault: BadServer, binary: Bool) throws {
        let (address, owner) = try fault.start(binary: binary)
        let calls = Call.all.filter { $0.blocking != nil }
        let endings = try onThreads(calls.count) { index in
            let pool = try ClientPool(cloning: makeClient(address, binary), size: 1)
            return Ending { try calls[index].blocking?(pool) }
        }
        for (call, ending) in zip(calls, endings) { check(ending, call, of: "ClientPool", fault, at: address) }
        withExtendedLifetime(owner) {}
    }

    @Test(.hazard(29), arguments: chosen, [true, false])
    func ofAnAsyncClient(_ fault: BadServer, binary: Bool) async throws {
        let (address, owner) = try fault.start(binary: binary)
        await withTaskGroup { group in
            for call in Call.all {
                group.addTask {
                    do {
                        let client = try makeClient(address, binary)
                        let cache = try AsyncClient(cloning: client, connections: 1, commandTimeout: Self.limit)
                        check(
                            await Ending { try await call.async(cache) },
                            call,
                            of: "AsyncClient",
                            fault,
                            at: address
                        )
                        let end = await Ending { await cache.shutdown() }
                        #expect(end.time < Self.limit + Self.margin, "shutdown after \(call.operation): \(end.time)")
                    } catch {
                        Issue.record(error)
                    }
                }
            }
        }
        withExtendedLifetime(owner) {}
    }

    /// Wherever a reply breaks off, the call ends, and gives what is right or an error.
    @Test(.enabled(if: MemcachedServer.isInstalled), .blocking, arguments: [true, false], [true, false])
    func repliesThatBreakOff(binary: Bool, reset: Bool) throws {
        let server = try MemcachedServer.shared(.tcp)
        let key = uniqueKey("breaks-off")
        try Client([server.address]).set(key, "a value of some bytes")
        // The binary reply has a header of 24 bytes, 4 of flags and 21 of the value; the ASCII one begins with the key.
        for count in Array(0...30) + stride(from: 33, through: 80, by: 6) {
            let proxy = try FaultProxy(to: server.address, .cutReplies(after: count, reset: reset))
            let client = try makeClient(proxy.address, binary)
            let start = ContinuousClock.now
            let value = try? client.get(key, as: String.self)
            #expect(value == nil || value == "a value of some bytes")
            if count < 21 { #expect(throws: MemcachedError.self) { try client.get(key, as: String.self) } }
            _ = try? client.set(key + "2", 1)
            _ = try? client.getMulti([key, key + "2"], as: String.self)
            #expect(ContinuousClock.now - start < Self.limit + Self.margin, "\(count)")
            proxy.stop()
        }
    }

    /// Who waits for a client of a pool has so much less time for the call.
    @Test(.blocking) func waitingForAClientCounts() throws {
        let server = try FakeServer(.silent)
        let pool = try ClientPool(cloning: makeClient(server.address, true), size: 1)
        let endings = try onThreads(8) { _ in Ending { _ = try pool.get("key", as: Int.self) } }
        for ending in endings {
            #expect(ending.time < Self.limit + Self.margin)
            let code = ending.error?.code
            #expect(code == .commandTimeout || code == .poolExhausted || code == .serverTemporarilyDisabled)
        }
    }
}

/// How long calls take that a server would have wait for a minute.
///
/// `SWIFTLIBMC_EFFORT=full swift test --filter BoundedCallTimes` prints the table of the page "Guarantees". It needs a
/// quiet machine.
@Suite("Every call ends: how soon", .full, .serialized, .blocking, .timeLimit(.minutes(10)))
struct BoundedCallTimes {
    private static let limit = BoundedCallTests.limit
    private static let callers = ["Client", "ClientPool", "AsyncClient"]

    @Test("within 50 ms of the time-out", arguments: BadServer.allCases)
    func everyCall(_ fault: BadServer) async throws {
        var row: [String] = []
        for caller in Self.callers {
            var (longest, errors) = (Duration.seconds(60), Set<String>())
            // Whatever else the machine does is no fault of the library's.
            for _ in 0..<3 where longest >= Self.limit + .milliseconds(50) {
                let endings = try await endings(of: caller, fault)
                longest = endings.map(\.time).max() ?? .zero
                errors = Set(endings.compactMap { $0.error?.code.name })
            }
            #expect(longest < Self.limit + .milliseconds(50), "\(fault), \(caller): \(longest)")
            row.append("\(Int((longest / .milliseconds(1)).rounded())) ms (\(errors.sorted().joined(separator: ", ")))")
        }
        print("BOUNDED | \(fault) | \(row.joined(separator: " | ")) |")
    }

    private func endings(of caller: String, _ fault: BadServer) async throws -> [Ending] {
        var endings: [Ending] = []
        for binary in [true, false] {
            let (address, owner) = try fault.start(binary: binary)
            if caller == "AsyncClient" {
                endings += try await endingsOfAsyncClients(address, binary)
            } else {
                let calls = Call.all.filter { $0.blocking != nil || caller == "Client" }
                endings += try onThreads(calls.count) { index in
                    let (call, client) = (calls[index], try BoundedCallTests.makeClient(address, binary))
                    if caller == "Client" {
                        return Ending { try call.client.map { try $0(client) } ?? call.blocking?(client) }
                    }
                    let pool = try ClientPool(cloning: client, size: 1)
                    return Ending { try call.blocking?(pool) }
                }
            }
            withExtendedLifetime(owner) {}
        }
        return endings
    }

    private func endingsOfAsyncClients(_ address: String, _ binary: Bool) async throws -> [Ending] {
        try await withThrowingTaskGroup(of: Ending.self) { group in
            for call in Call.all {
                let client = try BoundedCallTests.makeClient(address, binary)
                let cache = try AsyncClient(cloning: client, commandTimeout: Self.limit)
                group.addTask {
                    let ending = await Ending { try await call.async(cache) }
                    await cache.shutdown()
                    return ending
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}
