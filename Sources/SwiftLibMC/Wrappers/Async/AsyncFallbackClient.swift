/// Several caches one behind the other, for moving from an old one to a new one: ``FallbackClient`` for tasks.
///
/// ```swift
/// let cache = AsyncFallbackClient([newClient, oldClient])
/// ```
public struct AsyncFallbackClient: AsyncMemcachedCommands {
    /// The caches, in the order in which they are asked.
    public let caches: [any AsyncMemcachedCommands]
    /// Is told of caches that fail to read; if nil, the first cache's own is.
    public var onError: (@Sendable (MemcachedError) -> Void)?

    /// Puts caches one behind the other.
    ///
    /// - Parameters:
    ///   - caches: At least one cache; an empty list is a mistake of the program, and ends it.
    ///   - onError: Is told of caches that fail to read.
    public init(_ caches: [any AsyncMemcachedCommands], onError: (@Sendable (MemcachedError) -> Void)? = nil) {
        precondition(!caches.isEmpty, "an AsyncFallbackClient needs at least one cache")
        self.caches = caches
        self.onError = onError
    }

    /// Reads from the first cache that has the item, each key of many; everything else goes to the first cache.
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
                search.found(try await cache.execute(search.request))
            } catch {
                try search.failed(error)
            }
        }
        return try search.conclude(policies.onError)
    }

    /// That of the first cache for what is stored, and of the value's own for what is read; nil if any has none.
    public var codec: (any ValueCodec & Sendable)? {
        var codecs: [any ValueCodec & Sendable] = []
        for cache in caches {
            guard let codec = cache.codec else { return nil }
            codecs.append(codec)
        }
        return SendableFallbackCodec(codecs: codecs)
    }

    /// Those of the first cache.
    public var policies: CommandPolicies { caches[0].policies.ofFallback(onError) }
}
