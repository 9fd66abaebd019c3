import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// That `getOrSet` gives back the lock that it holds, whatever ends the call.
@Suite("The lock of a computed value", .enabled(if: MemcachedServer.isInstalled), .timeLimit(.minutes(2)))
struct GetOrSetLockTests {
    private struct Mine: Error {}

    /// What becomes of a request.
    enum Fault: Sendable {
        case none, notSent
        /// It is carried out, but the reply is lost.
        case replyLost
        /// The caller's task is cancelled.
        case cancelled

        func error(_ code: MemcachedError.Code = .timeout) -> MemcachedError {
            .injected(code, isOutcomeUnknown: self == .replyLost)
        }
    }

    /// Has some of the requests fail.
    private struct Faulty: ForwardingCommands, @unchecked Sendable {
        let base: any MemcachedCommands
        let fault: @Sendable (MemcachedRequest) -> Fault

        func execute(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
            let fault = fault(request)
            if fault == .notSent { throw fault.error(.connectionFailure) }
            let response = try base.execute(request)
            if fault == .replyLost { throw fault.error() }
            return response
        }
    }

    private struct AsyncFaulty: AsyncForwardingCommands {
        let base: any AsyncMemcachedCommands
        let fault: @Sendable (MemcachedRequest) -> Fault
        let caller = Locked<Task<Int, any Error>?>(nil)

        func execute(_ request: MemcachedRequest) async throws(MemcachedError) -> MemcachedResponse {
            let fault = fault(request)
            if fault == .notSent { throw fault.error(.connectionFailure) }
            if fault == .cancelled { caller.withLock { $0?.cancel() } }
            let response = try await base.execute(request)
            if fault == .replyLost { throw fault.error() }
            return response
        }
    }

    /// One call, by a synchronous or an asynchronous cache.
    private func call(
        _ colour: Colour,
        _ key: String,
        policy: ErrorPolicy = .throwing,
        lock: Duration = .seconds(600),
        stale: Duration = .zero,
        fault: @escaping @Sendable (MemcachedRequest) -> Fault = { _ in .none },
        compute: @escaping @Sendable () throws -> Int = { 7 }
    ) async throws -> Int {
        let client = try Client.shared()
        client.errorPolicy = policy
        switch colour {
        case .synchronous:
            return try Faulty(base: client, fault: fault).getOrSet(key, lock: lock, stale: stale, compute)
        case .asynchronous:
            let cache = AsyncFaulty(base: try AsyncClient(cloning: client), fault: fault)
            let task = Task {
                while cache.caller.withLock({ $0 == nil }) { await Task.yield() }
                return try await cache.getOrSet(key, lock: lock, stale: stale) { try compute() }
            }
            cache.caller.withLock { $0 = task }
            return try await task.value
        }
    }

    enum Colour: CaseIterable, Sendable { case synchronous, asynchronous }

    private func isUnlocked(_ key: String) async throws -> Bool {
        let client = try AsyncClient(cloning: Client.shared())
        return try await eventually { try await !client.contains("\(key):lock") }
    }

