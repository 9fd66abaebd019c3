// Storing many items.

extension AsyncMemcachedCommands {
    /// Stores many values, replacing earlier ones.
    ///
    /// - Parameters:
    ///   - mapping: The keys and their values.
    ///   - time: When the items expire.
    ///   - keyPrefix: What to put before each key on the wire.
    ///   - minCompressLen: As in ``set(_:_:time:minCompressLen:compressLevel:noreply:)``.
    ///   - compressLevel: As in ``set(_:_:time:minCompressLen:compressLevel:noreply:)``.
    ///   - noreply: Whether not to wait for the servers' replies; then no failure but a bad key is noticed.
    /// - Returns: The keys that were not stored: a value is too large, or their server is full or does not answer.
    /// - Throws: As ``Client/setMulti(_:time:keyPrefix:minCompressLen:compressLevel:noreply:)`` does, and what every
    ///   asynchronous call may throw.
    public func setMulti<K: CacheKey, V: Encodable & Sendable>(
        _ mapping: [K: V],
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) async throws(MemcachedError) -> [K] {
        let options = StoreOptions(time, minCompressLen, compressLevel, noreply: noreply)
        return try await storeMulti(mapping, keyPrefix: keyPrefix, when: .always, with: options)
    }

    /// Stores many values of different types, replacing earlier ones.
    ///
    /// Parameters, result and errors are those of the call for values of one type.
    public func setMulti<K: CacheKey>(
        _ mapping: [K: any Encodable & Sendable],
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) async throws(MemcachedError) -> [K] {
        let options = StoreOptions(time, minCompressLen, compressLevel, noreply: noreply)
        return try await storeMulti(mapping, keyPrefix: keyPrefix, when: .always, with: options)
    }

    /// Stores many values, given as pairs, replacing earlier ones; of keys with the same bytes the last wins.
    ///
    /// Parameters, result and errors are those of the call with a dictionary.
    public func setMulti<K: CacheKey, V: Encodable & Sendable>(
        _ pairs: some Sequence<(K, V)>,
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) async throws(MemcachedError) -> [K] {
        let options = StoreOptions(time, minCompressLen, compressLevel, noreply: noreply)
        return try await storeMulti(pairs: pairs, keyPrefix: keyPrefix, when: .always, with: options)
    }

    /// Stores many values, except under keys that have one.
    ///
    /// Parameters and errors are those of `setMulti`.
    ///
    /// - Returns: The keys that were not stored, among them those that existed.
    public func addMulti<K: CacheKey, V: Encodable & Sendable>(
        _ mapping: [K: V],
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) async throws(MemcachedError) -> [K] {
        let options = StoreOptions(time, minCompressLen, compressLevel, noreply: noreply)
        return try await storeMulti(mapping, keyPrefix: keyPrefix, when: .ifAbsent, with: options)
    }

    /// Stores many values of different types, except under keys that have one.
    ///
    /// Parameters, result and errors are those of the call for values of one type.
    public func addMulti<K: CacheKey>(
        _ mapping: [K: any Encodable & Sendable],
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) async throws(MemcachedError) -> [K] {
        let options = StoreOptions(time, minCompressLen, compressLevel, noreply: noreply)
        return try await storeMulti(mapping, keyPrefix: keyPrefix, when: .ifAbsent, with: options)
    }

    /// Stores many values, given as pairs, except under keys that have one; of keys with the same bytes the last wins.
    ///
    /// Parameters, result and errors are those of the call with a dictionary.
    public func addMulti<K: CacheKey, V: Encodable & Sendable>(
        _ pairs: some Sequence<(K, V)>,
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) async throws(MemcachedError) -> [K] {
        let options = StoreOptions(time, minCompressLen, compressLevel, noreply: noreply)
        return try await storeMulti(pairs: pairs, keyPrefix: keyPrefix, when: .ifAbsent, with: options)
    }

