import App
import Foundation
import Hummingbird
import Metrics
import SwiftLibMC
import SwiftLibMCTesting
import Testing

/// The service without memcached.
@Suite struct MockTests {
    private let mock = MockClient()

    private func requests(health: Health.Status = .healthy, metrics: TextMetrics = TextMetrics()) -> Requests {
        Requests(makeRouter(cache: mock.asynchronous, health: { health }, metrics: metrics))
    }

    @Test func anArticleIsReadOnce() async throws {
        let requests = requests()
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<10 { group.addTask { try await requests.send(.get, "/articles/7").body } }
            for try await body in group { #expect(body.contains(#""reads":1"#)) }
        }
        #expect(try mock.contains("article:7"))
        #expect(try await requests.send(.delete, "/articles/7").status == .noContent)
        #expect(try await requests.send(.get, "/articles/7").body.contains(#""reads":2"#))
        #expect(try await requests.send(.get, "/articles/0").status == .notFound)
    }

    @Test func sessionsCountVisits() async throws {
        let requests = requests()
        #expect(try await requests.send(.get, "/session").status == .unauthorized)
        let json: HTTPFields = [.contentType: "application/json"]
        let begun = try await requests.send(.post, "/session", json, body: #"{"name": "Ada"}"#)
        #expect(begun.status == .created)
        let cookie = try #require(begun.headers[.setCookie]?.split(separator: ";").first)
        let mine: HTTPFields = [.cookie: String(cookie)]
        _ = try await requests.send(.get, "/session", mine)
        let session = try await requests.send(.get, "/session", mine).body
        #expect(session.contains(#""name":"Ada""#) && session.contains(#""visits":2"#))
        #expect(try await requests.send(.delete, "/session", mine).status == .noContent)
        #expect(try await requests.send(.get, "/session", mine).status == .unauthorized)
    }

    @Test func pagesAreKeptByLanguage() async throws {
        let requests = requests()
        let first = try await requests.send(.get, "/pages/Ada", [.acceptLanguage: "de-AT"])
        #expect(first.body == "<h1>Hallo, Ada!</h1>\n")
        #expect(try await requests.send(.get, "/pages/Ada").body == "<h1>Hello, Ada!</h1>\n")
        let tag = try #require(first.headers[.eTag])
        let again = try await requests.send(.get, "/pages/Ada", [.acceptLanguage: "de-AT", .ifNoneMatch: tag])
        #expect(again.status == .notModified && again.body.isEmpty)
    }

    @Test func whoAsksTooOftenHasToWait() async throws {
        let requests = requests()
        // The hundred may begin in one minute and go on in the next.
        var statuses: [HTTPResponse.Status] = []
        for _ in 0..<201 {
            statuses.append(try await requests.send(.get, "/pages/Ada").status)
        }
        #expect(statuses.first == .ok && statuses.contains(.tooManyRequests))
        #expect(try await requests.send(.get, "/pages/Ada", from: "192.0.2.2").status == .ok)
        #expect(try await requests.send(.get, "/health/live").status == .ok)
    }

    @Test func readinessIsThatOfTheCache() async throws {
        #expect(try await requests(health: .healthy).send(.get, "/health/ready").status == .ok)
        #expect(try await requests(health: .degraded).send(.get, "/health/ready").body.contains("degraded"))
        #expect(try await requests(health: .unavailable).send(.get, "/health/ready").status == .serviceUnavailable)
    }

    @Test func metricsAreTold() async throws {
        let metrics = TextMetrics()
        Counter(label: "memcached.client.lookups", dimensions: [("result", "hit")], factory: metrics).increment(by: 3)
        Timer(label: "db.client.operation.duration", factory: metrics).recordMilliseconds(500)
        let text = try await requests(metrics: metrics).send(.get, "/metrics").body
        #expect(text.contains("memcached_client_lookups{result=\"hit\"} 3.0\n"))
        #expect(text.contains("db_client_operation_duration_sum 0.5\n"))
        #expect(text.contains("db_client_operation_duration_bucket{le=\"0.25\"} 0.0\n"))
        #expect(text.contains("db_client_operation_duration_bucket{le=\"+Inf\"} 1.0\n"))
    }

    @Test func withoutTheCacheThereAreStillPages() async throws {
        mock.policies.errors = .missing
        mock.fail(with: MemcachedError(code: .connectionFailure, operation: "", detail: "down"))
        let requests = requests()
        #expect(try await requests.send(.get, "/pages/Ada").status == .ok)
        #expect(try await requests.send(.get, "/articles/1").status == .ok)
    }
}
