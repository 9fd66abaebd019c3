#if Hummingbird
    #if canImport(FoundationEssentials)
        internal import FoundationEssentials
    #else
        internal import Foundation
    #endif
    public import HTTPTypes
    public import Hummingbird
    internal import NIOCore
    public import SwiftLibMC

    /// Keeps responses to GET in memcached, and answers later requests for the same page with them.
    ///
    /// ```swift
    /// var options = ResponseCacheOptions()
    /// options.varyingBy = [.acceptLanguage]
    /// router.group("pages").add(middleware: ResponseCacheMiddleware(cache, options: options))
    /// ```
    ///
    /// Of many requests for a page at the same time, in all processes, one computes it, and the others wait for it. The
    /// page's `Cache-Control` says how long it is kept (`s-maxage`, `max-age`), or that it is not (`no-store`,
    /// `no-cache`, `private`). The following are not kept: responses other than 200, 203, 301, 308 and 410, with
    /// `Set-Cookie`, with `Expires` alone, responses that vary by a header that ``ResponseCacheOptions/varyingBy`` does
    /// not name, too large ones, and streams, whose length is not known. Requests with credentials or a `Range` bypass
    /// the cache.
    ///
    /// Responses have an `ETag`, added here if need be, and those from the cache have an `Age`. A request whose
    /// `If-None-Match` or `If-Modified-Since` says that it has the page is answered with 304 (Not Modified).
    ///
    /// A failure of the cache fails no request: the page is made, and the cache's `onError` is called.
    ///
    /// To forget a page delete its ``key(for:)``; to forget all at once give the middleware a namespace of the cache.
    public struct ResponseCacheMiddleware<Context: RequestContext>: RouterMiddleware {
        private let cache: any AsyncMemcachedCommands
        private let options: ResponseCacheOptions

        /// Makes a middleware.
        public init(_ cache: any AsyncMemcachedCommands, options: ResponseCacheOptions = ResponseCacheOptions()) {
            // `getOrSet` treats a failure of the cache as a miss, for which one request of this process makes the page.
            self.cache = PlainCommands(base: cache, errors: .missing)
            self.options = options
        }

        /// The key under which the response to a GET is stored.
        public func key(for request: HTTPRequest) -> String { KeyText.shortened(subject(of: request)) }

        /// The subject of a request: the site, the page, and its variant.
        private func subject(of request: HTTPRequest) -> String {
            let forms = options.varyingBy.map { "\($0.canonicalName)=\(request.headerFields[$0] ?? "")" }
            return options.prefix + KeyText.joined([request.path ?? "", request.authority ?? ""] + forms)
        }

        /// Answers a request with a stored response, or has it answered, and stores the response.
        public func handle(
            _ request: Request,
            context: Context,
            next: @concurrent (Request, Context) async throws -> Response
        ) async throws -> Response {
            guard request.method == .get, !passesBy(request) else { return try await next(request, context) }
            let subject = subject(of: request.head)
            if options.requestsMayRefresh, wantsNew(request) {
                return try await refreshed(request, subject) { try await next(request, context) }
            }
            var made: Making?
            do {
                let bytes = try await cache.getOrSet(
                    KeyText.shortened(subject),
                    as: [UInt8].self,
                    lock: options.lock,
                    stale: options.stale
                ) {
                    let making = await make(subject) { try await next(request, context) }
                    made = making
                    _ = try making.response.get()
                    return (making.bytes, .duration(making.time))
                }
                if made == nil, let stored = StoredResponse(bytes), stored.key == subject {
                    return answer(request, stored.response(now: seconds))
                }
            } catch let error as MemcachedError {
                // Also if another caller's attempt to make the page has thrown this.
                if made == nil, error.code == .cancelled { throw error }
                if made?.hasFailed != true { cache.onError?(error) }
            }
            guard let made else { return try await next(request, context) }
            let response = try made.response.get()
            return made.isKept ? answer(request, response) : response
        }

        // MARK: - Requests

        private func passesBy(_ request: Request) -> Bool {
            request.headers[.range] != nil
                || options.bypassing.contains { request.headers[$0] != nil && !options.varyingBy.contains($0) }
        }

        private func wantsNew(_ request: Request) -> Bool {
            let directives = CacheDirectives(request.headers)
            return directives.contains("no-cache", "no-store") || directives.seconds("max-age") == 0
        }

        private func refreshed(
            _ request: Request,
            _ subject: String,
            _ next: () async throws -> Response
        ) async throws -> Response {
            var made: Making?
            do {
                try await cache.recompute(KeyText.shortened(subject), as: [UInt8].self) {
                    let making = await make(subject, next)
                    made = making
                    guard making.isKept, !CacheDirectives(request.headers).contains("no-store") else { return nil }
                    return (making.bytes, .duration(making.time))
                }
            } catch let error as MemcachedError {
                if made == nil, error.code == .cancelled { throw error }
                cache.onError?(error)
            }
            guard let made else { return try await next() }
            let response = try made.response.get()
            return made.isKept ? answer(request, response) : response
        }

        /// The response, unless the client has it already.
        private func answer(_ request: Request, _ response: Response) -> Response {
            guard response.status == .ok, isKnown(response.headers, to: request.headers) else { return response }
            var headers = response.headers
            for name: HTTPField.Name in [.contentLength, .contentType, .contentEncoding] { headers[name] = nil }
            return Response(status: .notModified, headers: headers)
        }

        private func isKnown(_ response: HTTPFields, to request: HTTPFields) -> Bool {
            let known = request.list(.ifNoneMatch)
            guard known.isEmpty else {
                let tag = response[.eTag]?.withoutWeakness
                return known == ["*"] || known.contains { String($0).withoutWeakness == tag }
            }
            guard let date = request[.ifModifiedSince] else { return false }
            return date == response[.lastModified]
        }

        // MARK: - Responses

        /// A response and its stored bytes.
        private struct Making {
            var response: Result<Response, any Error>
            /// Empty if the response is not kept; then each of the other callers makes it by itself, for a while.
            var bytes: [UInt8] = []
            var time = Duration.seconds(10)

            var isKept: Bool { !bytes.isEmpty }
            var hasFailed: Bool { if case .failure = response { true } else { false } }
        }

        private func make(_ subject: String, _ next: () async throws -> Response) async -> Making {
            do {
                let response = try await next()
                guard let time = time(of: response) else { return Making(response: .success(response)) }
                return try await keep(response, subject, time)
            } catch {
                return Making(response: .failure(error))
            }
        }

        private func keep(_ original: Response, _ subject: String, _ time: Duration) async throws -> Making {
            let (body, trailers) = try await original.body.collected()
            var response = original
            response.body = ResponseBody(contentLength: body.readableBytes) { writer in
                if body.readableBytes > 0 { try await writer.write(body) }
                try await writer.finish(trailers)
            }
            if response.headers[.eTag] == nil { response.headers[.eTag] = StoredResponse.entityTag(of: body) }
            let varying = response.headers.list(.vary).map { $0.lowercased() }
            for name in options.varyingBy where !varying.contains(name.canonicalName) {
                response.headers[values: .vary].append(name.rawName)
            }
            let stored = StoredResponse(
                key: subject,
                date: seconds,
                status: response.status,
                headers: response.headers,
                body: body
            )
            let bytes = stored.bytes
            guard trailers == nil, bytes.count <= options.maxSize else { return Making(response: .success(response)) }
            return Making(response: .success(response), bytes: bytes, time: time)
        }

        /// How long a response may be kept; nil for not at all.
        private func time(of response: Response) -> Duration? {
            let statuses: [HTTPResponse.Status] = [
                .ok, .nonAuthoritativeInformation, .movedPermanently, .permanentRedirect, .gone,
            ]
            let headers = response.headers
            let directives = CacheDirectives(headers)
            let varying = options.varyingBy.map(\.canonicalName)
            guard statuses.contains(response.status), headers[.setCookie] == nil,
                !directives.contains("no-store", "no-cache", "private"),
                headers.list(.vary).allSatisfy({ varying.contains($0.lowercased()) }),
                let length = response.body.contentLength, length <= options.maxSize
            else { return nil }
            if let seconds = directives.seconds("s-maxage") ?? directives.seconds("max-age") {
                return seconds > 0 ? .seconds(seconds) : nil
            }
            guard headers[.expires] == nil, let time = options.time, time > .zero else { return nil }
            return time
        }

        private var seconds: Int { Int(options.now().timeIntervalSince1970) }
    }

    extension String {
        /// An entity tag for weak comparison.
        fileprivate var withoutWeakness: Substring { hasPrefix("W/") ? dropFirst(2) : self[...] }
    }
#endif
