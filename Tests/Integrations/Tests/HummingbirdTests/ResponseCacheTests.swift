import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Support
import SwiftLibMC
import SwiftLibMCHummingbird
import SwiftLibMCTesting
import Testing

@Suite("Response cache", .timeLimit(.minutes(1)))
struct ResponseCacheTests {
    /// A page of a site of its own, and how often it has been made.
    private final class Page: Sendable {
        let path = "/\(uniqueKey("page"))"
        let count = Locked(0)

        var made: Int { count.withLock { $0 } }

        func site(
            _ cache: any AsyncMemcachedCommands,
            _ options: ResponseCacheOptions = ResponseCacheOptions(),
            _ make: @escaping @Sendable (Request, _ number: Int) async throws -> Response
        ) -> Site {
            Site { router in
                router.add(middleware: ResponseCacheMiddleware(cache, options: options))
                router.on("**", method: .get) { request, _ in
                    try await make(
                        request,
                        self.count.withLock {
                            $0 += 1; return $0
                        }
                    )
                }
                router.on("**", method: .post) { request, _ in
                    try await make(
                        request,
                        self.count.withLock {
                            $0 += 1; return $0
                        }
                    )
                }
            }
        }
    }

    private static func text(_ text: String, _ headers: HTTPFields = [:]) -> Response {
        Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    @Test(arguments: Backend.allCases)
    func aPageIsMadeOnce(backend: Backend) async throws {
        let page = Page()
        let site = page.site(try backend.make().cache) { _, number in
            Self.text("page \(number)", [.contentType: "text/plain", .contentLanguage: "en"])
        }
        let first = try await site.ask(page.path)
        let second = try await site.ask(page.path)
        #expect(first.body == "page 1" && second.body == "page 1")
        #expect(first.headers[.age] == nil)
        #expect(second.headers[.age].flatMap { Int($0) }.map { $0 < 60 } == true)
        #expect(second.headers[.contentType] == "text/plain" && second.headers[.contentLength] == "6")
        #expect(second.headers[.eTag] != nil && second.headers[.eTag] == first.headers[.eTag])
        #expect(try await site.ask("\(page.path)?other").body == "page 2")
        #expect(try await site.ask(page.path, method: .post).body == "page 3")
        #expect(try await site.ask(page.path).body == "page 1")
    }

    @Test(arguments: Backend.allCases)
    func ofManyRequestsOneMakesThePage(backend: Backend) async throws {
        let page = Page()
        let setup = try backend.make()
        let sites = [setup.cache, try setup.another()].map { cache in
            page.site(cache) { _, number in
                try await Task.sleep(for: .milliseconds(100))
                return Self.text("page \(number)")
            }
        }
        let bodies = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<20 { group.addTask { try await sites[number % 2].ask(page.path).body } }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(bodies == ["page 1"] && page.made == 1)
    }

    @Test(arguments: Backend.allCases)
    func pagesAreKeptAsLongAsTheySay(backend: Backend) async throws {
        let setup = try backend.make()
        let page = Page()
        var options = ResponseCacheOptions()
        options.now = setup.now
        let site = page.site(setup.cache, options) { request, number in
            let time = request.uri.queryParameters["time"].map(String.init) ?? ""
            return Self.text("page \(number)", [.cacheControl: time])
        }
        let short = "\(page.path)?time=public,%20max-age=1"
        #expect(try await site.ask(short).body == "page 1")
        #expect(try await site.ask(short).body == "page 1")
        try await setup.wait(.milliseconds(2100))
        #expect(try await site.ask(short).body == "page 2")
        let shared = "\(page.path)?time=max-age=0,%20s-maxage=100"
        #expect(try await site.ask(shared).body == "page 3")
        try await setup.wait(.milliseconds(1500))
        let old = try await site.ask(shared)
        #expect(old.body == "page 3" && old.headers[.age].flatMap { Int($0) }.map { 1...60 ~= $0 } == true)
    }

    @Test(
        arguments: [
            [.cacheControl: "no-store"], [.cacheControl: "private=\"a, b\""], [.cacheControl: "max-age=5, NO-CACHE"],
            [.cacheControl: "max-age=0"], [.cacheControl: "max-age=soon"], [.setCookie: "a=b"], [.vary: "*"],
            [.vary: "Accept, Origin"], [.expires: "0"],
        ] as [HTTPFields]
    )
    func pagesThatMayNotBeKeptAreMadeEachTime(headers: HTTPFields) async throws {
        let page = Page()
        let site = page.site(MockClient().asynchronous) { _, number in Self.text("page \(number)", headers) }
        for number in 1...3 {
            let answer = try await site.ask(page.path)
            #expect(answer.body == "page \(number)")
            #expect(answer.headers[.eTag] == nil && answer.headers[.age] == nil)
        }
    }

    @Test func whatIsNotKeptIsNotWaitedFor() async throws {
        let page = Page()
        let gate = Locked(0)
        let site = page.site(MockClient().asynchronous) { _, number in
            if number > 1 {
                // Both have to be here before either goes on.
                gate.withLock { $0 += 1 }
                #expect(await eventually { gate.withLock { $0 } == 2 })
            }
            return Self.text("mine", [.cacheControl: "private"])
        }
        _ = try await site.ask(page.path)
        async let one = site.ask(page.path)
        async let other = site.ask(page.path)
        _ = try await (one, other)
        #expect(page.made == 3)
    }

    @Test func failuresAndOtherResponsesAreNotKept() async throws {
        let page = Page()
        let site = page.site(MockClient().asynchronous) { _, number in
            if number == 1 { throw HTTPError(.notFound) }
            if number == 2 { throw MemcachedError(code: .timeout, operation: "get", detail: "the page's own") }
            return Response(status: number == 3 ? .internalServerError : .created)
        }
        #expect(try await site.ask(page.path).status == .notFound)
        await #expect(throws: MemcachedError.self) { try await site.ask(page.path) }
        #expect(try await site.ask(page.path).status == .internalServerError)
        #expect(try await site.ask(page.path).status == .created)
    }

    @Test func personalRequestsPassBy() async throws {
        let page = Page()
        let site = page.site(MockClient().asynchronous) { _, number in Self.text("page \(number)") }
        #expect(try await site.ask(page.path).body == "page 1")
        let personal: [HTTPFields] = [[.authorization: "me"], [.cookie: "me=1"], [.range: "bytes=0-1"]]
        for (number, headers) in zip(2..., personal) {
            #expect(try await site.ask(page.path, headers).body == "page \(number)")
        }
        #expect(try await site.ask(page.path).body == "page 1")
    }

    @Test(arguments: Backend.allCases)
    func pagesVaryByHeaders(backend: Backend) async throws {
        let page = Page()
        var options = ResponseCacheOptions()
        options.varyingBy = [.acceptLanguage, .cookie]
        let site = page.site(try backend.make().cache, options) { request, number in
            Self.text("\(request.headers[.acceptLanguage] ?? "") \(number)", [.vary: "accept-language"])
        }
        #expect(try await site.ask(page.path, [.acceptLanguage: "en"]).body == "en 1")
        #expect(try await site.ask(page.path, [.acceptLanguage: "de"]).body == "de 2")
        #expect(try await site.ask(page.path, [.acceptLanguage: "de", .cookie: "a"]).body == "de 3")
        let again = try await site.ask(page.path, [.acceptLanguage: "en"])
        #expect(again.body == "en 1")
        #expect(again.headers[values: .vary].joined(separator: ", ") == "accept-language, Cookie")
    }

    @Test(arguments: Backend.allCases)
    func whoHasThePageIsToldSo(backend: Backend) async throws {
        let page = Page()
        let site = page.site(try backend.make().cache) { _, _ in
            Self.text("page", [.lastModified: "Mon, 01 Jan 2024 00:00:00 GMT", .cacheControl: "max-age=60"])
        }
        let tag = try #require(try await site.ask(page.path).headers[.eTag])
        let strong = String(tag.dropFirst(2))
        for known in [tag, strong, "\"a,b\", \(tag)", "*"] {
            let answer = try await site.ask(page.path, [.ifNoneMatch: known])
            #expect(answer.status == .notModified && answer.body == "")
            #expect(answer.headers[.eTag] == tag && answer.headers[.cacheControl] == "max-age=60")
        }
        let date: HTTPFields = [.ifModifiedSince: "Mon, 01 Jan 2024 00:00:00 GMT"]
        #expect(try await site.ask(page.path, date).status == .notModified)
        #expect(try await site.ask(page.path, [.ifNoneMatch: "\"other\""]).body == "page")
        #expect(try await site.ask(page.path, date.merging([.ifNoneMatch: "\"other\""])).body == "page")
    }

    @Test func largePagesAndStreamsPassBy() async throws {
        let page = Page()
        var options = ResponseCacheOptions()
        options.maxSize = 1000
        let site = page.site(MockClient().asynchronous, options) { request, number in
            if request.uri.path.hasSuffix("stream") {
                return Response(
                    status: .ok,
                    body: ResponseBody { writer in
                        try await writer.write(ByteBuffer(string: "stream \(number)"))
                        try await writer.finish(nil)
                    }
                )
            }
            return Self.text(String(repeating: "\(number)", count: request.uri.path.hasSuffix("large") ? 1001 : 990))
        }
        for (number, kind) in zip(1..., ["stream", "stream", "large", "large", "headers", "headers"]) {
            #expect(try await site.ask("\(page.path)/\(kind)").body.contains("\(number)"))
        }
    }

    @Test func aServersOwnLimitOnlyCostsTheCaching() async throws {
        let page = Page()
        let cache = MockClient(maxItemSize: 500).asynchronous
        let site = page.site(cache) { _, number in Self.text(String(repeating: "\(number)", count: 600)) }
        #expect(try await site.ask(page.path).body.hasPrefix("1"))
        #expect(try await site.ask(page.path).body.hasPrefix("2"))
    }

    @Test func aCacheThatFailsOnlyCostsTheCaching() async throws {
        let page = Page()
        let mock = MockClient()
        let heard = Locked(0)
        mock.onError = { _ in heard.withLock { $0 += 1 } }
        let site = page.site(mock.asynchronous) { _, number in Self.text("page \(number)") }
        for code in [MemcachedError.Code.connectionFailure, .commandTimeout, .overloaded] {
            mock.fail(with: MemcachedError(code: code, operation: "", detail: "down"))
            #expect(try await site.ask(page.path).body == "page \(page.made)")
            mock.stopFailing()
        }
        #expect(page.made == 3 && heard.withLock { $0 } >= 3)
    }

    @Test func requestsMayRefreshIfTheyAreAllowedTo() async throws {
        let page = Page()
        let cache = MockClient().asynchronous
        var options = ResponseCacheOptions()
        let strict = page.site(cache, options) { _, number in Self.text("page \(number)") }
        options.requestsMayRefresh = true
        let open = page.site(cache, options) { _, number in Self.text("page \(number)") }
        #expect(try await strict.ask(page.path).body == "page 1")
        #expect(try await strict.ask(page.path, [.cacheControl: "no-cache"]).body == "page 1")
        #expect(try await open.ask(page.path, [.cacheControl: "max-age=0"]).body == "page 2")
        #expect(try await open.ask(page.path).body == "page 2")
        #expect(try await open.ask(page.path, [.cacheControl: "no-store"]).body == "page 3")
        #expect(try await strict.ask(page.path).body == "page 2")
    }

    /// Those that were being made when all were forgotten are not kept.
    @Test(arguments: [HTTPFields(), [.cacheControl: "no-cache"]])
    func allPagesCanBeForgottenAtOnce(headers: HTTPFields) async throws {
        let page = Page()
        let cache = MockClient().asynchronous.namespace("pages")
        var options = ResponseCacheOptions()
        options.requestsMayRefresh = true
        let site = page.site(cache, options) { _, number in
            if number == 1 { try await cache.invalidate() }
            return Self.text("page \(number)")
        }
        #expect(try await site.ask(page.path, headers).body == "page 1")
        #expect(try await site.ask(page.path).body == "page 2")
        #expect(try await site.ask(page.path).body == "page 2")
        #expect(try await site.ask(page.path, headers).body == (headers.isEmpty ? "page 2" : "page 3"))
        #expect(try await site.ask(page.path).body == (headers.isEmpty ? "page 2" : "page 3"))
    }

    @Test(arguments: Backend.allCases)
    func pagesCanBeForgotten(backend: Backend) async throws {
        let cache = try backend.make().cache
        let page = Page()
        let site = page.site(cache) { _, number in Self.text("page \(number)") }
        let long = page.path + "?" + String(repeating: "long", count: 200)
        for path in [page.path, long] {
            let first = try await site.ask(path).body
            #expect(try await site.ask(path).body == first)
            let head = HTTPRequest(method: .get, scheme: nil, authority: "test", path: path)
            let key = ResponseCacheMiddleware<BasicRequestContext>(cache).key(for: head)
            #expect(try await cache.delete(key))
            #expect(try await site.ask(path).body != first)
        }
    }

    @Test func anothersBytesAreNoPage() async throws {
        let cache = MockClient().asynchronous
        let page = Page()
        let site = page.site(cache) { _, number in Self.text("page \(number)") }
        let head = HTTPRequest(method: .get, scheme: nil, authority: "test", path: page.path)
        let key = ResponseCacheMiddleware<BasicRequestContext>(cache).key(for: head)
        let other = Array("response:/another|test\n1900000000\n200\n\nanother".utf8)
        let oldest = Array("\(key)\n\(Int.min)\n200\n\n".utf8)
        for (number, bytes) in zip(1..., [other, [], [0xFF, 10, 10], Array("\(key)\nx\n200\n\n".utf8), oldest]) {
            try await cache.set(key, bytes)
            #expect(try await site.ask(page.path).body == "page \(number)")
        }
    }
}

extension HTTPFields {
    fileprivate func merging(_ other: HTTPFields) -> HTTPFields {
        var result = self
        for field in other { result.append(field) }
        return result
    }
}
