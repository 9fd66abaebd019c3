#if Observability
    internal import Metrics
    internal import SwiftLibMC
    internal import Synchronization

    /// Keeps the metrics, since making one takes long.
    final class MetricsRecorder: Sendable {
        private let factory: any MetricsFactory
        private let classify: (@Sendable (String) -> String?)?
        private let pending: Meter
        private let hits: Counter
        private let misses: Counter
        /// The timer of reads that succeed, which are most of all commands.
        private let reads: Timer
        /// The timers of commands that succeed, by the command's number.
        private let timers: [LazyTimer]
        private let rare: Mutex<Rare>
        /// How many servers are not available.
        private let downCount = Atomic(0)

        /// What a command that succeeds does not need.
        private struct Rare {
            var timers: [String: Timer] = [:]
            var errors: [[String]: Counter] = [:]
            var classes: [String: (hits: Counter, misses: Counter)] = [:]
            var servers: [Server: (meter: Meter, isAvailable: Bool)] = [:]
        }

        private final class LazyTimer: Sendable {
            let timer = AtomicLazyReference<Timer>()
        }

        private static let lookups = "memcached.client.lookups"
        private static let maxClasses = 100

        init(_ factory: any MetricsFactory, _ servers: [Server], classify: (@Sendable (String) -> String?)?) {
            self.factory = factory
            self.classify = classify
            pending = Meter(label: "memcached.client.pending_requests", factory: factory)
            let dimensions = classify == nil ? [] : [("key.class", "none")]
            hits = Counter(label: Self.lookups, dimensions: [("result", "hit")] + dimensions, factory: factory)
            misses = Counter(label: Self.lookups, dimensions: [("result", "miss")] + dimensions, factory: factory)
            reads = Self.makeTimer(CommandName(.get, keyCount: 1).dimensions, factory)
            timers = (0..<CommandName.count).map { _ in LazyTimer() }
            rare = Mutex(Rare())
            for server in servers { note(server, isAvailable: true) }
        }

        // MARK: - Commands

        func began() { pending.increment() }

        /// The same for a command that may be counted without its server; false if its server matters just now.
        func beganCounting() -> Bool {
            guard downCount.load(ordering: .relaxed) == 0 else { return false }
            began()
            return true
        }

        /// Counts a command that succeeded.
        func ended(_ numbers: CommandNumbers) {
            pending.decrement()
            let timer = numbers.operation == .get ? reads : timer(of: CommandName(numbers.operation, keyCount: 1))
            timer.recordNanoseconds(numbers.nanoseconds)
            if numbers.isHit { hits.increment() } else { misses.increment() }
        }

        func ended(_ event: CommandEvent) {
            pending.decrement()
            let name = CommandName(event.operation, keyCount: event.keyCount)
            guard event.error == nil, event.failures.isEmpty else { return failed(event, name) }
            timer(of: name).recordNanoseconds(event.duration.nanoseconds)
            countLookups(event)
            if downCount.load(ordering: .relaxed) > 0, let server = event.server { note(server, isAvailable: true) }
        }

        private func timer(of name: CommandName) -> Timer {
            if name.isGet { return reads }
            let lazy = timers[name.number]
            return lazy.timer.load() ?? lazy.timer.storeIfNil(Self.makeTimer(name.dimensions, factory))
        }

        private static func makeTimer(_ dimensions: [(String, String)], _ factory: any MetricsFactory) -> Timer {
            Timer(
                label: "db.client.operation.duration",
                dimensions: [("db.system.name", "memcached")] + dimensions,
                preferredDisplayUnit: .seconds,
                factory: factory
            )
        }

        @inline(never)
        private func failed(_ event: CommandEvent, _ name: CommandName) {
            countLookups(event)
            let error = event.error ?? event.failures[0].error
            let type = error.code.name
            let timer = rare.withLock { rare in
                rare.timers.value("\(name.number) \(type)") {
                    Self.makeTimer([("db.operation.name", name.text), ("error.type", type)], factory)
                }
            }
            timer.recordNanoseconds(event.duration.nanoseconds)
            if let error = event.error { count(error, at: error.server ?? event.server) }
            for failure in event.failures { count(failure.error, at: failure.server) }
        }

        private func count(_ error: MemcachedError, at server: Server?) {
            let dimensions = [("error.type", error.code.name)] + Self.dimensions(of: server)
            let counter = rare.withLock { rare in
                rare.errors.value(dimensions.map(\.1)) {
                    Counter(label: "memcached.client.errors", dimensions: dimensions, factory: factory)
                }
            }
            counter.increment()
            if let server, error.isConnectionFailure || error.code == .timeout { note(server, isAvailable: false) }
        }

        // MARK: - Lookups

        @inline(__always)
        private func countLookups(_ event: CommandEvent) {
            guard case .fetch(let reading) = event.request.action, reading.isLookup else { return }
            if classify != nil || event.operation == .getOrSet { return countEach(event) }
            if event.hits > 0 { hits.increment(by: Int64(event.hits)) }
            if event.misses > 0 { misses.increment(by: Int64(event.misses)) }
        }

        @inline(never)
        private func countEach(_ event: CommandEvent) {
            guard let response = event.response else { return }
            for (key, result) in zip(event.request.keys.list, response.results) {
                // The companion item of a value in `getOrSet` only says whether the value is fresh.
                if case .companion = key { continue }
                switch result {
                case .found: counters(key).hits.increment()
                case .missing: counters(key).misses.increment()
                default: break
                }
            }
        }

        private func counters(_ key: MemcachedRequest.Key) -> (hits: Counter, misses: Counter) {
            counters(classify.flatMap { $0(key.text) })
        }

        private func counters(_ name: String?) -> (hits: Counter, misses: Counter) {
            guard let name else { return (hits, misses) }
            return rare.withLock { rare in
                if let known = rare.classes[name] { return known }
                let name = rare.classes.count < Self.maxClasses ? name : "other"
                func make(_ result: String) -> Counter {
                    Counter(
                        label: Self.lookups,
                        dimensions: [("result", result), ("key.class", name)],
                        factory: factory
                    )
                }
                return rare.classes.value(name) { (hits: make("hit"), misses: make("miss")) }
            }
        }

        // MARK: - Servers

        func happened(_ event: ClientEvent) {
            switch event {
            case .serverGivenUp(let server): note(server, isAvailable: false)
            case .serverTriedAgain(let server): note(server, isAvailable: true)
            case .serversChanged(let servers): replaceServers(servers)
            case .overloaded: break
            }
        }

        private func note(_ server: Server, isAvailable: Bool) {
            rare.withLock { rare in
                if let known = rare.servers[server] {
                    guard known.isAvailable != isAvailable else { return }
                    downCount.add(isAvailable ? -1 : 1, ordering: .relaxed)
                    rare.servers[server]?.isAvailable = isAvailable
                    known.meter.set(isAvailable ? 1 : 0)
                    return
                }
                let meter = Meter(
                    label: "memcached.client.server.available",
                    dimensions: Self.dimensions(of: server),
                    factory: factory
                )
                meter.set(isAvailable ? 1 : 0)
                rare.servers[server] = (meter, isAvailable)
                if !isAvailable { downCount.add(1, ordering: .relaxed) }
            }
        }

        private static func dimensions(of server: Server?) -> [(String, String)] {
            [("server.address", server?.host ?? ""), ("server.port", server?.port.map(String.init) ?? "")]
        }

        private func replaceServers(_ servers: [Server]) {
            rare.withLock { rare in
                for (server, known) in rare.servers where !servers.contains(server) {
                    known.meter.destroy()
                    rare.servers[server] = nil
                    if !known.isAvailable { downCount.subtract(1, ordering: .relaxed) }
                }
            }
            for server in servers where rare.withLock({ $0.servers[server] == nil }) { note(server, isAvailable: true) }
        }
    }

    extension Dictionary {
        /// The existing value, or else a new one, which is kept.
        fileprivate mutating func value(_ key: Key, orMake make: () -> Value) -> Value {
            if let value = self[key] { return value }
            let value = make()
            self[key] = value
            return value
        }
    }

    extension Duration {
        /// In whole nanoseconds.
        fileprivate var nanoseconds: Int64 {
            let (seconds, attoseconds) = components
            return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
        }
    }
#endif
