// Storing many items. These calls go out alone: they are batches already.

extension AsyncClient {
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
        try await storeMany(
            .set,
            mapping,
            keyPrefix,
            StoreOptions(time: time, minCompressLen: minCompressLen, compressLevel: compressLevel, noreply: noreply)
        )
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
        try await storeMixed(
            .set,
            mapping,
            keyPrefix,
            StoreOptions(time: time, minCompressLen: minCompressLen, compressLevel: compressLevel, noreply: noreply)
        )
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
        try await storePairs(
            .set,
            Array(pairs),
            keyPrefix,
            StoreOptions(time: time, minCompressLen: minCompressLen, compressLevel: compressLevel, noreply: noreply)
        )
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
        try await storeMany(
            .add,
            mapping,
            keyPrefix,
            StoreOptions(time: time, minCompressLen: minCompressLen, compressLevel: compressLevel, noreply: noreply)
        )
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
        try await storeMixed(
            .add,
            mapping,
            keyPrefix,
            StoreOptions(time: time, minCompressLen: minCompressLen, compressLevel: compressLevel, noreply: noreply)
        )
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
        try await storePairs(
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
    public func replaceMulti<K: CacheKey, V: Encodable & Sendable>(
        _ mapping: [K: V],
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) async throws(MemcachedError) -> [K] {
        try await storeMany(
            .replace,
            mapping,
            keyPrefix,
            StoreOptions(time: time, minCompressLen: minCompressLen, compressLevel: compressLevel, noreply: noreply)
        )
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
        try await storeMixed(
            .replace,
            mapping,
            keyPrefix,
            StoreOptions(time: time, minCompressLen: minCompressLen, compressLevel: compressLevel, noreply: noreply)
        )
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
        try await storePairs(
            .replace,
            Array(pairs),
            keyPrefix,
            StoreOptions(time: time, minCompressLen: minCompressLen, compressLevel: compressLevel, noreply: noreply)
        )
    }

    private func storeMany<K: CacheKey, V: Encodable & Sendable>(
        _ command: StoreCommand,
        _ mapping: [K: V],
        _ prefix: String?,
        _ options: StoreOptions
    ) async throws(MemcachedError) -> [K] {
        try await perform(command.multiOperation) { client throws(MemcachedError) in
            try client._storeMany(command, mapping, prefix, options)
        }
    }

    private func storePairs<K: CacheKey, V: Encodable & Sendable>(
        _ command: StoreCommand,
        _ pairs: [(K, V)],
        _ prefix: String?,
        _ options: StoreOptions
    ) async throws(MemcachedError) -> [K] {
        try await perform(command.multiOperation) { client throws(MemcachedError) in
            try client._storePairs(command, pairs, prefix, options)
        }
    }

    private func storeMixed<K: CacheKey>(
        _ command: StoreCommand,
        _ mapping: [K: any Encodable & Sendable],
        _ prefix: String?,
        _ options: StoreOptions
    ) async throws(MemcachedError) -> [K] {
        try await perform(command.multiOperation) { client throws(MemcachedError) in
            try client.storeMixed(command, mapping.mapValues { $0 as any Encodable }, prefix, options)
        }
    }
}
