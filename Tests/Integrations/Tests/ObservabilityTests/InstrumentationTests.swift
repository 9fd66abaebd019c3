import InMemoryLogging
import InMemoryTracing
import Logging
import Metrics
import MetricsTestKit
import SwiftLibMC
import SwiftLibMCObservability
import SwiftLibMCTesting
import Testing
import Tracing

@Suite("Instrumentation", .blocking, .timeLimit(.minutes(1)))
struct InstrumentationTests {
    private let metrics = TestMetrics()
    private let tracer = InMemoryTracer()
    private let logs = InMemoryLogHandler()
    /// It ends with the test.
    private let server: MemcachedServer

    init() throws { server = try .start() }

    private func observer(
        _ options: Instrumentation.Options = .init(),
        servers: [Server] = [],
        level: Logger.Level = .trace
    ) -> Instrumentation {
        var logger = Logger(label: "test") { _ in logs }
        logger.logLevel = level
        return Instrumentation(options, servers: servers, metrics: metrics, tracer: tracer, logger: logger)
    }

    private func client(_ options: Instrumentation.Options = .init()) throws -> Client {
        let client = try Client([server.address])
        client.observer = observer(options, servers: client.servers)
        return client
    }

    private func lookups(_ result: String, _ name: String? = nil) throws -> Int64 {
        let dimensions = [("result", result)] + (name.map { [("key.class", $0)] } ?? [])
        return try metrics.expectCounter("memcached.client.lookups", dimensions).totalValue
    }

    private func durations(_ operation: String, error: String = "") throws -> [Int64] {
        let dimensions = [("db.system.name", "memcached"), ("db.operation.name", operation), ("error.type", error)]
        return try metrics.expectTimer("db.client.operation.duration", dimensions).values
    }

    @Test func commandsAreTimedAndLookupsCounted() throws {
        let client = try client()
        try client.set("a", "value")
        _ = try client.get("a", as: String.self)
        _ = try client.get("b", as: String.self)
        _ = try client.getMulti(["a", "b", "c"], as: String.self)
        _ = try client.setMulti(["d": 1, "e": 2])
        _ = try client.setMulti(["d": 1])
        #expect(try durations("get").count == 2)
        #expect(try durations("get").allSatisfy { $0 > 0 })
        #expect(try durations("set").count == 2)
        #expect(try durations("BATCH set").count == 1)
        #expect(try durations("getMulti").count == 1)
        #expect(try lookups("hit") == 2)
        #expect(try lookups("miss") == 3)
        #expect(try metrics.expectMeter("memcached.client.pending_requests").lastValue == 0)
    }

    @Test func lookupsAreCountedByClass() throws {
        var options = Instrumentation.Options()
        options.classify = { key in key.split(separator: ":").count == 2 ? String(key.prefix { $0 != ":" }) : nil }
        let client = try client(options)
        try client.set("user:1", "value")
        _ = try client.getMulti(["user:1", "user:2", "page:1", "other"], as: String.self)
        #expect(try lookups("hit", "user") == 1)
        #expect(try lookups("miss", "user") == 1)
        #expect(try lookups("miss", "page") == 1)
        #expect(try lookups("miss", "none") == 1)
        for number in 0..<200 { _ = try client.get("class\(number):1", as: String.self) }
        #expect(metrics.counters(label: "memcached.client.lookups").count <= 2 + 2 * 101)
        #expect(try lookups("miss", "other") == 102)
    }

    @Test(arguments: [Duration.zero, .seconds(60)], [true, false])
    func aCallThatComputesIsOneLookup(stale: Duration, isClassified: Bool) async throws {
        var options = Instrumentation.Options()
        if isClassified { options.classify = { _ in "page" } }
        let client = try client(options)
        let cache = try AsyncClient(cloning: Client([server.address]), observer: client.observer)
        for round in 0..<3 {
            #expect(try client.getOrSet("sync", stale: stale) { round } == 0)
            #expect(try await cache.getOrSet("async", stale: stale) { round } == 0)
        }
        let name = isClassified ? "page" : nil
        #expect(try lookups("hit", name) == 4)
        #expect(try lookups("miss", name) == 2)
        await cache.shutdown()
    }

    @Test func whatNamespacesAndUpdatesReadForThemselvesIsNoLookup() throws {
        let client = try client()
        let pages = client.namespace("pages")
        try pages.set("home", 1)
        _ = try pages.get("home", as: Int.self)
        _ = try pages.get("none", as: Int.self)
        #expect(try lookups("hit") == 1)
        #expect(try lookups("miss") == 1)
        var isFirst = true
        try client.set("count", 1)
        try client.update("count", as: Int.self) { value in
            if isFirst { _ = try? client.set("count", 5) }
            isFirst = false
            return (value ?? 0) + 1
        }
        #expect(try client.get("count", as: Int.self) == 6)
        #expect(try lookups("hit") == 3)
    }

