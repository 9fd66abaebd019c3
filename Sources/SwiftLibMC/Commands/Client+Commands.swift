// What generic code and wrappers ask of a client. Called directly, a client's own methods are preferred to those that
// the protocol makes of its requirements.

extension Client: MemcachedCommands {
    /// Stores a value under a condition: ``set(_:_:time:minCompressLen:compressLevel:noreply:)``, `add` or `replace`.
    @inlinable
    @discardableResult
    public final func store<K: CacheKey, V: Encodable>(
        _ key: K,
        _ value: V,
        when condition: StoreCondition,
        with options: StoreOptions
    ) throws(MemcachedError) -> Bool {
        try _store(condition.command, key, value, options)
    }

    /// Stores a value if the item is still at a version:
    /// ``cas(_:_:cas:time:minCompressLen:compressLevel:noreply:)``.
    public final func compareAndSwap<K: CacheKey, V: Encodable>(
        _ key: K,
        _ value: V,
        cas: CAS,
        with options: StoreOptions
    ) throws(MemcachedError) -> Bool {
        try self.cas(
            key,
            value,
            cas: cas,
            time: options.time,
            minCompressLen: options.minCompressLen,
            compressLevel: options.compressLevel,
            noreply: options.noreply
        )
    }

    /// Stores many values under a condition: `setMulti`, `addMulti` or `replaceMulti`.
    @inlinable
    public final func storeMulti<K: CacheKey, V: Encodable>(
        _ mapping: [K: V],
        keyPrefix: String?,
        when condition: StoreCondition,
        with options: StoreOptions
    ) throws(MemcachedError) -> [K] {
        try _storeMany(condition.command, mapping, keyPrefix, options)
    }

    /// Stores many values of different types under a condition: `setMulti`, `addMulti` or `replaceMulti`.
    public final func storeMulti<K: CacheKey>(
        _ mapping: [K: any Encodable],
        keyPrefix: String?,
        when condition: StoreCondition,
        with options: StoreOptions
    ) throws(MemcachedError) -> [K] {
        try storeMixed(condition.command, mapping, keyPrefix, options)
    }
}

extension StoreCondition {
    @usableFromInline
    var command: StoreCommand {
        switch self {
        case .always: .set
        case .ifAbsent: .add
        case .ifPresent: .replace
        }
    }
}
