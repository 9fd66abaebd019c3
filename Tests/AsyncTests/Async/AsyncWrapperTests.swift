import SwiftLibMC
import TestSupport
import Testing

/// Prefixes, namespaces, retries and fallbacks around an asynchronous client.
@Suite("AsyncClient: wrappers", .enabled(if: MemcachedServer.isInstalled), .timeLimit(.minutes(2)))
struct AsyncWrapperTests {
    /// A cache of one's own: all that it has to have is `execute`.
    private struct Answering: AsyncMemcachedCommands {
        let answer: @Sendable (MemcachedRequest) throws(MemcachedError) -> MemcachedResponse

        func execute(_ request: MemcachedRequest) async throws(MemcachedError) -> MemcachedResponse {
            try answer(request)
        }
    }

    private static func timeout(isOutcomeUnknown: Bool = false) -> MemcachedError {
        var error = MemcachedError(code: .timeout, operation: "", detail: "injected")
        error.isOutcomeUnknown = isOutcomeUnknown
        return error
    }

    private func client(_ count: Int = 1) throws -> (AsyncClient, MemcachedCluster) {
        let cluster = try MemcachedCluster(count: count)
        let client = try Client(cluster.addresses, behaviors: .patient)
        return (try AsyncClient(cloning: client, commandTimeout: .seconds(60)), cluster)
    }

    // MARK: - Batches

