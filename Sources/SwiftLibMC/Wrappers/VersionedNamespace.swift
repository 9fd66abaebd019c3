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
    /// - Parameter name: What tells the group from others. It is part of every key on the wire, and so are up to 15
    ///   bytes more.
    /// - Returns: The group, as a cache of its own.
    public func namespace(_ name: String) -> VersionedNamespace { VersionedNamespace(self, name: name) }
}

/// A group of keys that can be dropped all at once, whatever they are and however many.
///
/// The cache keeps a number for the group, its generation, which is part of each key on the wire. ``invalidate()``
/// changes the number, and then no earlier item is found any more; what is left of them expires or is dropped for want
/// of memory, so that items should have an expiration. `flushAll` is the same, and takes no other time than now.
///
/// Each command with keys asks for the generation first, which costs a round trip. ``pinned()`` spares it for some calls
/// in a row. If it can't be read, the command fails as it does when its own server can't be reached.
public struct VersionedNamespace: ForwardingCommands {
    /// The cache that is asked.
    public let cache: any MemcachedCommands
    /// What tells the group from others.
    public let name: String

    /// Makes a group of keys.
    public init(_ cache: any MemcachedCommands, name: String) {
        self.cache = cache
        self.name = name
    }

    /// The cache that is asked.
    public var base: any MemcachedCommands { cache }

    private var generation: NamespaceGeneration { NamespaceGeneration(name: name) }

    /// Has the request carried out with the group's keys.
    public func execute(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
        if let unprefixed = try generation.unprefixed(request) { return try cache.execute(unprefixed) }
        let prefix: String
        do throws(MemcachedError) {
            prefix = try self.prefix(for: request.operation)
        } catch {
            prefix = try generation.prefix(of: request, after: error)
        }
        return try cache.execute(request.prefixed(by: prefix))
    }

    /// The group as it is now: no later ``invalidate()`` of anybody is noticed.
    ///
    /// - Throws: `.badKey` or a failure of the server.
    public func pinned() throws(MemcachedError) -> PrefixedCommands {
        PrefixedCommands(cache, prefix: try prefix(for: .get))
    }

    /// Drops all items of the group.
    ///
    /// - Throws: `.badKey` or a failure of the server; then the items may still be there.
    public func invalidate() throws(MemcachedError) { _ = try cache.execute(generation.change(for: .incr)) }

    private func prefix(for operation: Operation) throws(MemcachedError) -> String {
        if let prefix = generation.prefix(found: try cache.execute(generation.look(for: operation))) { return prefix }
        let make = generation.make(for: operation)
        return try generation.prefix(made: try cache.execute(make), make)
    }
}
