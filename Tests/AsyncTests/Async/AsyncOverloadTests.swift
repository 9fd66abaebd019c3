import Foundation
import SwiftLibMC
import TestSupport
import Testing

@Suite("AsyncClient: overload", .enabled(if: MemcachedServer.isInstalled), .timeLimit(.minutes(2)))
struct AsyncOverloadTests {
    private func make(_ overload: AsyncClient.Overload, timeout: Duration = .seconds(60)) throws -> AsyncClient {
        try AsyncClient(
            cloning: try sharedClient(),
            connections: 1,
            commandTimeout: timeout,
            queueLimit: 10,
            overload: overload
        )
    }

    @Test func callsBeyondTheLimitAreRefused() async throws {
        let cache = try make(.throwing)
        let keys = uniqueKeys(20)
        let blocker = try await Blocker(cache)
        let calls = keys.map { key in queued { try await cache.set(key, 1) } }
        for call in calls[10...] {
            let error = try await failure { try await call.value }
            #expect(error?.code == .overloaded)
            #expect(error?.operation == "set")
            #expect(error?.isRetriable == true)
            #expect(error?.isOutcomeUnknown == false)
        }
        try await blocker.release()
        for call in calls[..<10] { #expect(try await call.value) }
        #expect(try await cache.set(keys[15], 1))
    }

    @Test func aCancelledCallMakesRoom() async throws {
        let cache = try make(.throwing)
        let keys = uniqueKeys(20)
        let blocker = try await Blocker(cache)
        let calls = keys[..<10].map { key in queued { try await cache.set(key, 1) } }
        calls[3].cancel()
        #expect(try await failure { try await calls[3].value }?.code == .cancelled)
        let late = queued { try await cache.set(keys[11], 1) }
        let tooLate = queued { try await cache.set(keys[12], 1) }
        #expect(try await failure { try await tooLate.value }?.code == .overloaded)
        try await blocker.release()
        #expect(try await late.value)
        #expect(try await cache.get(keys[3], as: Int.self) == nil)
    }

    @Test func callsBeyondTheLimitWaitForRoom() async throws {
        let cache = try make(.waiting)
        let key = uniqueKey()
        let blocker = try await Blocker(cache)
        let calls = (0..<500).map { number in
            queued {
                try await cache.set(key, number)
                return true
            }
        }
        let last = queued { try await cache.get(key, as: Int.self) }
        try await blocker.release()
        for call in calls { #expect(try await call.value) }
        #expect(try await last.value == 499)
    }

    @Test func whoWaitsForRoomCanBeCancelledAndTimesOut() async throws {
        let cache = try make(.waiting, timeout: .milliseconds(500))
        let keys = uniqueKeys(40)
        let isBusy = Locked(false)
        let gate = Gate()
        let body = queued {
            try await cache.run { _ in
                isBusy.withLock { $0 = true }
                gate.wait()
            }
        }
        #expect(await eventually { isBusy.withLock { $0 } })
        let calls = keys.map { key in queued { try await cache.set(key, 1) } }
        calls[20].cancel()
        #expect(try await failure { try await calls[20].value }?.code == .cancelled)
        for (index, call) in calls.enumerated() where index != 20 {
            #expect(try await failure { try await call.value }?.code == .commandTimeout)
        }
        #expect(try await failure { try await body.value }?.code == .commandTimeout)
        gate.open()
        #expect(try await eventually { try await failure { try await cache.set(keys[0], 2) } == nil })
        for key in keys[1...] { #expect(try await cache.get(key, as: Int.self) == nil) }
    }
}
