#if !Hummingbird
    /// Keeps sessions and the like in memcached.
    @available(*, unavailable, message: "enable the trait \"Hummingbird\" where your package depends on SwiftLibMC")
    public struct MemcachedPersistDriver {}
#endif
