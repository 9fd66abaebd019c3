// python-memcached's stateful compare-and-swap.

/// The versions of items that a client has seen, by key.
struct SeenVersions {
    private struct Key: Hashable {
        let bytes: [UInt8]
        let routing: [UInt8]
    }

    /// nil for an item that did not exist.
    private var versions: [Key: CAS?] = [:]

    /// Remembers the version of an item, nil for one that does not exist.
    mutating func note(_ version: CAS?, of key: RawSpan, _ routing: RawSpan) {
        versions[Key(bytes: Array(copying: key), routing: Array(copying: routing))] = .some(version)
    }

    enum Version {
        case unseen
        case missing
        case seen(CAS)
    }

    func version(of key: some CacheKey) -> Version {
        key.withKeyBytes { key, routing in
            switch versions[Key(bytes: Array(copying: key), routing: Array(copying: routing))] {
            case .none: .unseen
            case .some(.none): .missing
            case .some(.some(let version)): .seen(version)
            }
        }
    }

    var isEmpty: Bool { versions.isEmpty }

    mutating func removeAll() { versions.removeAll() }
}

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
        let options = StoreOptions(
            time: time,
            minCompressLen: minCompressLen,
            compressLevel: compressLevel,
            noreply: noreply
        )
        switch seenVersions.version(of: key) {
        case .seen(let version): return try compareAndSwap(key, value, cas: version, with: options)
        case .missing: return try store(key, value, when: .ifAbsent, with: options)
        case .unseen: return try store(key, value, when: .always, with: options)
        }
    }

    /// Forgets the versions that ``gets(_:as:)`` has seen: python-memcached's `reset_cas`.
    ///
    /// They take memory until then, some hundred bytes for each key.
    public final func resetCAS() { seenVersions.removeAll() }
}
