/// Several caches, each one a fallback for the one before, for moving from an old one to a new one: ``FallbackClient``
/// for tasks.
///
/// ```swift
/// let cache = AsyncFallbackClient([newClient, oldClient])
/// ```
public struct AsyncFallbackClient: AsyncMemcachedCommands {
    /// The caches, in the order in which they are asked.
    public let caches: [any AsyncMemcachedCommands]
    /// Is called with the errors of caches that fail to read; nil for the first cache's own `onError`.
    public var onError: (@Sendable (MemcachedError) -> Void)?

    /// Makes a client of several caches.
    ///
    /// - Parameters:
    ///   - caches: At least one cache; an empty list is a mistake of the program, and ends it.
    ///   - onError: Is called with the errors of caches that fail to read.
    public init(_ caches: [any AsyncMemcachedCommands], onError: (@Sendable (MemcachedError) -> Void)? = nil) {
        precondition(!caches.isEmpty, "an AsyncFallbackClient needs at least one cache")
        self.caches = caches
        self.onError = onError
    }

    /// Reads from the first cache that has the item, for each key of many; everything else goes to the first cache.
    public func execute(_ request: MemcachedRequest) async throws(MemcachedError) -> MemcachedResponse {
        switch request.action {
        case .fetch: return try await search(request)
        case .disconnect:
            for cache in caches.dropFirst() { _ = try? await cache.execute(request) }
            return try await caches[0].execute(request)
        case .decode(let value, let type):
            let (cache, value) = value.owner(of: caches.count)
            let decoding = MemcachedRequest(request.operation, keys: request.keys, .decode(value, as: type))
            if let codec = caches[cache].codec { return try codec.decoding(decoding) }
            return try await caches[cache].execute(decoding)
        case .location(let value):
            let (cache, value) = value.owner(of: caches.count)
            return try await caches[cache].execute(
                MemcachedRequest(request.operation, keys: request.keys, .location(of: value))
            )
        default:
            var request = request.forFirstCache
            if let codec = caches[0].codec { request = try request.encoded(by: codec) }
            return try await caches[0].execute(request)
        }
    }

    private func search(_ request: MemcachedRequest) async throws(MemcachedError) -> MemcachedResponse {
        var search = FallbackSearch(request, in: caches.count)
        for cache in caches where !search.isOver {
            do throws(MemcachedError) {
                try search.found(await cache.execute(search.request))
            } catch {
                try search.failed(error)
            }
        }
        return try search.conclude(policies.onError)
    }

    /// Stores with the codec of the first cache, and reads each value with that of its own cache; nil if any cache has
    /// none.
    public var codec: (any ValueCodec & Sendable)? {
        var codecs: [any ValueCodec & Sendable] = []
        for cache in caches {
            guard let codec = cache.codec else { return nil }
            codecs.append(codec)
        }
        return SendableFallbackCodec(codecs: codecs)
    }

    /// The policies of the first cache.
    public var policies: CommandPolicies { caches[0].policies.ofFallback(onError) }
}
