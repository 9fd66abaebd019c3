#if Hummingbird
    #if canImport(FoundationEssentials)
        public import FoundationEssentials
    #else
        public import Foundation
    #endif
    public import HTTPTypes

    /// Which responses a ``ResponseCacheMiddleware`` keeps, and for how long.
    public struct ResponseCacheOptions: Sendable {
        /// How long a response is kept if its `Cache-Control` doesn't say; nil for not at all.
        public var time: Duration? = .seconds(60)
        /// How long after that it is still used, while one request makes a new one.
        public var stale: Duration = .zero
        /// How long requests for a page wait for the one that makes it, before they make it themselves.
        public var lock: Duration = .seconds(10)
        /// The largest response that is kept, in bytes, with its headers; memcached's own limit is 1 MiB with the key.
        public var maxSize = 1_000_000
        /// Headers of requests, such as `Accept-Language`, for each of whose values a page is kept separately;
        /// responses name them in `Vary`.
        public var varyingBy: [HTTPField.Name] = []
        /// Headers of requests that are not answered from the cache, unless they are among ``varyingBy``: a page made
        /// for one person must not be shown to another.
        public var bypassing: [HTTPField.Name] = [.authorization, .cookie]
        /// Whether a page is made anew for a request with `no-cache`, `no-store` or `max-age=0`, as browsers do when a
        /// page is loaded again.
        public var requestsMayRefresh = false
        /// The prefix of each key.
        public var prefix = "response:"
        /// The clock.
        public var now: @Sendable () -> Date = { Date() }

        /// Makes the usual options.
        public init() {}
    }
#endif
