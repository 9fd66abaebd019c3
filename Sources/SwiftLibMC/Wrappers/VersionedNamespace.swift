extension MemcachedCommands {
    /// A group of keys that can be dropped all at once: see ``VersionedNamespace``.
    ///
    /// ```swift
    /// let user = client.namespace("user:42")
    /// try user.set("avatar", picture)
    /// try user.set("name", "Ada")
    /// try user.invalidate()
    /// ```
    ///
    /// - Parameter name: Distinguishes the group from others. It is part of every key on the wire, and so are up to 15
    ///   bytes more.
    /// - Returns: The group, as a cache of its own.
    public func namespace(_ name: String) -> VersionedNamespace { VersionedNamespace(self, name: name) }
}

/// A group of keys that can be dropped all at once, whatever they are and however many.
///
/// The cache keeps a number for the group, its generation, which is part of each key on the wire. ``invalidate()``
/// changes the number, and then earlier items are not found any more; they expire or are dropped for lack of memory, so
/// items should have an expiration. `flushAll` does the same, but takes no time other than now.
///
/// Each command with keys asks for the generation first, which costs a round trip. ``pinned()`` saves it for some calls
/// in a row. If the generation can't be read, the command fails as if its own server could not be reached.
///
/// `getOrSet`, `cached`, `caching` and `update` ask once, before the value is computed, and store it for that
/// generation: a value that was computed before an ``invalidate()`` is not seen after it. For a `get` and a later `set`
/// of your own the same is true if both use one ``pinned()``.
public struct VersionedNamespace: ForwardingCommands {
    /// The cache that is asked.
    public let cache: any MemcachedCommands
    /// The name that distinguishes the group from others.
    public let name: String
    private let generation: NamespaceGeneration

    /// Makes a group of keys.
    public init(_ cache: any MemcachedCommands, name: String) {
        self.cache = cache
        self.name = name
        generation = NamespaceGeneration(name: name)
    }

    /// The cache that is asked.
    public var base: any MemcachedCommands { cache }

    /// Has the cache carry out a request with the group's keys.
    public func execute(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
        if let unprefixed = try generation.unprefixed(request) {
            defer { if case .flush = request.action { generation.noteChange() } }
            return try cache.execute(unprefixed)
        }
        return try cache.execute(request.prefixed(by: try prefix(of: request)))
    }

    /// The group as it is now: later calls of ``invalidate()`` are not noticed.
    ///
    /// - Throws: `.badKey` or a failure of the server.
    public func pinned() throws(MemcachedError) -> PrefixedCommands {
        PrefixedCommands(cache, prefix: try readPrefix(for: MemcachedRequest(.get, .ping)))
    }

    /// Drops all items of the group.
    ///
    /// - Throws: `.badKey` or a failure of the server; then the items may still be there.
    public func invalidate() throws(MemcachedError) {
        defer { generation.noteChange() }
        _ = try cache.execute(generation.change(for: .incr))
    }

    private func prefix(of request: MemcachedRequest) throws(MemcachedError) -> String {
        if let known = try generation.knownPrefix(of: request) { return known }
        do throws(MemcachedError) {
            let prefix = try readPrefix(for: request)
            generation.note(prefix, for: request)
            return prefix
        } catch {
            return try generation.prefix(of: request, after: error)
        }
    }

    private func readPrefix(for request: MemcachedRequest) throws(MemcachedError) -> String {
        if let prefix = generation.prefix(found: try cache.execute(generation.look(for: request))) { return prefix }
        let make = generation.make(for: request)
        return try generation.prefix(made: try cache.execute(make), make)
    }
}
