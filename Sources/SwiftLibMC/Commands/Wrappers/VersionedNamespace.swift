#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

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
/// of memory, so that items should have an expiration.
///
/// Each call asks for the generation first, which costs a round trip. ``pinned()`` spares it for some calls in a row.
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

    /// Has a command carried out with the group's keys.
    public func forward<R>(
        _ kind: CommandKind,
        _ command: (any MemcachedCommands) throws(MemcachedError) -> R
    ) throws(MemcachedError) -> R {
        try command(try pinned())
    }

    /// The group as it is now: no later ``invalidate()`` of anybody is noticed.
    ///
    /// - Throws: `.badKey` or a failure of the server.
    public func pinned() throws(MemcachedError) -> PrefixedCommands {
        PrefixedCommands(cache, prefix: "\(name):\(String(try generation(), radix: 36)):")
    }

    /// Drops all items of the group.
    ///
    /// - Throws: `.badKey` or a failure of the server; then the items may still be there.
    public func invalidate() throws(MemcachedError) {
        try cache.count(counter, by: CounterStep(.up, initial: Self.firstGeneration))
    }

    /// Drops all items of the group, and nobody else's: the same as ``invalidate()``.
    ///
    /// - Throws: `.notSupported` for a time other than now.
    public func flushAll(time: Expiration) throws(MemcachedError) {
        guard time.flushDelay() == 0 else {
            throw MemcachedError(
                code: .notSupported,
                operation: .flushAll,
                detail: "a namespace can only be emptied at once"
            )
        }
        try invalidate()
    }

    private var counter: String { "\(name):generation" }

    private func generation() throws(MemcachedError) -> UInt64 {
        let generation = try cache.get(counter, as: UInt64.self, default: 0)
        if generation > 0 { return generation }
        // By zero: somebody else may just have made one.
        return try cache.count(counter, by: CounterStep(.up, delta: 0, initial: Self.firstGeneration))
    }

    /// A generation that is larger than any that was there, in case the server has dropped the counter.
    private static var firstGeneration: UInt64 { UInt64(max(0, Date().timeIntervalSince1970 * 1_000_000)) }
}
