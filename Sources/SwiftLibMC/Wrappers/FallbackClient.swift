/// Several caches, each one a fallback for the one before, for moving from an old one to a new one: pymemcache's
/// `FallbackClient`.
///
/// ```swift
/// let cache = FallbackClient([newClient, oldClient])
/// ```
///
/// Everything is written to the first. Reads ask the first, then the next, and so on; each is asked at most once, and
/// only for keys that the earlier ones did not have. Values are read in the format of the cache that has them. A value
/// that was not read from the first cache has the version zero, and `cas` stores it if it is still missing there.
///
/// A cache that fails to read counts as a miss: ``onError`` is called, and the call throws only if all have failed.
/// Otherwise the policies of the first cache apply to misses and failures.
public struct FallbackClient: MemcachedCommands {
    /// The caches, in the order in which they are asked.
    public let caches: [any MemcachedCommands]
    /// Is called with the errors of caches that fail to read; nil for the first cache's own `onError`.
    public var onError: (@Sendable (MemcachedError) -> Void)?

    /// Makes a client of several caches.
    ///
    /// - Parameters:
    ///   - caches: At least one cache; an empty list is a mistake of the program, and ends it.
    ///   - onError: Is called with the errors of caches that fail to read; nil for the first cache's own `onError`.
    public init(_ caches: [any MemcachedCommands], onError: (@Sendable (MemcachedError) -> Void)? = nil) {
        precondition(!caches.isEmpty, "a FallbackClient needs at least one cache")
        self.caches = caches
        self.onError = onError
    }

    /// Asks one cache after the other for reads, and the first one for everything else.
    public func execute(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
        switch request.action {
        case .fetch:
            var search = FallbackSearch(request, in: caches.count)
            for cache in caches where !search.isOver {
                do throws(MemcachedError) {
                    try search.found(cache.execute(search.request))
                } catch {
                    try search.failed(error)
                }
            }
            return try search.conclude(policies.onError)
        case .disconnect:
            for cache in caches.dropFirst() { _ = try? cache.execute(request) }
        case .decode(let stored, let type):
            let (cache, stored) = stored.owner(of: caches.count)
            return try caches[cache].execute(
                MemcachedRequest(request.operation, keys: request.keys, .decode(stored, as: type))
            )
        case .location(let value):
            let (cache, value) = value.owner(of: caches.count)
            return try caches[cache].execute(
                MemcachedRequest(request.operation, keys: request.keys, .location(of: value))
            )
        default: break
        }
        return try caches[0].execute(request.forFirstCache)
    }

    /// Stores in the format of the first cache, and reads each value in that of its own cache.
    public var codec: any ValueCodec { FallbackCodec(codecs: caches.map(\.codec)) }

    /// The policies of the first cache.
    public var policies: CommandPolicies { caches[0].policies.ofFallback(onError) }
}
