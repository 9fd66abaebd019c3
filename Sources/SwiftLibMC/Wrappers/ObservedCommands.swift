/// A cache whose commands are observed as its callers see them: all attempts of a ``RetryingClient`` inside count as
/// one command, and so do all caches of a ``FallbackClient`` inside.
///
/// A single client can be observed without it: ``Client/observer``.
public struct ObservedCommands: ForwardingCommands {
    /// The cache that is asked.
    public let base: any MemcachedCommands
    /// The observer, which is told of every command.
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

/// A cache whose commands are observed: ``ObservedCommands`` for tasks.
public struct AsyncObservedCommands: AsyncForwardingCommands {
    /// The cache that is asked.
    public let base: any AsyncMemcachedCommands
    /// The observer, which is told of every command.
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
