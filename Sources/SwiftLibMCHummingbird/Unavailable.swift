#if !Hummingbird
    public import SwiftLibMC

    /// Hummingbird's persist driver over memcached.
    @available(*, unavailable, message: "enable the trait \"Hummingbird\" where your package depends on SwiftLibMC")
    public struct MemcachedPersistDriver {
        /// Makes a driver.
        public init(_ cache: any AsyncMemcachedCommands) {}
    }

    /// A middleware that limits how often a client may ask.
    @available(*, unavailable, message: "enable the trait \"Hummingbird\" where your package depends on SwiftLibMC")
    public struct RateLimitMiddleware<Context> {
        /// Makes a middleware.
        public init(_ cache: any AsyncMemcachedCommands, limit: Int, per window: Duration) {}
    }

    /// Which responses a middleware keeps, and for how long.
    @available(*, unavailable, message: "enable the trait \"Hummingbird\" where your package depends on SwiftLibMC")
    public struct ResponseCacheOptions {
        /// Makes the usual options.
        public init() {}
    }

    /// A middleware that keeps responses.
    @available(*, unavailable, message: "enable the trait \"Hummingbird\" where your package depends on SwiftLibMC")
    public struct ResponseCacheMiddleware<Context> {
        /// Makes a middleware.
        public init(_ cache: any AsyncMemcachedCommands) {}
    }
#endif