    /// Stores many values, only under keys that have one.
    ///
    /// Parameters and errors are those of `setMulti`.
    ///
    /// - Returns: The keys that were not stored, among them those that did not exist.
    public func replaceMulti<K: CacheKey, V: Encodable & Sendable>(
        _ mapping: [K: V],
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) async throws(MemcachedError) -> [K] {
        let options = StoreOptions(time, minCompressLen, compressLevel, noreply: noreply)
        return try await storeMulti(mapping, keyPrefix: keyPrefix, when: .ifPresent, with: options)
    }

    /// Stores many values of different types, only under keys that have one.
    ///
    /// Parameters, result and errors are those of the call for values of one type.
    public func replaceMulti<K: CacheKey>(
        _ mapping: [K: any Encodable & Sendable],
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) async throws(MemcachedError) -> [K] {
        let options = StoreOptions(time, minCompressLen, compressLevel, noreply: noreply)
        return try await storeMulti(mapping, keyPrefix: keyPrefix, when: .ifPresent, with: options)
    }

    /// Stores many values, given as pairs, only under keys that have one; of keys with the same bytes the last wins.
    ///
    /// Parameters, result and errors are those of the call with a dictionary.
    public func replaceMulti<K: CacheKey, V: Encodable & Sendable>(
        _ pairs: some Sequence<(K, V)>,
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) async throws(MemcachedError) -> [K] {
        let options = StoreOptions(time, minCompressLen, compressLevel, noreply: noreply)
        return try await storeMulti(pairs: pairs, keyPrefix: keyPrefix, when: .ifPresent, with: options)
    }

    /// Stores many values under a condition: `setMulti`, `addMulti` and `replaceMulti` call this.
    ///
    /// - Returns: The keys that were not stored.
    public func storeMulti<K: CacheKey, V: Encodable & Sendable>(
        _ mapping: [K: V],
        keyPrefix: String?,
        when condition: StoreCondition,
        with options: StoreOptions
    ) async throws(MemcachedError) -> [K] {
        let operation = condition.multiOperation
        let values = try mapping.values.map { value throws(MemcachedError) in
            try stored(value, options, for: operation)
        }
        return try await store(Array(mapping.keys), prefix: keyPrefix, values, when: condition, with: options)
    }

    /// Stores many values of different types under a condition.
    ///
    /// - Returns: The keys that were not stored.
    public func storeMulti<K: CacheKey>(
        _ mapping: [K: any Encodable & Sendable],
        keyPrefix: String?,
        when condition: StoreCondition,
        with options: StoreOptions
    ) async throws(MemcachedError) -> [K] {
        let operation = condition.multiOperation
        let values = try mapping.values.map { value throws(MemcachedError) in
            try stored(value, options, for: operation)
        }
        return try await store(Array(mapping.keys), prefix: keyPrefix, values, when: condition, with: options)
    }

    private func storeMulti<K: CacheKey, V: Encodable & Sendable>(
        pairs: some Sequence<(K, V)>,
        keyPrefix: String?,
        when condition: StoreCondition,
        with options: StoreOptions
    ) async throws(MemcachedError) -> [K] {
        let operation = condition.multiOperation
        let pairs = pairs.lastOfEachKey()
        let values = try pairs.map { pair throws(MemcachedError) in try stored(pair.1, options, for: operation) }
        return try await store(pairs.map(\.0), prefix: keyPrefix, values, when: condition, with: options)
    }

    private func store<K: CacheKey>(
        _ keys: [K],
        prefix: String?,
        _ values: [MemcachedRequest.Value],
        when condition: StoreCondition,
        with options: StoreOptions
    ) async throws(MemcachedError) -> [K] {
        if keys.isEmpty { return [] }
        let action = MemcachedRequest.Action.store(.many(values), condition, .init(options))
        return try await perform(.many(keys, prefix: prefix, action, for: condition.multiOperation)).failed(keys)
    }
}
