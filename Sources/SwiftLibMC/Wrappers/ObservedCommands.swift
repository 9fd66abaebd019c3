/// A cache whose commands somebody is told of, as its callers see them: with the attempts of a ``RetryingClient`` inside
/// as one, and with the caches of a ``FallbackClient`` inside as one.
///
/// A single client can be observed without it: ``Client/observer``.
public struct ObservedCommands: ForwardingCommands {
    /// The cache that is asked.
    public let base: any MemcachedCommands
    /// Who is told.
    public let observer: any CommandObserver

    /// Puts an observer in front of a cache.
    public init(_ cache: any MemcachedCommands, observer: any CommandObserver) {
        base = cache
        self.observer = observer
    }

    /// Has the cache carry out a request, and tells the observer.
    public func execute(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
        try observer.observe(request) { () throws(MemcachedError) in try base.execute(request) }
    }
}

/// A cache whose commands somebody is told of: ``ObservedCommands`` for tasks.
public struct AsyncObservedCommands: AsyncForwardingCommands {
    /// The cache that is asked.
    public let base: any AsyncMemcachedCommands
    /// Who is told.
    public let observer: any CommandObserver

    /// Puts an observer in front of a cache.
    public init(_ cache: any AsyncMemcachedCommands, observer: any CommandObserver) {
        base = cache
        self.observer = observer
    }

    /// Has the cache carry out a request, and tells the observer.
    public func execute(_ request: MemcachedRequest) async throws(MemcachedError) -> MemcachedResponse {
        try await observer.observe(request) { () async throws(MemcachedError) in try await base.execute(request) }
    }
}
