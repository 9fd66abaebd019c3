extension AsyncMemcachedCommands {
    /// A group of keys that can be dropped all at once: see ``AsyncVersionedNamespace``.
    ///
    /// ```swift
    /// let user = cache.namespace("user:42")
    /// try await user.set("avatar", picture)
    /// try await user.set("name", "Ada")
    /// try await user.invalidate()
    /// ```
    ///
    /// - Parameter name: Distinguishes the group from others. It is part of every key on the wire, and so are up to 15
    ///   bytes more.
    /// - Returns: The group, as a cache of its own.
    public func namespace(_ name: String) -> AsyncVersionedNamespace { AsyncVersionedNamespace(self, name: name) }
}

/// A group of keys that can be dropped all at once: ``VersionedNamespace`` for tasks.
///
/// Each call asks for the group's generation first, which costs a round trip. ``pinned()`` saves it for some calls in a
/// row.
public struct AsyncVersionedNamespace: AsyncForwardingCommands {
    /// The cache that is asked.
    public let cache: any AsyncMemcachedCommands
    /// The name that distinguishes the group from others.
    public let name: String
    private let generation: NamespaceGeneration

    /// Makes a group of keys.
    public init(_ cache: any AsyncMemcachedCommands, name: String) {
        self.cache = cache
        self.name = name
        generation = NamespaceGeneration(name: name)
    }

    /// The same as ``cache``.
    public var base: any AsyncMemcachedCommands { cache }

    /// Has the cache carry out a request with the group's keys.
    public func execute(_ request: MemcachedRequest) async throws(MemcachedError) -> MemcachedResponse {
        if let unprefixed = try generation.unprefixed(request) {
            defer { if case .flush = request.action { generation.noteChange() } }
            return try await cache.execute(unprefixed)
        }
        return try await cache.execute(request.prefixed(by: try await prefix(of: request)))
    }

    /// The group as it is now: later calls of ``invalidate()`` are not noticed.
    ///
    /// - Throws: `.badKey` or a failure of the server, and what every asynchronous call may throw.
    public func pinned() async throws(MemcachedError) -> AsyncPrefixedCommands {
        AsyncPrefixedCommands(cache, prefix: try await readPrefix(for: MemcachedRequest(.get, .ping)))
    }

    /// Drops all items of the group.
    ///
    /// - Throws: `.badKey` or a failure of the server; then the items may still be there.
    public func invalidate() async throws(MemcachedError) {
        defer { generation.noteChange() }
        _ = try await cache.execute(generation.change(for: .incr))
    }

    private func prefix(of request: MemcachedRequest) async throws(MemcachedError) -> String {
        if let known = try generation.knownPrefix(of: request) { return known }
        do throws(MemcachedError) {
            let prefix = try await readPrefix(for: request)
            generation.note(prefix, for: request)
            return prefix
        } catch {
            return try generation.prefix(of: request, after: error)
        }
    }

    private func readPrefix(for request: MemcachedRequest) async throws(MemcachedError) -> String {
        if let prefix = generation.prefix(found: try await cache.execute(generation.look(for: request))) {
            return prefix
        }
        let make = generation.make(for: request)
        return try generation.prefix(made: try await cache.execute(make), make)
    }
}
