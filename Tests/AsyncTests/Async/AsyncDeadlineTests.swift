import Foundation
import SwiftLibMC
import TestSupport
import Testing

@Suite("AsyncClient: deadlines and cancellation", .enabled(if: MemcachedServer.isInstalled), .timeLimit(.minutes(2)))
struct AsyncDeadlineTests {
    private func make(_ server: MemcachedServer, timeout: Duration, limit: Int = 10_000) throws -> AsyncClient {
        try AsyncClient(
            cloning: try Client([server.address], behaviors: .patient),
            connections: 1,
            commandTimeout: timeout,
            queueLimit: limit
        )
    }

    @Test func aCallTakesNoLongerThanItsTimeOut() async throws {
        let server = try MemcachedServer.start()
        let cache = try make(server, timeout: .milliseconds(300))
        try await cache.set("key", 1)
        try server.suspend()
        let start = ContinuousClock.now
        // It ends while the server is still stopped: by its time-out, then.
        let first = queued { try await cache.set("key", 2) }
        // The first is on its way soon; the second has to wait behind it.
        while try await failure({ try await cache.get("other", as: Int.self) })?.code != .commandTimeout {}
        let error = try await failure { try await first.value }
        #expect(error?.code == .commandTimeout)
        #expect(error?.operation == "set")
        #expect(error?.key == "key")
        #expect(error?.server?.description == server.address)
        #expect(error?.isOutcomeUnknown == true)
        #expect(error?.isTimeout == true)
        #expect(ContinuousClock.now - start >= .milliseconds(300))

        // A body keeps the thread, whatever the time; it may take more than one call until there is one on it.
        let gate = Gate()
        let hasBegun = Locked(false)
        while !hasBegun.withLock({ $0 }) {
            let error = try await failure {
                try await cache.run { _ in
                    hasBegun.withLock { $0 = true }
                    gate.wait()
                }
            }
            #expect(error?.code == .commandTimeout)
        }
        let unsent = try await failure { try await cache.set("key", 3) }
        #expect(unsent?.code == .commandTimeout)
        #expect(unsent?.isOutcomeUnknown == false)
        gate.open()
        server.resume()
        // The late reply is nobody's. The second set may have been carried out; the third was never sent.
        #expect(try await eventually { try await failure { try await cache.get("none", as: Int.self) } == nil })
        let value = try await cache.get("key", as: Int.self)
        #expect(value == 1 || value == 2)
    }

    @Test func aSlowBodyRunsOnAlone() async throws {
        let server = try MemcachedServer.start()
        let cache = try make(server, timeout: .milliseconds(100))
        let gate = Gate()
        let isDone = Locked(false)
        let error = try await failure {
            try await cache.run { _ in
                gate.wait()
                isDone.withLock { $0 = true }
            }
        }
        #expect(error?.code == .commandTimeout)
        #expect(error?.operation == "run")
        gate.open()
        #expect(await eventually { isDone.withLock { $0 } })
        #expect(try await eventually { try await failure { try await cache.set("key", 1) } == nil })
    }

    @Test func aCancelledCallReturnsAtOnce() async throws {
        let server = try MemcachedServer.start()
        let cache = try make(server, timeout: .seconds(60))
        try await cache.set("a", "a")
        try await cache.set("b", "b")
        let blocker = try await Blocker(cache)
        let unsent = queued { try await cache.set("a", "never") }
        unsent.cancel()
        let error = try await failure { try await unsent.value }
        #expect(error?.code == .cancelled)
        #expect(error?.isOutcomeUnknown == false)
        #expect(error?.operation == "set")
        try server.suspend()
        try await blocker.release()

        let isAsked = queued { try await cache.incr("a") }
        let waiting = queued { try await cache.get("b", as: String.self) }
        isAsked.cancel()
        waiting.cancel()
        #expect(try await failure { try await isAsked.value }?.code == .cancelled)
        #expect(try await failure { try await waiting.value }?.code == .cancelled)
        server.resume()
        #expect(try await cache.get("a", as: String.self) == "a")
        #expect(try await cache.get("b", as: String.self) == "b")
    }

    @Test func aWriteThatIsCancelledOnItsWayMayHaveHappened() async throws {
        let server = try FakeServer(.silent)
        var behaviors = Behaviors.patient
        // Nothing but the cancelling may end the calls, however long that takes on a busy machine.
        behaviors.pollTimeout = .seconds(60)
        let cache = try AsyncClient(
            cloning: try Client([server.address], binary: true, behaviors: behaviors),
            connections: 1,
            commandTimeout: .seconds(60)
        )
        let sent = queued { try await cache.set("key", 2) }
        #expect(await eventually { !server.received.isEmpty })
        let reading = queued { try await cache.get("key", as: Int.self) }
        let waiting = queued { try await cache.set("key", 3) }
        for (isUnknown, call) in [(true, sent), (false, waiting)] {
            call.cancel()
            let error = try await failure { try await call.value }
            #expect(error?.code == .cancelled)
            #expect(error?.isOutcomeUnknown == isUnknown)
        }
        reading.cancel()
        #expect(try await failure { try await reading.value }?.code == .cancelled)
        server.stop()
    }

    @Test func aTaskThatIsCancelledAlreadyAsksNobody() async throws {
        let cache = try AsyncClient(cloning: try sharedClient())
        let key = uniqueKey()
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            try await cache.set(key, 1)
        }
        task.cancel()
        let error = try await failure { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(error?.isOutcomeUnknown == false)
        #expect(try await cache.get(key, as: Int.self) == nil)
    }

    /// In a process of its own, for the memory of other tests can't be told from this one's.
    @Test func aHundredThousandCancelledCallsLeaveNothingBehind() async {
        await #expect(processExitsWith: .success) {
            try await cancelAHundredThousandCalls()
        }
    }
}

private func cancelAHundredThousandCalls() async throws {
    final class Canary: Sendable {
        let living: Locked<Int>
        init(_ living: Locked<Int>) {
            self.living = living
            living.withLock { $0 += 1 }
        }
        deinit { living.withLock { $0 -= 1 } }
    }
    let server = try MemcachedServer.start()
    let cache = try AsyncClient(
        cloning: try Client([server.address], behaviors: .patient),
        connections: 1,
        commandTimeout: .seconds(60),
        queueLimit: 100
    )
    try await cache.set("key", "value")
    let living = Locked(0)
    var memory = 0
    for round in 0..<100 {
        try server.suspend()
        let calls = (0..<1000).map { number in
            let canary = Canary(living)
            switch number % 4 {
            case 0: return queued { _ = try await cache.get("key-\(number % 50)", as: String.self) }
            case 1: return queued { try await cache.set("key-\(number)", [UInt8](repeating: 1, count: 1000)) }
            case 2: return queued { try await cache.run { _ in _ = canary } }
            default: return queued { try await cache.delete("key-\(number)") }
            }
        }
        for call in calls { call.cancel() }
        for call in calls {
            let error = try await failure { try await call.value }
            // The first ones may have been answered before the server was stopped.
            precondition(error == nil || error?.code == .cancelled)
        }
        server.resume()
        if round == 20 { memory = try residentMemory() }
    }
    let value = try await cache.get("key", as: String.self)
    precondition(value == "value")
    let areAllGone = await eventually { living.withLock { $0 } == 0 }
    precondition(areAllGone)
    // All the values together would be 25 MB.
    let growth = try residentMemory() - memory
    precondition(growth < 15 << 20)
}
