/// The commands of memcached, whoever carries them out: a ``Client``, something wrapped around one, or a
/// ``MockClient``.
///
/// Write what uses a cache for `some MemcachedCommands`, and it runs with all of them:
///
/// ```swift
/// struct Sessions<Cache: MemcachedCommands> {
///     let cache: Cache
///
///     func user(of session: String) throws -> User? { try cache.get("session:\(session)") }
/// }
/// ```
///
/// The names and meanings are those of ``Client``; what is not a requirement here, such as `set` and `incr`, is made of
/// the requirements in extensions. Of your own conforming type most requirements can be left out: it has to have
/// ``item(_:)``, ``store(_:_:when:with:)``, ``compareAndSwap(_:_:cas:with:)``, ``append(_:_:noreply:)``,
/// ``prepend(_:_:noreply:)``, ``delete(_:noreply:)``, ``touch(_:time:)``, ``count(_:by:)`` and ``flushAll(time:)``. A
/// wrapper that passes on what it is asked has an even shorter way: ``ForwardingCommands``.
///
/// Conforming types may be classes or structures, and need not be `Sendable`: they belong to one thread or task at a
/// time unless they say otherwise.
public protocol MemcachedCommands {
    // MARK: Reading

    /// Reads a value; nil on a miss.
    func get<K: CacheKey, V: Decodable>(_ key: K, as type: V.Type) throws(MemcachedError) -> V?

    /// Reads a value together with its version; nil on a miss.
    func gets<K: CacheKey, V: Decodable>(
        _ key: K,
        as type: V.Type
    ) throws(MemcachedError) -> (value: V, cas: CAS)?

    /// Lends the bytes of a value, inflated; nil on a miss.
    func withBytes<K: CacheKey, R>(_ key: K, _ body: (RawSpan) throws -> R) throws -> R?

    /// Reads an item as it is stored; nil on a miss.
    func item<K: CacheKey>(_ key: K) throws(MemcachedError) -> Item?

    /// Reads the value of an item.
    func decode<V: Decodable>(_ item: Item, as type: V.Type) throws(MemcachedError) -> V

    /// Whether an item exists.
    func contains<K: CacheKey>(_ key: K) throws(MemcachedError) -> Bool

    /// Reads many values: those that were found, under the caller's own keys.
    func getMulti<K: CacheKey, V: Decodable>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        as type: V.Type
    ) throws(MemcachedError) -> [K: V]

    /// Reads many values: for each key, in order, its value or nil.
    func getMultiArray<K: CacheKey, V: Decodable>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        as type: V.Type
    ) throws(MemcachedError) -> [V?]

    /// Reads many values together with their versions.
    func getsMulti<K: CacheKey, V: Decodable>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        as type: V.Type
    ) throws(MemcachedError) -> [K: (value: V, cas: CAS)]

    /// Reads many items as they are stored.
    func items<K: CacheKey>(_ keys: some Sequence<K>, keyPrefix: String?) throws(MemcachedError) -> [K: Item]

    // MARK: Writing

    /// Stores a value under a condition: what `set`, `add` and `replace` are made of.
    ///
    /// - Returns: False if the condition was not met.
    @discardableResult
    func store<K: CacheKey, V: Encodable>(
        _ key: K,
        _ value: V,
        when condition: StoreCondition,
        with options: StoreOptions
    ) throws(MemcachedError) -> Bool

    /// Stores a value if the item is still at a version: what `cas` is made of.
    ///
    /// - Returns: False if the item has changed.
    /// - Throws: `.notFound` if there is no such item.
    func compareAndSwap<K: CacheKey, V: Encodable>(
        _ key: K,
        _ value: V,
        cas: CAS,
        with options: StoreOptions
    ) throws(MemcachedError) -> Bool

    /// Adds bytes at the end of a value; false if there is no such item.
    @discardableResult
    func append<K: CacheKey, V: Appendable>(_ key: K, _ value: V, noreply: Bool) throws(MemcachedError) -> Bool

    /// Adds bytes in front of a value; false if there is no such item.
    @discardableResult
    func prepend<K: CacheKey, V: Appendable>(_ key: K, _ value: V, noreply: Bool) throws(MemcachedError) -> Bool

    /// Deletes an item; false if there was none.
    @discardableResult
    func delete<K: CacheKey>(_ key: K, noreply: Bool) throws(MemcachedError) -> Bool

    /// Sets when an item expires; false if there is none.
    @discardableResult
    func touch<K: CacheKey>(_ key: K, time: Expiration) throws(MemcachedError) -> Bool

    /// Counts up or down: what `incr` and `decr` are made of.
    ///
    /// - Returns: The new value.
    /// - Throws: `.notFound` if there is no such item and the step has no initial value.
    @discardableResult
    func count<K: CacheKey>(_ key: K, by step: CounterStep) throws(MemcachedError) -> UInt64

    // MARK: Writing much at once

    /// Stores many values under a condition: what `setMulti`, `addMulti` and `replaceMulti` are made of.
    ///
    /// - Returns: The keys that were not stored.
    func storeMulti<K: CacheKey, V: Encodable>(
        _ mapping: [K: V],
        keyPrefix: String?,
        when condition: StoreCondition,
        with options: StoreOptions
    ) throws(MemcachedError) -> [K]

    /// Stores many values of different types under a condition.
    ///
    /// - Returns: The keys that were not stored.
    func storeMulti<K: CacheKey>(
        _ mapping: [K: any Encodable],
        keyPrefix: String?,
        when condition: StoreCondition,
        with options: StoreOptions
    ) throws(MemcachedError) -> [K]

    /// Deletes many items; true if all were there.
    @discardableResult
    func deleteMulti<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        noreply: Bool
    ) throws(MemcachedError) -> Bool

    /// Sets when many items expire; the keys that were not found.
    @discardableResult
    func touchMulti<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        time: Expiration
    ) throws(MemcachedError) -> [K]

    /// Counts many items up or down: what `incrMulti` and `decrMulti` are made of.
    ///
    /// - Throws: `.notFound`, with the keys, if any was missing, after doing the rest.
    func countMulti<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        by step: CounterStep
    ) throws(MemcachedError)

    // MARK: Servers

    /// Empties all servers.
    func flushAll(time: Expiration) throws(MemcachedError)

    /// Closes all connections; the next command connects again.
    func disconnectAll()

    /// Reads the statistics of each server that answers.
    func getStats(_ args: String?) throws(MemcachedError) -> [(server: Server, stats: [String: String])]

    /// Asks each server for its version.
    func version() throws(MemcachedError) -> [(server: Server, version: String)]

    /// Asks each server whether it answers.
    func ping() -> [(server: Server, error: MemcachedError?)]

    /// Hears of the errors that no call throws, such as those of the subscripts.
    var onError: (@Sendable (MemcachedError) -> Void)? { get }
}
