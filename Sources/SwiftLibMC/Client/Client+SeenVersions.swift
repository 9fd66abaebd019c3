// python-memcached's stateful compare-and-swap.

extension Client {
    /// Stores a value if the item has not changed since this client's last ``gets(_:as:)`` of it: python-memcached's
    /// `cas`.
    ///
    /// It needs ``cacheCAS``. An item that was missing then is stored only if it still is. An item that `gets` was
    /// never called for is stored in any case, as python-memcached does.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - value: What to store.
    ///   - time: When the item expires.
    ///   - minCompressLen: As in ``set(_:_:time:minCompressLen:compressLevel:noreply:)``.
    ///   - compressLevel: As in ``set(_:_:time:minCompressLen:compressLevel:noreply:)``.
    ///   - noreply: Whether not to wait for the server's reply. Then the result is true, whatever happens to the item.
    /// - Returns: False if the item has changed. Before the next try call `gets` again: the remembered version is used
    ///   up.
    /// - Throws: `.invalidArguments` if ``cacheCAS`` is off, and what `cas` with a token throws.
    public final func cas<K: CacheKey, V: Encodable>(
        _ key: K,
        _ value: V,
        time: Expiration = .never,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> Bool {
        guard cacheCAS else {
            throw MemcachedError(
                code: .invalidArguments,
                operation: .cas,
                detail: "without a token cas needs the client to remember those of gets: cacheCAS has to be true"
            )
        }
        let options = StoreOptions(time, minCompressLen, compressLevel, noreply: noreply)
        let seen = key.withKeyBytes { key, routing in seenVersions[.init(key, in: routing)] }
        switch seen {
        case .some(.some(let version)): return try compareAndSwap(key, value, cas: version, with: options)
        case .some(.none): return try store(key, value, when: .ifAbsent, with: options)
        case .none: return try store(key, value, when: .always, with: options)
        }
    }

    /// Forgets the versions that ``gets(_:as:)`` has seen: python-memcached's `reset_cas`.
    ///
    /// They take memory until then, some hundred bytes for each key.
    public final func resetCAS() { seenVersions.removeAll() }
}
