// The storing commands, made of `store`, `compareAndSwap` and `storeMulti`.

extension MemcachedCommands {
    /// Stores a value, replacing any earlier one.
    @inlinable
    @discardableResult
    public func set<K: CacheKey, V: Encodable>(
        _ key: K,
        _ value: V,
        time: Expiration = .never,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> Bool {
        let options = StoreOptions(
            time: time,
            minCompressLen: minCompressLen,
            compressLevel: compressLevel,
            noreply: noreply
        )
        return try store(key, value, when: .always, with: options)
    }

    /// Stores a value unless the key has one; false if it has.
    @inlinable
    @discardableResult
    public func add<K: CacheKey, V: Encodable>(
        _ key: K,
        _ value: V,
        time: Expiration = .never,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> Bool {
        let options = StoreOptions(
            time: time,
            minCompressLen: minCompressLen,
            compressLevel: compressLevel,
            noreply: noreply
        )
        return try store(key, value, when: .ifAbsent, with: options)
    }

    /// Stores a value only if the key has one; false if it has none.
    @inlinable
    @discardableResult
    public func replace<K: CacheKey, V: Encodable>(
        _ key: K,
        _ value: V,
        time: Expiration = .never,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> Bool {
        let options = StoreOptions(
            time: time,
            minCompressLen: minCompressLen,
            compressLevel: compressLevel,
            noreply: noreply
        )
        return try store(key, value, when: .ifPresent, with: options)
    }

    /// Stores a value if the item is still at a version; false if it has changed.
    @inlinable
    public func cas<K: CacheKey, V: Encodable>(
        _ key: K,
        _ value: V,
        cas: CAS,
        time: Expiration = .never,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> Bool {
        let options = StoreOptions(
            time: time,
            minCompressLen: minCompressLen,
            compressLevel: compressLevel,
            noreply: noreply
        )
        return try compareAndSwap(key, value, cas: cas, with: options)
    }

    /// Gives an item a new value if it has not changed since it was read; false if it has.
    @inlinable
    @discardableResult
    public func set<V: Encodable>(
        _ item: Item,
        to value: V,
        time: Expiration = .never,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil
    ) throws(MemcachedError) -> Bool {
        let options = StoreOptions(time: time, minCompressLen: minCompressLen, compressLevel: compressLevel)
        return try compareAndSwap(item.cacheKey, value, cas: item.cas, with: options)
    }

    /// Adds bytes at the end of a value; false if there is no such item.
    @inlinable
    @discardableResult
    public func append<K: CacheKey>(_ key: K, _ value: some Appendable) throws(MemcachedError) -> Bool {
        try append(key, value, noreply: false)
    }

    /// Adds bytes in front of a value; false if there is no such item.
    @inlinable
    @discardableResult
    public func prepend<K: CacheKey>(_ key: K, _ value: some Appendable) throws(MemcachedError) -> Bool {
        try prepend(key, value, noreply: false)
    }
}
