#if Hummingbird
    #if canImport(FoundationEssentials)
        public import FoundationEssentials
    #else
        public import Foundation
    #endif
    internal import HTTPTypes
    public import Hummingbird
    internal import Logging
    public import SwiftLibMC

    /// Limits how often a client may ask, together with all other processes that use the same cache.
    ///
    /// ```swift
    /// router.add(middleware: RateLimitMiddleware(cache, limit: 100, per: .seconds(60)) { request, _ in
    ///     request.headers[.authorization]
    /// })
    /// ```
    ///
    /// Time is cut into windows, the same for all, and each client's requests are counted for each window, by one
    /// command. Beyond the limit a request is answered with 429 (Too Many Requests) and `Retry-After`. All responses
    /// have `RateLimit-Limit`, `RateLimit-Remaining`, `RateLimit-Reset` (in seconds) and `RateLimit-Policy`. Around the
    /// end of a window a client may ask up to twice the limit within one window's time.
    public struct RateLimitMiddleware<Context: RequestContext>: RouterMiddleware {
        private let cache: PlainCommands
        private let limit: Int
        private let window: Duration
        private let prefix: String
        private let failures: ErrorPolicy
        private let now: @Sendable () -> Date
        private let identify: @Sendable (Request, Context) -> String?

        /// Makes a middleware.
        ///
        /// - Parameters:
        ///   - cache: Where requests are counted.
        ///   - limit: How many requests a client has in each window, at least 1.
        ///   - window: How long a window is.
        ///   - name: Distinguishes limits for the same clients with windows of the same length.
        ///   - failures: Whether requests pass uncounted if the cache fails, which calls its `onError` (`.missing`), or
        ///     the error is thrown.
        ///   - now: The time; the clocks of the machines that count together should agree.
        ///   - identify: Names the client: an address, an account, a token. nil for one without a limit. A header that
        ///     a client can choose freely, such as `X-Forwarded-For` without a proxy that sets it, is no limit.
        public init(
            _ cache: any AsyncMemcachedCommands,
            limit: Int,
            per window: Duration,
            name: String = "",
            failures: ErrorPolicy = .missing,
            now: @escaping @Sendable () -> Date = { Date() },
            identifiedBy identify: @escaping @Sendable (Request, Context) -> String?
        ) {
            precondition(limit >= 1 && window > .zero, "a limit of \(limit) per \(window) lets no request pass")
            self.cache = PlainCommands(base: cache)
            self.limit = limit
            self.window = window
            self.failures = failures
            self.now = now
            self.identify = identify
            prefix = KeyText.joined(["ratelimit", name, "\(window / .milliseconds(1))", ""])
        }

        /// Counts the request, and lets it pass or not.
        public func handle(
            _ request: Request,
            context: Context,
            next: @concurrent (Request, Context) async throws -> Response
        ) async throws -> Response {
            guard let client = identify(request, context), let quota = try await quota(of: client, context) else {
                return try await next(request, context)
            }
            guard !quota.isExceeded else {
                throw HTTPError(.tooManyRequests, headers: quota.headers, message: "Too many requests")
            }
            do {
                var response = try await next(request, context)
                response.headers.set(quota.headers)
                return response
            } catch let error as any HTTPResponseError {
                throw ErrorWithHeaders(error: error, headers: quota.headers)
            }
        }

        /// The client's quota; nil if the cache has failed and failures are ignored.
        private func quota(of client: String, _ context: Context) async throws -> Quota? {
            let length = window / .seconds(1)
            let time = now().timeIntervalSince1970
            let number = (time / length).rounded(.down)
            let key = KeyText.shortened("\(Int64(number))|\(prefix)\(KeyText.joined([client]))")
            do throws(MemcachedError) {
                let count = try await cache.incr(key, initial: 1, time: .duration(window))
                return Quota(limit: limit, window: window, count: count, left: (number + 1) * length - time)
            } catch {
                guard failures == .missing, error.code != .cancelled else { throw error }
                context.logger.debug("A request was not counted", metadata: ["memcached.error": "\(error)"])
                cache.onError?(error)
                return nil
            }
        }
    }
#endif
