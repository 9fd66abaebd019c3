/// A cache all of whose keys have a prefix on the wire: ``PrefixedCommands`` for tasks.
public struct AsyncPrefixedCommands: AsyncForwardingCommands {
    /// The cache that is asked.
    public let cache: any AsyncMemcachedCommands
    /// The prefix of each key.
    public let prefix: String

    /// Puts a prefix before the keys of a cache.
    public init(_ cache: any AsyncMemcachedCommands, prefix: String) {
        self.cache = cache
        self.prefix = prefix
    }

    /// The same as ``cache``.
    public var base: any AsyncMemcachedCommands { cache }

    /// Has the cache carry out a request with the prefix before its keys.
    public func execute(_ request: MemcachedRequest) async throws(MemcachedError) -> MemcachedResponse {
        try await cache.execute(request.prefixed(by: prefix))
    }
}
