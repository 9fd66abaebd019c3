#if Hummingbird
    #if canImport(FoundationEssentials)
        public import FoundationEssentials
    #else
        public import Foundation
    #endif
    public import HTTPTypes

    /// What a ``ResponseCacheMiddleware`` keeps, and for how long.
    public struct ResponseCacheOptions: Sendable {
        /// How long a response is kept whose `Cache-Control` says nothing of that; nil for not at all.
        public var time: Duration? = .seconds(60)
        /// How long after that it is still given, while one request makes a new one.
        public var stale: Duration = .zero
        /// How long requests for a page wait for the one that makes it, before they make it themselves.
        public var lock: Duration = .seconds(10)
        /// The largest response that is kept, in bytes, with its headers; memcached's own limit is 1 MiB with the key.
        public var maxSize = 1_000_000
        /// Headers of requests for each of whose values a page is kept by itself, such as `Accept-Language`; responses
        /// name them in `Vary`.
        public var varyingBy: [HTTPField.Name] = []
        /// Headers of requests that are not answered from the cache, unless they are among ``varyingBy``: what is made for
        /// one person is not to be shown to another.
        public var bypassing: [HTTPField.Name] = [.authorization, .cookie]
        /// Whether a page is made anew for a request that says `no-cache`, `no-store` or `max-age=0`, as browsers do when
        /// a page is loaded again.
        public var requestsMayRefresh = false
        /// What is put before each key.
        public var prefix = "response:"
        /// The time.
        public var now: @Sendable () -> Date = { Date() }

        /// The usual ones.
        public init() {}
    }
#endif
