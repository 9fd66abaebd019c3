import SwiftLibMC
import TestSupport
import Testing

/// That what was computed before an `invalidate()` is not seen after it.
@Suite("What is computed while a namespace is dropped", .timeLimit(.minutes(2)))
struct NamespaceCallTests {
    /// Caches with a namespace somewhere in them.
    enum Wrapping: CaseIterable, Sendable {
        case bare, retrying, observed, prefixed, fallback, twice, innerOfTwo, own, renewing, remaking, mock, pool

        func wrap(_ client: Client, _ name: String) throws -> (any MemcachedCommands, VersionedNamespace) {
            let namespace = client.namespace(name)
            switch self {
            case .bare: return (namespace, namespace)
            case .retrying: return (RetryingClient(namespace), namespace)
            case .observed: return (ObservedCommands(namespace, observer: Nobody()), namespace)
            case .prefixed: return (PrefixedCommands(namespace, prefix: "p/"), namespace)
            case .fallback: return (FallbackClient([namespace, MockClient().namespace(name)]), namespace)
            case .twice:
                let outer = namespace.namespace(name)
                return (outer, outer)
            case .innerOfTwo: return (namespace.namespace(name), namespace)
            case .own: return (Own(way: .passing, base: namespace), namespace)
            case .renewing: return (Own(way: .renewing, base: namespace), namespace)
            case .remaking: return (Own(way: .remaking(name), base: client), namespace)
            case .mock:
                let namespace = MockClient().namespace(name)
                return (namespace, namespace)
            case .pool:
                let namespace = try ClientPool(cloning: client, size: 2).namespace(name)
                return (namespace, namespace)
            }
        }

        /// The same for tasks, and the namespace as other code has it.
        func wrap(
            _ client: AsyncClient,
            _ name: String
        ) throws -> (any AsyncMemcachedCommands, AsyncVersionedNamespace, VersionedNamespace) {
            let (namespace, twin) = (client.namespace(name), try Client.shared().namespace(name))
            switch self {
            case .bare, .pool: return (namespace, namespace, twin)
            case .retrying: return (AsyncRetryingClient(namespace), namespace, twin)
            case .observed: return (AsyncObservedCommands(namespace, observer: Nobody()), namespace, twin)
            case .prefixed: return (AsyncPrefixedCommands(namespace, prefix: "p/"), namespace, twin)
            case .fallback:
                let other = MockClient().asynchronous.namespace(name)
                return (AsyncFallbackClient([namespace, other]), namespace, twin)
            case .twice:
                let outer = namespace.namespace(name)
                return (outer, outer, twin.namespace(name))
            case .innerOfTwo: return (namespace.namespace(name), namespace, twin)
            case .own: return (AsyncOwn(way: .passing, base: namespace), namespace, twin)
            case .renewing: return (AsyncOwn(way: .renewing, base: namespace), namespace, twin)
            case .remaking: return (AsyncOwn(way: .remaking(name), base: client), namespace, twin)
            case .mock:
                let mock = MockClient()
                let namespace = mock.asynchronous.namespace(name)
                return (namespace, namespace, mock.namespace(name))
            }
        }
    }

    private struct Nobody: CommandObserver {
        func ended(_ event: CommandEvent, _ token: (any Sendable)?) {}
    }

    /// What wrappers of one's own do with requests.
    private enum Way: Sendable {
        case passing
        /// Makes another request of the keys.
        case renewing
        /// Makes the namespace for each request.
        case remaking(String)

        func request(_ request: MemcachedRequest) -> MemcachedRequest {
            guard case .renewing = self else { return request }
            return MemcachedRequest(request.operation, keys: request.keys, request.action)
        }
    }

    private struct Own: MemcachedCommands {
        let way: Way
        let base: any MemcachedCommands

        func execute(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
            if case .remaking(let name) = way { return try base.namespace(name).execute(request) }
            return try base.execute(way.request(request))
        }
    }

    private struct AsyncOwn: AsyncMemcachedCommands {
        let way: Way
        let base: any AsyncMemcachedCommands

        func execute(_ request: MemcachedRequest) async throws(MemcachedError) -> MemcachedResponse {
            if case .remaking(let name) = way { return try await base.namespace(name).execute(request) }
            return try await base.execute(way.request(request))
        }
    }

