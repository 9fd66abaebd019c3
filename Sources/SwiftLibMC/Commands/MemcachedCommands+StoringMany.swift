// `setMulti`, `addMulti` and `replaceMulti`, made of `storeMulti`: each for values of one type, for values of different
// types, and for pairs.

extension MemcachedCommands {
    /// Stores many values; the keys that were not stored.
    @inlinable
    public func setMulti<K: CacheKey, V: Encodable>(
        _ mapping: [K: V],
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> [K] {
        let options = StoreOptions(
            time: time,
            minCompressLen: minCompressLen,
            compressLevel: compressLevel,
            noreply: noreply
        )
        return try storeMulti(mapping, keyPrefix: keyPrefix, when: .always, with: options)
    }

    /// Stores many values, of different types; the keys that were not stored.
    @inlinable
    public func setMulti<K: CacheKey>(
        _ mapping: [K: any Encodable],
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> [K] {
        let options = StoreOptions(
            time: time,
            minCompressLen: minCompressLen,
            compressLevel: compressLevel,
            noreply: noreply
        )
        return try storeMulti(mapping, keyPrefix: keyPrefix, when: .always, with: options)
    }

    /// Stores many values, given as pairs, of which the last one for a key wins; the keys that were not stored.
    @inlinable
    public func setMulti<K: CacheKey, V: Encodable>(
        _ pairs: some Sequence<(K, V)>,
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> [K] {
        let options = StoreOptions(
            time: time,
            minCompressLen: minCompressLen,
            compressLevel: compressLevel,
            noreply: noreply
        )
        return try _storePairs(Array(pairs), keyPrefix: keyPrefix, when: .always, with: options)
    }

    /// Stores many values, except under keys that have one; the keys that were not stored.
    @inlinable
    public func addMulti<K: CacheKey, V: Encodable>(
        _ mapping: [K: V],
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> [K] {
        let options = StoreOptions(
            time: time,
            minCompressLen: minCompressLen,
            compressLevel: compressLevel,
            noreply: noreply
        )
        return try storeMulti(mapping, keyPrefix: keyPrefix, when: .ifAbsent, with: options)
    }

    /// Stores many values, except under keys that have one, of different types; the keys that were not stored.
    @inlinable
    public func addMulti<K: CacheKey>(
        _ mapping: [K: any Encodable],
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> [K] {
        let options = StoreOptions(
            time: time,
            minCompressLen: minCompressLen,
            compressLevel: compressLevel,
            noreply: noreply
        )
        return try storeMulti(mapping, keyPrefix: keyPrefix, when: .ifAbsent, with: options)
    }

    /// Stores many values, except under keys that have one, given as pairs, of which the last one for a key wins;
    /// the keys that were not stored.
    @inlinable
    public func addMulti<K: CacheKey, V: Encodable>(
        _ pairs: some Sequence<(K, V)>,
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> [K] {
        let options = StoreOptions(
            time: time,
            minCompressLen: minCompressLen,
            compressLevel: compressLevel,
            noreply: noreply
        )
        return try _storePairs(Array(pairs), keyPrefix: keyPrefix, when: .ifAbsent, with: options)
    }

    /// Stores many values, only under keys that have one; the keys that were not stored.
    @inlinable
    public func replaceMulti<K: CacheKey, V: Encodable>(
        _ mapping: [K: V],
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> [K] {
        let options = StoreOptions(
            time: time,
            minCompressLen: minCompressLen,
            compressLevel: compressLevel,
            noreply: noreply
        )
        return try storeMulti(mapping, keyPrefix: keyPrefix, when: .ifPresent, with: options)
    }

    /// Stores many values, only under keys that have one, of different types; the keys that were not stored.
    @inlinable
    public func replaceMulti<K: CacheKey>(
        _ mapping: [K: any Encodable],
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> [K] {
        let options = StoreOptions(
            time: time,
            minCompressLen: minCompressLen,
            compressLevel: compressLevel,
            noreply: noreply
        )
        return try storeMulti(mapping, keyPrefix: keyPrefix, when: .ifPresent, with: options)
    }

    /// Stores many values, only under keys that have one, given as pairs, of which the last one for a key wins; the
    /// keys that were not stored.
    @inlinable
    public func replaceMulti<K: CacheKey, V: Encodable>(
        _ pairs: some Sequence<(K, V)>,
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> [K] {
        let options = StoreOptions(
            time: time,
            minCompressLen: minCompressLen,
            compressLevel: compressLevel,
            noreply: noreply
        )
        return try _storePairs(Array(pairs), keyPrefix: keyPrefix, when: .ifPresent, with: options)
    }

    @inlinable
    func _storePairs<K: CacheKey, V: Encodable>(
        _ pairs: [(K, V)],
        keyPrefix: String?,
        when condition: StoreCondition,
        with options: StoreOptions
    ) throws(MemcachedError) -> [K] {
        let mapping = Dictionary(pairs) { _, last in last }
        if _fastPath(mapping.count == pairs.count) {
            return try storeMulti(mapping, keyPrefix: keyPrefix, when: condition, with: options)
        }
        let distinct = LastPairs(pairs)
        return distinct.keys(
            try storeMulti(distinct.mapping, keyPrefix: keyPrefix, when: condition, with: options)
        )
    }
}
