extension MemcachedCommands {
    /// Stores many values: pylibmc's `set_multi`, without a round trip per key in the binary protocol.
    ///
    /// If a connection breaks meanwhile, the keys whose status is unknown are sent once more.
    ///
    /// - Parameters:
    ///   - mapping: The keys and their values.
    ///   - time: When the items expire.
    ///   - keyPrefix: What to put before each key on the wire. It counts towards a key's length and its hash.
    ///   - minCompressLen: As in ``set(_:_:time:minCompressLen:compressLevel:noreply:)``.
    ///   - compressLevel: As in ``set(_:_:time:minCompressLen:compressLevel:noreply:)``.
    ///   - noreply: Whether not to wait for the servers' replies. Then "none failed" means that the requests have been
    ///     sent; refusals, such as of values that are too large, go unnoticed.
    /// - Returns: The keys that were not stored, because a value is too large, or their server is full or does not
    ///   answer. In the last case ``onError`` is called; see ``Client/partialFailures``.
    /// - Throws: `.badKey` or `.serialization` before anything is sent, or a failure if no server answered.
    public func setMulti<K: CacheKey, V: Encodable>(
        _ mapping: [K: V],
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> [K] {
        let options = StoreOptions(time, minCompressLen, compressLevel, noreply: noreply)
        return try storeMulti(mapping, keyPrefix: keyPrefix, when: .always, with: options)
    }

    /// Stores many values of different types.
    ///
    /// Parameters, result and errors are those of the call for values of one type.
    public func setMulti<K: CacheKey>(
        _ mapping: [K: any Encodable],
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> [K] {
        let options = StoreOptions(time, minCompressLen, compressLevel, noreply: noreply)
        return try storeMulti(mapping, keyPrefix: keyPrefix, when: .always, with: options)
    }

    /// Stores many values, given as pairs.
    ///
    /// Of keys with the same bytes the last one wins.
    ///
    /// Parameters, result and errors are those of the call with a dictionary.
    public func setMulti<K: CacheKey, V: Encodable>(
        _ pairs: some Sequence<(K, V)>,
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> [K] {
        let options = StoreOptions(time, minCompressLen, compressLevel, noreply: noreply)
        return try storeMulti(Array(pairs), keyPrefix: keyPrefix, when: .always, with: options)
    }

    /// Stores many values, except under keys that have one: pylibmc's `add_multi`.
    ///
    /// Parameters and errors are those of `setMulti`.
    ///
    /// - Returns: The keys that were not stored, among them those that existed.
    public func addMulti<K: CacheKey, V: Encodable>(
        _ mapping: [K: V],
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> [K] {
        let options = StoreOptions(time, minCompressLen, compressLevel, noreply: noreply)
        return try storeMulti(mapping, keyPrefix: keyPrefix, when: .ifAbsent, with: options)
    }

    /// Stores many values of different types, except under keys that have one.
    public func addMulti<K: CacheKey>(
        _ mapping: [K: any Encodable],
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> [K] {
        let options = StoreOptions(time, minCompressLen, compressLevel, noreply: noreply)
        return try storeMulti(mapping, keyPrefix: keyPrefix, when: .ifAbsent, with: options)
    }

    /// Stores many values, given as pairs, except under keys that have one.
    ///
    /// Of keys with the same bytes the last one wins.
    public func addMulti<K: CacheKey, V: Encodable>(
        _ pairs: some Sequence<(K, V)>,
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> [K] {
        let options = StoreOptions(time, minCompressLen, compressLevel, noreply: noreply)
        return try storeMulti(Array(pairs), keyPrefix: keyPrefix, when: .ifAbsent, with: options)
    }

    /// Stores many values, only under keys that have one.
    ///
    /// Parameters and errors are those of `setMulti`.
    ///
    /// - Returns: The keys that were not stored, among them those that did not exist.
    public func replaceMulti<K: CacheKey, V: Encodable>(
        _ mapping: [K: V],
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> [K] {
        let options = StoreOptions(time, minCompressLen, compressLevel, noreply: noreply)
        return try storeMulti(mapping, keyPrefix: keyPrefix, when: .ifPresent, with: options)
    }

    /// Stores many values of different types, only under keys that have one.
    public func replaceMulti<K: CacheKey>(
        _ mapping: [K: any Encodable],
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> [K] {
        let options = StoreOptions(time, minCompressLen, compressLevel, noreply: noreply)
        return try storeMulti(mapping, keyPrefix: keyPrefix, when: .ifPresent, with: options)
    }

    /// Stores many values, given as pairs, only under keys that have one.
    ///
    /// Of keys with the same bytes the last one wins.
    public func replaceMulti<K: CacheKey, V: Encodable>(
        _ pairs: some Sequence<(K, V)>,
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> [K] {
        let options = StoreOptions(time, minCompressLen, compressLevel, noreply: noreply)
        return try storeMulti(Array(pairs), keyPrefix: keyPrefix, when: .ifPresent, with: options)
    }
}

// MARK: - The underlying methods

extension MemcachedCommands {
    /// Stores many values under a condition: `setMulti`, `addMulti` and `replaceMulti` call this.
    ///
    /// - Returns: The keys that were not stored.
    public func storeMulti<K: CacheKey, V: Encodable>(
        _ mapping: [K: V],
        keyPrefix: String?,
        when condition: StoreCondition,
        with options: StoreOptions
    ) throws(MemcachedError) -> [K] {
        try store(Array(mapping.keys), Array(mapping.values), prefix: keyPrefix, when: condition, with: options)
    }

    /// Stores many values of different types under a condition.
    ///
    /// - Returns: The keys that were not stored.
    public func storeMulti<K: CacheKey>(
        _ mapping: [K: any Encodable],
        keyPrefix: String?,
        when condition: StoreCondition,
        with options: StoreOptions
    ) throws(MemcachedError) -> [K] {
        let codec = codec
        var payloads: [MemcachedRequest.Value] = []
        for value in mapping.values {
            payloads.append(.bytes(try codec.encode(value, options, for: condition.multiOperation)))
        }
        return try store(Array(mapping.keys), payloads, prefix: keyPrefix, when: condition, with: options)
    }

    private func storeMulti<K: CacheKey, V: Encodable>(
        _ pairs: [(K, V)],
        keyPrefix: String?,
        when condition: StoreCondition,
        with options: StoreOptions
    ) throws(MemcachedError) -> [K] {
        let pairs = pairs.lastOfEachKey()
        return try store(pairs.map(\.0), pairs.map(\.1), prefix: keyPrefix, when: condition, with: options)
    }

    private func store<K: CacheKey, V: Encodable>(
        _ keys: [K],
        _ values: [V],
        prefix: String?,
        when condition: StoreCondition,
        with options: StoreOptions
    ) throws(MemcachedError) -> [K] {
        let codec = codec
        var payloads: [MemcachedRequest.Value] = []
        payloads.reserveCapacity(values.count)
        for value in values {
            payloads.append(.bytes(try codec.encode(value, options, for: condition.multiOperation)))
        }
        return try store(keys, payloads, prefix: prefix, when: condition, with: options)
    }

    private func store<K: CacheKey>(
        _ keys: [K],
        _ payloads: [MemcachedRequest.Value],
        prefix: String?,
        when condition: StoreCondition,
        with options: StoreOptions
    ) throws(MemcachedError) -> [K] {
        if keys.isEmpty { return [] }
        let action = MemcachedRequest.Action.store(.many(payloads), condition, .init(options))
        return try perform(.many(keys, prefix: prefix, action, for: condition.multiOperation)).failed(keys)
    }
}
