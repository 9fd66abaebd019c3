/// A cache all of whose keys have a prefix on the wire: pymemcache's `key_prefix`, for any cache.
///
/// For a whole ``Client`` the behavior ``Behaviors/namespace`` does the same at no cost; its bytes take no part in
/// choosing the server, while those of this prefix do.
///
/// Results have the callers' own keys, without the prefix. The prefix counts towards a key's 250 bytes.
/// ``flushAll(time:)`` is refused, because it would drop all items of the cache; a ``VersionedNamespace`` can be
/// emptied.
public struct PrefixedCommands: ForwardingCommands {
    /// The cache that is asked.
    public let cache: any MemcachedCommands
    /// The prefix of each key.
    public let prefix: String

    /// Puts a prefix before the keys of a cache.
    public init(_ cache: any MemcachedCommands, prefix: String) {
        self.cache = cache
        self.prefix = prefix
    }

    /// The cache that is asked.
    public var base: any MemcachedCommands { cache }

    /// Has the cache carry out a request with the prefix before its keys.
    public func execute(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
        try cache.execute(request.prefixed(by: prefix))
    }
}
