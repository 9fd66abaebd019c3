import App
import Hummingbird
import SwiftLibMC
import SwiftLibMCTesting
import Testing

/// The service with memcached.
@Suite(.memcached(), .enabled(if: MemcachedServer.isAvailable), .timeLimit(.minutes(1)))
struct ServerTests {
    private func requests(_ cache: AsyncClient) -> Requests {
        Requests(makeRouter(cache: cache, health: { await cache.health().status }, metrics: TextMetrics()))
    }

    @Test func processesShareWhatTheyKeep() async throws {
        let server = try #require(MemcachedServer.current)
        let caches = [try server.asyncClient(), try server.asyncClient()]
        let (one, other) = (requests(caches[0]), requests(caches[1]))
        let json: HTTPFields = [.contentType: "application/json"]
        let begun = try await one.send(.post, "/session", json, body: #"{"name": "Ada"}"#)
        let cookie = try #require(begun.headers[.setCookie]?.split(separator: ";").first)
        #expect(try await other.send(.get, "/session", [.cookie: String(cookie)]).body.contains("Ada"))
        let article = try await one.send(.get, "/articles/7").body
        #expect(article.contains(#""reads":1"#))
        #expect(try server.client().contains("article:7"))
        #expect(try await one.send(.get, "/pages/Ada").headers[.age] == nil)
        #expect(try await other.send(.get, "/pages/Ada").headers[.age] != nil)
        for cache in caches { await cache.shutdown() }
    }

    @Test(.memcached())
    func aServerThatIsDownCostsNoPage() async throws {
        let server = try #require(MemcachedServer.current)
        let client = try server.client()
        client.errorPolicy = .missing
        let cache = try AsyncClient(cloning: client)
        let requests = requests(cache)
        #expect(try await requests.send(.get, "/health/ready").status == .ok)
        server.kill()
        #expect(try await requests.send(.get, "/pages/Ada").body == "<h1>Hello, Ada!</h1>\n")
        #expect(try await requests.send(.get, "/articles/1").status == .ok)
        #expect(try await requests.send(.get, "/health/ready").status == .serviceUnavailable)
        await cache.shutdown()
    }
}
