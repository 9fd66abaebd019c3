import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// A cache whose reads have read, but wait until they are told to go on.
private final class SlowReads: MemcachedCommands, Sendable {
    let mock = MockClient()
    private let gate = Locked(Gate())
    let reads = Locked(0)

    func execute(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
        let result = Result { () throws(MemcachedError) in try mock.execute(request) }
        if request.kind == .reading {
            let gate = gate.withLock { $0 }
            reads.withLock { $0 += 1 }
            gate.wait()
        }
        return try result.get()
    }

    /// Lets all reads go on, those to come as well.
    func open() { gate.withLock { $0 }.open() }

    /// Lets those go on that wait now.
    func openOnce() {
        let old = gate.withLock { gate in
            defer { gate = Gate() }
            return gate
        }
        old.open()
    }
}

/// The same for tasks.
private struct AsyncSlowReads: AsyncMemcachedCommands {
    let base: SlowReads

    func execute(_ request: MemcachedRequest) async throws(MemcachedError) -> MemcachedResponse {
        let result = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(returning: Result { () throws(MemcachedError) in try base.execute(request) })
            }
        }
        if Task.isCancelled {
            throw MemcachedError(code: .cancelled, operation: request.operation.rawValue, detail: "cancelled")
        }
        return try result.get()
    }
}

@Suite("NearCache: callers at the same time", .timeLimit(.minutes(2)))
struct NearCacheFlightTests {
    private let slow = SlowReads()
    private let memory = NearMemory(timeToLive: .seconds(3_600))

    private func cache(_ kind: NearKind) -> any MemcachedCommands {
        switch kind {
        case .sync: NearCache(slow, memory: memory)
        case .async: Blocking(AsyncNearCache(AsyncSlowReads(base: slow), memory: memory))
        }
    }

    /// Runs reads on threads of their own.
    private func start<R: Sendable>(_ count: Int, _ read: @escaping @Sendable () -> R) -> Locked<[R]> {
        let results = Locked<[R]>([])
        for _ in 0..<count {
            Thread.detachNewThread {
                let result = read()
                results.withLock { $0.append(result) }
            }
        }
        return results
    }

    private func get(_ kind: NearKind, _ keys: [String], count: Int = 1) -> Locked<[[Int?]]> {
        start(count) { () -> [Int?] in
            let cache = cache(kind)
            if keys.count == 1 { return [try? cache.get(keys[0])] }
            return (try? cache.getMultiArray(keys)) ?? []
        }
    }

    private func expect(reads: Int, misses: Int) {
        #expect(eventually { slow.reads.withLock { $0 } == reads && memory.statistics.misses >= misses })
    }

    @Test(arguments: NearKind.allCases, NearKind.allCases)
    func oneRequestIsSharedByAll(first: NearKind, others: NearKind) throws {
        try slow.mock.set("key", 1)
        let leader = get(first, ["key"])
        expect(reads: 1, misses: 1)
        let followers = get(others, ["key"], count: 20)
        expect(reads: 1, misses: 21)
        slow.open()
        #expect(eventually { followers.withLock { $0.count } == 20 && leader.withLock { $0.count } == 1 })
        #expect(leader.withLock { $0 } == [[1]])
        #expect(followers.withLock { $0.allSatisfy { $0 == [1] } })
        #expect(slow.reads.withLock { $0 } == 1)
    }

    @Test(arguments: NearKind.allCases)
    func readsOfManyKeysShareRequests(kind: NearKind) throws {
        _ = try slow.mock.setMulti(["a": 1, "b": 2, "c": 3])
        let one = get(kind, ["a", "b"])
        expect(reads: 1, misses: 2)
        let other = get(kind, ["c", "b", "none"])
        expect(reads: 2, misses: 5)
        let single = get(kind, ["c"])
        expect(reads: 2, misses: 6)
        slow.open()
        #expect(eventually { single.withLock { $0.count } == 1 && other.withLock { $0.count } == 1 })
        #expect(eventually { one.withLock { $0.count } == 1 })
        #expect(one.withLock { $0 } == [[1, 2]])
        #expect(other.withLock { $0 } == [[3, 2, nil]])
        #expect(single.withLock { $0 } == [[3]])
        #expect(slow.reads.withLock { $0 } == 2)
    }