    @Test(arguments: Wrapping.allCases)
    func isNotSeenAfterwards(wrapping: Wrapping) throws {
        let (cache, namespace) = try wrapping.wrap(try Client.shared(), uniqueKey())
        func old() throws -> String {
            try namespace.invalidate()
            return "old"
        }
        #expect(try cache.getOrSet("key") { try old() } == "old")
        #expect(try cache.get("key", as: String.self) == nil)
        #expect(try cache.getOrSet("key", time: 60, stale: .seconds(60)) { try old() } == "old")
        #expect(try cache.getOrSet("key", time: 60, stale: .seconds(60)) { "new" } == "new")
        #expect(try cache.cached("key") { try old() } == "new")
        #expect(try cache.cached("other") { try old() } == "old")
        #expect(try cache.get("other", as: String.self) == nil)
        let cached = cache.caching(key: { $0 }) { (key: String) in try old() }
        #expect(try cached("other") == "old")
        #expect(try cache.get("other", as: String.self) == nil)
        // Neither of an absent item nor of one that is there.
        #expect(try cache.update("key", as: String.self) { _ in try old() } == "old")
        #expect(try cache.get("key", as: String.self) == nil)
        try cache.set("key", "present")
        #expect(try cache.update("key", as: String.self) { _ in try old() } == "old")
        #expect(try cache.get("key", as: String.self) == nil)
        // What is computed by itself is kept.
        #expect(try cache.getOrSet("key") { "new" } == "new")
        #expect(try cache.cached("key") { "newer" } == "new")
    }

    @Test(arguments: Wrapping.allCases)
    func isNotSeenAfterwardsByTasks(wrapping: Wrapping) async throws {
        let client = try AsyncClient(cloning: Client.shared(), commandTimeout: .seconds(60))
        let (cache, namespace, twin) = try wrapping.wrap(client, uniqueKey())
        func old() async throws -> String {
            try await namespace.invalidate()
            return "old"
        }
        /// For a closure that can't wait.
        func oldAtOnce() throws -> String {
            try twin.invalidate()
            return "old"
        }
        #expect(try await cache.getOrSet("key") { try await old() } == "old")
        #expect(try await cache.get("key", as: String.self) == nil)
        #expect(try await cache.getOrSet("key", time: 60, stale: .seconds(60)) { try await old() } == "old")
        #expect(try await cache.getOrSet("key", time: 60, stale: .seconds(60)) { "new" } == "new")
        #expect(try await cache.cached("key") { try await old() } == "new")
        #expect(try await cache.cached("other") { try await old() } == "old")
        #expect(try await cache.get("other", as: String.self) == nil)
        let cached = cache.caching(key: { $0 }) { (key: String) in try await old() }
        #expect(try await cached("other") == "old")
        #expect(try await cache.get("other", as: String.self) == nil)
        #expect(try await cache.update("key", as: String.self) { _ in try oldAtOnce() } == "old")
        #expect(try await cache.get("key", as: String.self) == nil)
        try await cache.set("key", "present")
        #expect(try await cache.update("key", as: String.self) { _ in try oldAtOnce() } == "old")
        #expect(try await cache.get("key", as: String.self) == nil)
        #expect(try await cache.getOrSet("key") { "new" } == "new")
        #expect(try await cache.cached("key") { "newer" } == "new")
    }

    /// A namespace whose generation can't be read at first.
    private struct Unreadable: ForwardingCommands {
        let base: any MemcachedCommands
        let isReadable: Locked<Bool>

        func execute(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
            if !isReadable.withLock({ $0 }) { throw .injected(.connectionFailure) }
            return try base.execute(request)
        }
    }

    private struct AsyncUnreadable: AsyncForwardingCommands {
        let base: any AsyncMemcachedCommands
        let isReadable: Locked<Bool>

        func execute(_ request: MemcachedRequest) async throws(MemcachedError) -> MemcachedResponse {
            if !isReadable.withLock({ $0 }) { throw .injected(.connectionFailure) }
            return try await base.execute(request)
        }
    }

    /// Nobody knows then what the value belongs to.
    @Test(arguments: [false, true])
    func isNotStoredIfTheGenerationWasNotKnown(withFallback: Bool) async throws {
        let client = try Client.shared()
        client.errorPolicy = .missing
        let isReadable = Locked(false)
        let namespace = Unreadable(base: client, isReadable: isReadable).namespace(uniqueKey())
        let cache: any MemcachedCommands =
            withFallback ? FallbackClient([namespace, MockClient().namespace("name")]) : namespace
        let asyncNamespace = AsyncUnreadable(
            base: try AsyncClient(cloning: client, commandTimeout: .seconds(60)),
            isReadable: isReadable
        ).namespace(uniqueKey())
        let asyncCache: any AsyncMemcachedCommands =
            withFallback
            ? AsyncFallbackClient([asyncNamespace, MockClient().asynchronous.namespace("name")]) : asyncNamespace
        /// What comes back while the value is computed.
        @Sendable func old() -> String {
            isReadable.withLock { $0 = true }
            return "old"
        }
        for index in 0..<3 {
            isReadable.withLock { $0 = false }
            switch index {
            case 0: #expect(try cache.getOrSet("key") { old() } == "old")
            case 1: #expect(try cache.cached("key") { old() } == "old")
            default: _ = try? cache.update("key", as: String.self) { _ in old() }
            }
            isReadable.withLock { $0 = true }
            #expect(try cache.get("key", as: String.self) == nil)
        }
        for index in 0..<3 {
            isReadable.withLock { $0 = false }
            switch index {
            case 0: #expect(try await asyncCache.getOrSet("key") { old() } == "old")
            case 1: #expect(try await asyncCache.cached("key") { old() } == "old")
            default: _ = try? await asyncCache.update("key", as: String.self) { _ in old() }
            }
            isReadable.withLock { $0 = true }
            #expect(try await asyncCache.get("key", as: String.self) == nil)
        }
    }

