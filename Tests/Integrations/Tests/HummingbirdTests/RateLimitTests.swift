import Foundation
import HTTPTypes
import Hummingbird
import Support
import SwiftLibMC
import SwiftLibMCHummingbird
import SwiftLibMCTesting
import Testing

@Suite("Rate limit", .timeLimit(.minutes(1)))
struct RateLimitTests {
    private func site(
        _ cache: any AsyncMemcachedCommands,
        limit: Int = 2,
        per window: Duration = .seconds(60),
        name: String = "",
        failures: ErrorPolicy = .missing,
        now: @escaping @Sendable () -> Date
    ) -> Site {
        Site { router in
            router.add(
                middleware: RateLimitMiddleware(
                    cache,
                    limit: limit,
                    per: window,
                    name: name,
                    failures: failures,
                    now: now
                ) { request, _ in request.headers[.authorization] }
            )
            router.get("page") { _, _ in "page" }
            router.get("fault") { _, _ -> String in throw HTTPError(.conflict) }
        }
    }

    @Test(arguments: Backend.allCases)
    func requestsBeyondTheLimitAreRefused(backend: Backend) async throws {
        let setup = try backend.make()
        let start = Date(timeIntervalSince1970: 1_900_000_020)
        let clock = MockClock(startingAt: start)
        let site = site(setup.cache, now: { clock.now })
        let (ada, ben): (HTTPFields, HTTPFields) = ([.authorization: uniqueKey()], [.authorization: uniqueKey()])

        clock.advance(by: .milliseconds(18_500))
        let first = try await site.ask("/page", ada)
        #expect(first.status == .ok && first.body == "page")
        #expect(first.headers[.init("RateLimit-Limit")!] == "2")
        #expect(first.headers[.init("RateLimit-Remaining")!] == "1")
        #expect(first.headers[.init("RateLimit-Reset")!] == "42")
        #expect(first.headers[.init("RateLimit-Policy")!] == "2;w=60")
        #expect(first.headers[.retryAfter] == nil)

        let fault = try await site.ask("/fault", ada)
        #expect(fault.status == .conflict && fault.headers[.init("RateLimit-Remaining")!] == "0")

        let refused = try await site.ask("/page", ada)
        #expect(refused.status == .tooManyRequests)
        #expect(refused.headers[.retryAfter] == "42")
        #expect(refused.headers[.init("RateLimit-Remaining")!] == "0")
        #expect(try await site.ask("/page", ben).status == .ok)

        clock.advance(by: .seconds(42))
        #expect(try await site.ask("/page", ada).headers[.init("RateLimit-Remaining")!] == "1")
    }

    @Test(arguments: Backend.allCases)
    func processesCountTogetherAndNamedLimitsApart(backend: Backend) async throws {
        let setup = try backend.make()
        let now = Date()
        let sites = [setup.cache, try setup.another()].map { cache in
            site(cache, limit: 10, per: .seconds(3600), now: { now })
        }
        let other = site(setup.cache, limit: 10, per: .seconds(3600), name: "other", now: { Date() })
        let client: HTTPFields = [.authorization: uniqueKey()]
        let answers = try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { group in
            for number in 0..<30 { group.addTask { try await sites[number % 2].ask("/page", client).status } }
            return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
        #expect(answers == [.ok: 10, .tooManyRequests: 20])
        #expect(try await other.ask("/page", client).status == .ok)
    }

    @Test func whoHasNoNameHasNoLimit() async throws {
        let site = site(MockClient().asynchronous, limit: 1, now: { Date() })
        for _ in 0..<3 {
            let answer = try await site.ask("/page")
            #expect(answer.status == .ok && answer.headers[.init("RateLimit-Limit")!] == nil)
        }
    }

    @Test(arguments: Backend.allCases)
    func clientsMayBeNamedByAnything(backend: Backend) async throws {
        let setup = try backend.make()
        // A minute may end between two requests.
        let now = Date()
        let site = site(setup.cache, limit: 1, now: { now })
        let names = ["a b|%", "ü\t", String(repeating: "x", count: 1000), String(repeating: "x", count: 1000) + "y"]
        for name in names.map({ $0 + uniqueKey() }) {
            #expect(try await site.ask("/page", [.authorization: name]).status == .ok)
            #expect(try await site.ask("/page", [.authorization: name]).status == .tooManyRequests)
        }
    }

    @Test func aCacheThatFailsLetsRequestsPassOrNot() async throws {
        let mock = MockClient()
        let heard = Locked(0)
        mock.onError = { _ in heard.withLock { $0 += 1 } }
        mock.fail(with: MemcachedError(code: .timeout, operation: "", detail: "slow"))
        let client: HTTPFields = [.authorization: "me"]
        let open = site(mock.asynchronous, limit: 1, now: { Date() })
        for _ in 0..<2 { #expect(try await open.ask("/page", client).status == .ok) }
        #expect(heard.withLock { $0 } == 2)
        let closed = site(mock.asynchronous, failures: .throwing, now: { Date() })
        await #expect(throws: MemcachedError.self) { try await closed.ask("/page", client) }
    }
}