    /// What was read before a write is neither kept nor given to callers that come after it.
    @Test(arguments: NearKind.allCases)
    func whoComesAfterAWriteGetsWhatItWrote(kind: NearKind) throws {
        try slow.mock.set("key", 1)
        let early = get(kind, ["key"])
        expect(reads: 1, misses: 1)
        try cache(kind).set("key", 2)
        let late = get(kind, ["key"])
        expect(reads: 2, misses: 2)
        slow.open()
        #expect(eventually { early.withLock { $0.count } == 1 && late.withLock { $0.count } == 1 })
        #expect(early.withLock { $0 } == [[1]])
        #expect(late.withLock { $0 } == [[2]])
        #expect(try cache(kind).get("key") == 2)
    }

    /// The same where the read that began first ends last.
    @Test(arguments: NearKind.allCases)
    func anOlderReadDoesNotReplaceANewerOne(kind: NearKind) throws {
        try slow.mock.set("key", 1)
        let early = get(kind, ["key"])
        expect(reads: 1, misses: 1)
        try cache(kind).set("key", 2)
        #expect(early.withLock { $0.isEmpty })
        slow.openOnce()
        #expect(eventually { early.withLock { $0.count } == 1 })
        slow.open()
        for _ in 0..<3 { #expect(try cache(kind).get("key") == 2) }
    }

    @Test(arguments: NearKind.allCases)
    func errorsAreSharedAndNameTheirCallers(kind: NearKind) throws {
        slow.mock.fail(with: .injected(.timeout))
        let errors = start(10) { () -> MemcachedError? in
            do throws(MemcachedError) {
                _ = try cache(kind).get("key", as: Int.self)
                return nil
            } catch {
                return error
            }
        }
        expect(reads: 1, misses: 10)
        slow.open()
        #expect(eventually { errors.withLock { $0.count } == 10 })
        #expect(errors.withLock { $0.allSatisfy { $0?.code == .timeout && $0?.key == "key" } })
    }

    /// What is wrong with one key of a request is nothing to those who wait for another.
    @Test(arguments: NearKind.allCases)
    func errorsOfReadsOfManyKeysAreNotShared(kind: NearKind) throws {
        try slow.mock.set("key", 1)
        slow.mock.fail(with: .injected(.badKey)) { operation, _ in operation == "getMultiArray" }
        let many = get(kind, ["key", "other"])
        expect(reads: 1, misses: 2)
        let one = get(kind, ["key"])
        expect(reads: 1, misses: 3)
        slow.open()
        #expect(eventually { one.withLock { $0.count } == 1 && many.withLock { $0.count } == 1 })
        #expect(one.withLock { $0 } == [[1]])
        #expect(many.withLock { $0 } == [[]])
    }

    @Test func cancelledTasksDoNotWaitNorTakeOthersWithThem() async throws {
        try slow.mock.set("key", 1)
        let cache = AsyncNearCache(AsyncSlowReads(base: slow), memory: memory)
        let leader = Task { try await cache.get("key", as: Int.self) }
        #expect(await eventually { slow.reads.withLock { $0 } == 1 })
        let follower = Task { try await cache.get("key", as: Int.self) }
        let patient = Task { try await cache.get("key", as: Int.self) }
        #expect(await eventually { memory.statistics.misses == 3 })
        follower.cancel()
        let error = await #expect(throws: MemcachedError.self) { try await follower.value }
        #expect(error?.code == .cancelled && error?.key == "key")
        leader.cancel()
        slow.open()
        #expect(try await patient.value == 1)
        await #expect(throws: MemcachedError.self) { try await leader.value }
    }
}