    @Test func serversThatFailAreNotAvailable() throws {
        let client = try client()
        try client.setBehaviors(Behaviors(["retry_timeout": "1"]))
        let port = String(try #require(server.port))
        let place = [("server.address", "127.0.0.1"), ("server.port", port)]
        let available = try metrics.expectMeter("memcached.client.server.available", place)
        #expect(available.lastValue == 1)
        server.kill()
        #expect(throws: MemcachedError.self) { try client.get("a", as: String.self) }
        #expect(available.lastValue == 0)
        let errors = metrics.counters(label: "memcached.client.errors")
        #expect(errors.count == 1 && errors[0].totalValue == 1)
        try server.restart()
        try #require(eventually { (try? client.set("a", 1)) == true })
        #expect(available.lastValue == 1)
    }

    @Test func spansFollowTheConventions() throws {
        let client = try client()
        try client.set("secret-key", "secret-value")
        _ = try client.get("secret-key", as: String.self)
        _ = try client.get("none", as: String.self)
        _ = try client.setMulti(["d": 1, "e": 2])
        let spans = tracer.finishedSpans
        #expect(spans.map(\.operationName) == ["set", "get", "get", "BATCH set"])
        #expect(spans.allSatisfy { $0.status == nil && $0.errors.isEmpty })
        let get = spans[1].attributes
        #expect(get.get("db.system.name") == "memcached" && get.get("db.operation.name") == "get")
        #expect(get.get("server.address") == "127.0.0.1" && get.get("server.port") != nil)
        #expect(get.get("db.query.text") == nil && get.get("memcached.hits") == .int64(1))
        #expect(spans[3].attributes.get("db.operation.batch.size") == .int64(2))
        #expect(!"\(spans) \(logs.entries)".contains("secret"))
        #expect(tracer.activeSpans.isEmpty)
    }

    @Test func keysAreToldWhenAskedFor() throws {
        var options = Instrumentation.Options()
        options.keys = .full
        let client = try client(options)
        try client.set("user:1", "value")
        #expect(tracer.finishedSpans[0].attributes.get("db.query.text") == "set user:1")
        options.keys = .classified
        options.classify = { _ in "user" }
        client.observer = observer(options)
        try client.set("user:1", "value")
        #expect(tracer.finishedSpans[1].attributes.get("db.query.text") == "set user")
        #expect(logs.entries.compactMap { $0.metadata["memcached.key"] } == ["user:1", "user"])
    }

    @Test func failuresAreTold() throws {
        let server = try MemcachedServer.start()
        server.kill()
        let client = try Client([server.address])
        client.observer = observer()
        #expect(throws: MemcachedError.self) { try client.get("secret-key", as: String.self) }
        let span = try #require(tracer.finishedSpans.first)
        let type = try #require(span.attributes.get("error.type"))
        #expect(span.status?.code == .error && span.errors.count == 1)
        let entry = try #require(logs.entries.first)
        let logged = try #require(entry.metadata["memcached.error"])
        #expect(entry.level == .debug)
        #expect("\(type)".contains("\(logged)"))
        #expect(!"\(tracer.finishedSpans) \(logs.entries)".contains("secret"))
    }

    @Test func valuesThatCantBeReadDontGetIntoLogs() throws {
        let client = try client()
        try client.set("key", "secret-value")
        #expect(throws: MemcachedError.self) { try client.get("key", as: Int.self) }
        #expect(!"\(tracer.finishedSpans) \(logs.entries)".contains("secret"))
    }

    @Test func whatIsNotWantedIsNotMade() throws {
        var options = Instrumentation.Options()
        options.metrics = false
        options.spans = false
        options.logs = false
        try client(options).set("a", 1)
        #expect(metrics.timers.isEmpty && tracer.finishedSpans.isEmpty && logs.entries.isEmpty)
    }

    @Test func asynchronousCommandsHaveTheirSpanInTheTasks() async throws {
        let cache = try AsyncClient(cloning: Client([server.address]), observer: observer())
        try await tracer.withSpan("request") { _ in
            try await cache.set("a", 1)
            _ = try await cache.get("a", as: Int.self)
        }
        await cache.shutdown()
        let spans = tracer.finishedSpans
        #expect(spans.map(\.operationName) == ["set", "get", "request"])
        #expect(spans[0].parentSpanID == spans[2].spanID && spans[1].parentSpanID == spans[2].spanID)
        #expect(try durations("get").count == 1)
        #expect(try lookups("hit") == 1)
    }
}