    @Test(arguments: Colour.allCases, [ErrorPolicy.throwing, .missing])
    func aLockThatMayHaveBeenTakenIsGivenBack(colour: Colour, policy: ErrorPolicy) async throws {
        let fault: @Sendable (MemcachedRequest) -> Fault = { request in
            if case .store(_, .ifAbsent, _) = request.action { .replyLost } else { .none }
        }
        let key = uniqueKey()
        let value = try? await call(colour, key, policy: policy, fault: fault)
        #expect(value == (policy == .missing ? 7 : nil))
        #expect(try await isUnlocked(key))
        // It is given back after an error of the computation, too.
        await #expect(throws: (any Error).self) {
            try await call(colour, key, policy: policy, fault: fault, compute: { throw Mine() })
        }
        #expect(try await isUnlocked(key))
    }

    @Test(arguments: Colour.allCases)
    func anothersLockIsNotGivenBack(colour: Colour) async throws {
        let (key, client, looks) = (uniqueKey(), try Client.shared(), Locked(0))
        try client.set("\(key):lock", 1)
        let value = try await call(colour, key, policy: .missing) { request in
            if case .store(_, .ifAbsent, _) = request.action { return .replyLost }
            if case .fetch = request.action, request.keys.list[0].text.hasSuffix(":lock") {
                looks.withLock { $0 += 1 }
            }
            return .none
        }
        #expect(value == 7)
        #expect(await eventually { looks.withLock { $0 } == 1 })
        #expect(try client.contains("\(key):lock"))
    }

    @Test(arguments: Colour.allCases, [ErrorPolicy.throwing, .missing])
    func aFailedStoreGivesTheLockBack(colour: Colour, policy: ErrorPolicy) async throws {
        for (fault, suffix) in [(Fault.notSent, ""), (.replyLost, ""), (.notSent, ":fresh"), (.replyLost, ":fresh")] {
            let key = uniqueKey()
            let value = try? await call(colour, key, policy: policy, stale: .seconds(5)) { request in
                guard case .store(_, .always, _) = request.action else { return .none }
                return request.keys.list[0].text == key + suffix ? fault : .none
            }
            #expect(value == (policy == .missing ? 7 : nil))
            #expect(try await isUnlocked(key))
        }
    }

    /// After the lock has been taken, the value is looked for again.
    @Test(arguments: Colour.allCases, [ErrorPolicy.throwing, .missing])
    func aFailedLookGivesTheLockBack(colour: Colour, policy: ErrorPolicy) async throws {
        let (key, isLocked) = (uniqueKey(), Locked(false))
        let value = try? await call(colour, key, policy: policy) { request in
            if case .store(_, .ifAbsent, _) = request.action { isLocked.withLock { $0 = true } }
            guard case .fetch = request.action, request.keys.list[0].text == key else { return .none }
            return isLocked.withLock { $0 } ? .notSent : .none
        }
        #expect(value == (policy == .missing ? 7 : nil))
        #expect(try await isUnlocked(key))
    }

    /// The lock stays for whole seconds, and the one who computes may take longer than others wait.
    @Test(arguments: Colour.allCases)
    func aSlowCallerGivesTheLockBack(colour: Colour) async throws {
        let (key, client) = (uniqueKey(), try Client.shared())
        let value = try await call(
            colour,
            key,
            lock: .milliseconds(100),
            compute: {
                usleep(150_000)
                // The server may have dropped it by now.
                try Client.shared().touch("\(key):lock", time: 60)
                return 7
            }
        )
        #expect(try value == 7 && !client.contains("\(key):lock"))
        // But not if it is another's by now.
        try client.delete(key)
        _ = try await call(
            colour,
            key,
            lock: .milliseconds(100),
            compute: {
                usleep(150_000)
                try Client.shared().set("\(key):lock", "another's")
                return 7
            }
        )
        #expect(try client.get("\(key):lock") == "another's")
    }

    @Test func cancellingTheStoreDoesNotKeepTheLock() async throws {
        for suffix in ["", ":fresh"] {
            let (key, client) = (uniqueKey(), try Client.shared())
            let value = try await call(.asynchronous, key, stale: .seconds(5)) { request in
                guard case .store(_, .always, _) = request.action else { return .none }
                return request.keys.list[0].text == key + suffix ? .cancelled : .none
            }
            #expect(value == 7)
            #expect(try await isUnlocked(key))
            #expect(try client.get(key) == 7)
            #expect(try client.contains("\(key):fresh"))
        }
    }

    @Test(arguments: [":lock", ""])
    func aCallerThatIsCancelledMeanwhileGivesTheLockBack(suffix: String) async throws {
        let (key, isLocked) = (uniqueKey(), Locked(false))
        let value = try? await call(.asynchronous, key) { request in
            defer { if case .store(_, .ifAbsent, _) = request.action { isLocked.withLock { $0 = true } } }
            let isNow = isLocked.withLock { $0 } && request.keys.list[0].text == key + suffix
            if case .fetch = request.action, suffix.isEmpty, isNow { return .cancelled }
            if case .delete = request.action, isNow { return .cancelled }
            return .none
        }
        #expect(value == (suffix.isEmpty ? nil : 7))
        #expect(try await isUnlocked(key))
    }

    @Test(arguments: Colour.allCases)
    func whatCannotBeWrittenGivesTheLockBack(colour: Colour) async throws {
        struct Unwritable: Codable {
            func encode(to encoder: any Encoder) throws { throw Mine() }
        }
        let (key, client) = (uniqueKey(), try Client.shared())
        let error: MemcachedError?
        switch colour {
        case .synchronous: error = #expect(throws: MemcachedError.self) { try client.getOrSet(key) { Unwritable() } }
        case .asynchronous:
            let cache = try AsyncClient(cloning: client)
            error = await #expect(throws: MemcachedError.self) { try await cache.getOrSet(key) { Unwritable() } }
        }
        #expect(error?.code == .serialization && error?.operation == "getOrSet" && error?.key == key)
        #expect(try await isUnlocked(key))
    }
}