    /// A server that does not answer tells: who goes out together shares one time-out, and one after the other the third
    /// one would be the last that is asked.
    @Test(arguments: AsyncOrderTests.Request.allCases)
    func whatWaitsTogetherGoesOutTogetherThroughWrappers(_ request: AsyncOrderTests.Request) async throws {
        let server = try MemcachedServer.start()
        let client = try AsyncClient(
            cloning: try Client([server.address], behaviors: .impatient),
            connections: 1,
            commandTimeout: .seconds(60)
        )
        try await client.set("warm", 1)
        let cache = AsyncPrefixedCommands(AsyncRetryingClient(client, attempts: 1), prefix: "prefix/")
        let blocker = try await Blocker(client)
        try server.suspend()
        let calls = (0..<100).map { number in queued { try await request.call(cache, "key-\(number)") } }
        try await blocker.release()
        for call in calls { #expect(try await failure { try await call.value }?.code == .timeout) }
        server.resume()
    }

    // MARK: - Prefixes and namespaces

    @Test func prefixesAreOnTheWireOnly() async throws {
        let (client, cluster) = try client(3)
        let cache = AsyncPrefixedCommands(AsyncPrefixedCommands(client, prefix: "a/"), prefix: "b/")
        for number in 0..<20 {
            try await cache.set("\(number)", number)
            #expect(try await client.get("a/b/\(number)") == number)
            let item = try #require(try await cache.item("\(number)"))
            #expect(item.key == Array("\(number)".utf8))
            // On the same server as the plain key with the prefix.
            #expect(try await cache.set(item, to: number + 1))
            #expect(try await client.get("a/b/\(number)") == number + 1)
        }
        #expect(try await cache.getMulti(["1", "x"], keyPrefix: "", as: Int.self) == ["1": 2])
        #expect(try await failure { try await cache.flushAll() }?.code == .notSupported)
        let error = try await failure { try await cache.set(String(repeating: "k", count: 247), 1) }
        #expect(error?.code == .badKey)
        _ = cluster
    }

    @Test func aNamespaceCanBeEmptied() async throws {
        let (client, cluster) = try client(2)
        let (name, other) = (client.namespace("one"), client.namespace("other"))
        try await name.set("key", 1)
        #expect(try await name.setMulti(["a": 1, "b": 2]) == [])
        try await other.set("key", 2)
        let pinned = try await name.pinned()
        try await name.invalidate()
        #expect(try await name.get("key", as: Int.self) == nil)
        #expect(try await name.getMulti(["a", "b"], as: Int.self).isEmpty)
        #expect(try await pinned.get("key") == 1)
        #expect(try await other.get("key") == 2)
        try await name.set("key", 3)
        try await name.flushAll()
        #expect(try await !name.contains("key"))
        #expect(try await failure { try await name.flushAll(time: 60) }?.code == .notSupported)
        // The synchronous one is the same.
        try await name.set("key", 4)
        #expect(try Client(cluster.addresses, behaviors: .patient).namespace("one").get("key") == 4)
    }

    // MARK: - Retries

    @Test func whatFailsIsTriedAgain() async throws {
        let attempts = Locked(0)
        let cache = AsyncRetryingClient(
            Answering { _ throws(MemcachedError) in
                let number = attempts.withLock { attempts in
                    attempts += 1
                    return attempts
                }
                if number < 3 { throw Self.timeout() }
                return MemcachedResponse(.one(.done))
            },
            attempts: 3,
            delay: .milliseconds(1)
        )
        #expect(try await cache.set("key", 1))
        #expect(attempts.withLock { $0 } == 3)
    }

    @Test func whatMayHaveBeenDoneIsNotDoneTwice() async throws {
        let attempts = Locked(0)
        let cache = AsyncRetryingClient(
            Answering { _ throws(MemcachedError) in
                attempts.withLock { $0 += 1 }
                throw Self.timeout(isOutcomeUnknown: true)
            },
            attempts: 3
        )
        #expect(try await failure { try await cache.incr("key") }?.code == .timeout)
        #expect(attempts.withLock { $0 } == 1)
        #expect(try await failure { try await cache.set("key", 1) }?.code == .timeout)
        #expect(attempts.withLock { $0 } == 4)
    }

    @Test func ofManyKeysOnlyThoseOfFailedServersAreSentAgain() async throws {
        let asked = Locked<[[String]]>([])
        let cache = AsyncRetryingClient(
            Answering { request throws(MemcachedError) in
                let keys = request.keys.list.map(\.text)
                let isFirst = asked.withLock { asked in
                    asked.append(keys)
                    return asked.count == 1
                }
                let value = MemcachedResponse.Value(bytes: [1], flags: .bytes)
                let results = keys.map { key -> MemcachedResponse.Result in
                    isFirst && key != "a" ? .unreachable : key == "c" ? .missing : .found(value)
                }
                return MemcachedResponse(.many(results), failures: isFirst ? [.init(error: Self.timeout())] : [])
            }
        )
        let found = try await cache.getMultiArray(["a", "b", "c", "d"], as: [UInt8].self)
        #expect(found == [[1], [1], nil, [1]])
        #expect(asked.withLock { $0 } == [["a", "b", "c", "d"], ["b", "c", "d"]])
    }

    @Test func aCancelledCallerDoesNotTryAgain() async throws {
        let attempts = Locked(0)
        let cache = AsyncRetryingClient(
            Answering { _ throws(MemcachedError) in
                attempts.withLock { $0 += 1 }
                throw Self.timeout()
            },
            attempts: 3,
            delay: .seconds(100)
        )
        let call = queued { try await cache.get("key", as: Int.self) }
        #expect(await eventually { attempts.withLock { $0 } == 1 })
        call.cancel()
        let error = try await failure { try await call.value }
        #expect(error?.code == .cancelled && error?.key == "key" && error?.operation == "get")
        #expect(attempts.withLock { $0 } == 1)
    }

    // MARK: - Fallbacks

    @Test func whatTheFirstDoesNotHaveIsReadFromTheNext() async throws {
        let (new, first) = try client()
        let (old, second) = try client()
        let cache = AsyncFallbackClient([new, old])
        try await old.set("old", 1)
        try await old.set("both", 1)
        try await new.set("both", 2)
        #expect(try await cache.get("old") == 1)
        #expect(try await cache.getMultiArray(["old", "both", "none"], as: Int.self) == [1, 2, nil])
        #expect(try await cache.contains("old"))
        try await cache.set("written", 3)
        #expect(try await new.get("written") == 3)
        #expect(try await old.get("written", as: Int.self) == nil)
        // What is not in the first cache has no version there.
        let seen = try #require(try await cache.gets("old", as: Int.self))
        #expect(seen.cas == CAS(rawValue: 0))
        #expect(try await cache.cas("old", 5, cas: seen.cas))
        #expect(try await new.get("old") == 5)
        #expect(try await !cache.cas("old", 6, cas: seen.cas))
        #expect(try await cache.update("both", default: 0) { $0 + 1 } == 3)
        _ = (first, second)
    }

    @Test func formatsMayDiffer() async throws {
        let (new, first) = try client()
        let server = try MemcachedServer.start()
        let client = try Client([server.address], behaviors: .patient)
        client.format = .dalli
        client.compression = Compression(minLength: 10)
        let old = try AsyncClient(cloning: client, commandTimeout: .seconds(60))
        let text = String(repeating: "text ", count: 100)
        try await old.set("key", text)
        let cache = AsyncFallbackClient([new, AsyncFallbackClient([new, old])])
        #expect(try await cache.get("key") == text)
        #expect(try await cache.withBytes("key") { $0.byteCount } == text.utf8.count)
        #expect(try await cache.getMulti(["key"]) == ["key": text])
        _ = first
    }

    @Test func aCacheThatFailsIsPassedOver() async throws {
        let (old, server) = try client()
        try await old.set("key", 1)
        let errors = Locked<[MemcachedError]>([])
        let broken = Answering { _ throws(MemcachedError) in throw Self.timeout() }
        let cache = AsyncFallbackClient([broken, old]) { error in errors.withLock { $0.append(error) } }
        #expect(try await cache.get("key") == 1)
        #expect(try await cache.getMulti(["key"]) == ["key": 1])
        #expect(errors.withLock { $0.map(\.code) } == [.timeout, .timeout])
        let both = AsyncFallbackClient([broken, broken])
        #expect(try await failure { try await both.get("key", as: Int.self) }?.code == .timeout)
        #expect(try await failure { try await both.getMulti(["key"], as: Int.self) }?.code == .timeout)
        _ = server
    }

    // MARK: - Policies

    @Test func policiesMeanTheSameThroughWrappers() async throws {
        let client = try sharedClient()
        client.outcomes = .throwing
        let cache = AsyncPrefixedCommands(AsyncRetryingClient(try AsyncClient(cloning: client)), prefix: uniqueKey())
        #expect(try await failure { try await cache.get("key", as: Int.self) }?.code == .noValue)
        #expect(try await failure { try await cache.replace("key", 1) }?.code == .notStored)
        #expect(try await cache.getOrSet("key") { 1 } == 1)
        #expect(try await cache.update("key", default: 0) { $0 + 1 } == 2)
        #expect(try await failure { try await cache.delete("other") }?.code == .notFound)
    }

    @Test func aDeadServerIsAMissThroughWrappers() async throws {
        let server = try MemcachedServer.start()
        server.kill()
        let errors = Locked(0)
        let client = try Client([server.address], behaviors: .impatient)
        client.errorPolicy = .missing
        client.onError = { _ in errors.withLock { $0 += 1 } }
        let cache = AsyncRetryingClient(try AsyncClient(cloning: client).namespace("name"))
        #expect(try await cache.get("key", as: Int.self) == nil)
        #expect(errors.withLock { $0 } == 1)
        #expect(try await cache.getMulti(["key"], as: Int.self).isEmpty)
        #expect(try await !cache.set("key", 1))
        let start = ContinuousClock.now
        #expect(try await cache.getOrSet("key", lock: .seconds(60)) { 5 } == 5)
        #expect(ContinuousClock.now - start < .seconds(30))
    }

    @Test func onErrorIsCalledByTheCallersTask() async throws {
        enum Caller { @TaskLocal static var name = "" }
        let server = try MemcachedServer.start()
        server.kill()
        let callers = Locked<[String]>([])
        let client = try Client([server.address], behaviors: .impatient)
        client.errorPolicy = .missing
        client.onError = { _ in callers.withLock { $0.append(Caller.name) } }
        let cache = try AsyncClient(cloning: client)
        let found = try await Caller.$name.withValue("me") {
            (try await cache.get("key", as: Int.self), try await cache.getMulti(["key"], as: Int.self))
        }
        #expect(found.0 == nil && found.1.isEmpty)
        #expect(callers.withLock { $0 } == ["me", "me"])
    }
}
