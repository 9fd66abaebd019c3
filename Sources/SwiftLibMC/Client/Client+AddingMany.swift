// `addMulti` and `replaceMulti`: the same three forms as `setMulti`.

extension Client {
    /// Stores many values, except under keys that have one: pylibmc's `add_multi`.
    ///
    /// Parameters and errors are those of `setMulti`.
    ///
    /// - Returns: The keys that were not stored, among them those that existed.
    @inlinable
    public final func addMulti<K: CacheKey, V: Encodable>(
        _ mapping: [K: V],
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> [K] {
        try _storeMany(
            .add,
            mapping,
            keyPrefix,
            StoreOptions(time: time, minCompressLen: minCompressLen, compressLevel: compressLevel, noreply: noreply)
        )
    }

    /// Stores many values of different types, except under keys that have one.
    public final func addMulti<K: CacheKey>(
        _ mapping: [K: any Encodable],
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> [K] {
        try storeMixed(
            .add,
            mapping,
            keyPrefix,
            StoreOptions(time: time, minCompressLen: minCompressLen, compressLevel: compressLevel, noreply: noreply)
        )
    }

    /// Stores many values, given as pairs, except under keys that have one.
    ///
    /// Of keys with the same bytes the last one wins.
    @inlinable
    public final func addMulti<K: CacheKey, V: Encodable>(
        _ pairs: some Sequence<(K, V)>,
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> [K] {
        try _storePairs(
            .add,
            Array(pairs),
            keyPrefix,
            StoreOptions(time: time, minCompressLen: minCompressLen, compressLevel: compressLevel, noreply: noreply)
        )
    }

    /// Stores many values, only under keys that have one.
    ///
    /// Parameters and errors are those of `setMulti`.
    ///
    /// - Returns: The keys that were not stored, among them those that did not exist.
    @inlinable
    public final func replaceMulti<K: CacheKey, V: Encodable>(
        _ mapping: [K: V],
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> [K] {
        try _storeMany(
            .replace,
            mapping,
            keyPrefix,
            StoreOptions(time: time, minCompressLen: minCompressLen, compressLevel: compressLevel, noreply: noreply)
        )
    }

    /// Stores many values of different types, only under keys that have one.
    public final func replaceMulti<K: CacheKey>(
        _ mapping: [K: any Encodable],
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> [K] {
        try storeMixed(
            .replace,
            mapping,
            keyPrefix,
            StoreOptions(time: time, minCompressLen: minCompressLen, compressLevel: compressLevel, noreply: noreply)
        )
    }

    /// Stores many values, given as pairs, only under keys that have one.
    ///
    /// Of keys with the same bytes the last one wins.
    @inlinable
    public final func replaceMulti<K: CacheKey, V: Encodable>(
        _ pairs: some Sequence<(K, V)>,
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> [K] {
        try _storePairs(
            .replace,
            Array(pairs),
            keyPrefix,
            StoreOptions(time: time, minCompressLen: minCompressLen, compressLevel: compressLevel, noreply: noreply)
        )
    }
}