    /// The value is older than the `invalidate()`, although nobody could read the generation.
    @Test func isNotSharedWithLaterCallersEither() throws {
        let client = try Client.shared()
        client.errorPolicy = .missing
        let (isReadable, name) = (Locked(false), uniqueKey())
        let pool = try ClientPool(cloning: client, size: 4)
        let (isComputing, gate) = (Gate(), Gate())
        let early = TestThread {
            try Unreadable(base: pool, isReadable: isReadable).namespace(name).getOrSet("key", lock: .seconds(60)) {
                isComputing.open()
                gate.wait()
                return "old"
            }
        }
        isComputing.wait()
        try pool.namespace(name).invalidate()
        let late = try Unreadable(base: pool, isReadable: isReadable).namespace(name).getOrSet("key") { "new" }
        #expect(late == "new")
        gate.open()
        #expect(try early.join() == "old")
    }

    /// One call reads the generation once, however many requests it takes.
    @Test func theGenerationIsReadOnce() async throws {
        let reads = Locked(0)
        struct Counting: ForwardingCommands {
            let base: any MemcachedCommands
            let reads: Locked<Int>

            func execute(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
                if case .fetch = request.action, request.keys.list[0].text.hasSuffix(":generation") {
                    reads.withLock { $0 += 1 }
                }
                return try base.execute(request)
            }
        }
        let cache = Counting(base: try Client.shared(), reads: reads).namespace(uniqueKey())
        _ = try cache.getOrSet("key", stale: .seconds(5)) { 1 }
        #expect(reads.withLock { $0 } == 1)
        _ = try cache.update("key", as: Int.self) { ($0 ?? 0) + 1 }
        #expect(reads.withLock { $0 } == 2)
    }

    /// Threads and tasks compute while another one drops the namespace all the time.
    @Test func noValueIsOlderThanTheCallBefore() async throws {
        let (name, client) = (uniqueKey(), try Client.shared())
        let (present, dropped, isOver) = (Locked(0), Locked(0), Locked(false))
        let tooOld = Locked<[String]>([])
        let pool = try ClientPool(cloning: client, size: 4)
        let asynchronous = try AsyncClient(cloning: client, commandTimeout: .seconds(60))
        let isDue: @Sendable () -> Bool = { isOver.withLock { $0 } }
        let compute: @Sendable () -> Int = { present.withLock { $0 } }
        let threads = (0..<3).map { _ in
            TestThread {
                var turn = 0
                while !isDue() {
                    turn += 1
                    let (least, namespace) = (dropped.withLock { $0 }, pool.namespace(name))
                    let value =
                        switch turn % 4 {
                        case 0: try namespace.getOrSet("key", time: 60) { compute() }
                        case 1: try namespace.cached("key", time: 60) { compute() }
                        case 2: try namespace.getOrSet("key", time: 60, stale: .seconds(60)) { compute() }
                        default: try namespace.update("key", time: 60, retries: 1000) { $0 ?? compute() } ?? 0
                        }
                    if value < least { tooOld.withLock { $0.append("\(turn % 4): \(value) < \(least)") } }
                }
            }
        }
        let tasks = (0..<3).map { _ in
            Task {
                var turn = 0
                while !isDue() {
                    turn += 1
                    let (least, namespace) = (dropped.withLock { $0 }, asynchronous.namespace(name))
                    let value =
                        switch turn % 4 {
                        case 0: try await namespace.getOrSet("key", time: 60) { compute() }
                        case 1: try await namespace.cached("key", time: 60) { compute() }
                        case 2: try await namespace.getOrSet("key", time: 60, stale: .seconds(60)) { compute() }
                        default: try await namespace.update("key", time: 60, retries: 1000) { $0 ?? compute() } ?? 0
                        }
                    if value < least { tooOld.withLock { $0.append("task \(turn % 4): \(value) < \(least)") } }
                }
            }
        }
        for number in 1...500 {
            present.withLock { $0 = number }
            try await asynchronous.namespace(name).invalidate()
            dropped.withLock { $0 = number }
        }
        isOver.withLock { $0 = true }
        for task in tasks { try await task.value }
        for thread in threads { try thread.join() }
        #expect(tooOld.withLock { $0 } == [])
    }
}
