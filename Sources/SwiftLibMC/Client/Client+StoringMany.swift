extension Client {
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
    ///   answer. In the last case ``onError`` is told of it; see ``partialFailures``.
    /// - Throws: `.badKey` or `.serialization` before anything is sent, or a failure if no server answered.
    @inlinable
    public final func setMulti<K: CacheKey, V: Encodable>(
        _ mapping: [K: V],
        time: Expiration = .never,
        keyPrefix: String? = nil,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> [K] {
        try _storeMany(mapping, keyPrefix, StoreOptions(time, minCompressLen, compressLevel, noreply: noreply))
    }
}

// MARK: - From values to bytes

extension Client {
    @inlinable
    final func _storeMany<K: CacheKey, V: Encodable>(
        _ mapping: [K: V],
        _ prefix: String?,
        _ options: StoreOptions
    ) throws(MemcachedError) -> [K] {
        if !bypassesHooks, _isObserved {
            return try storeMulti(mapping, keyPrefix: prefix, when: .always, with: options)
        }
        let list = try _keyList(mapping.keys, count: mapping.count, prefix: prefix, for: .setMulti)
        let contents: StoredValues.Contents
        if bypassesHooks, V.self == [UInt8].self {
            contents = .bytes(recast(Array(mapping.values), as: [[UInt8]].self))
        } else if bypassesHooks, V.self == String.self {
            contents = .strings(recast(Array(mapping.values), as: [String].self))
        } else {
            var payloads: [Payload] = []
            payloads.reserveCapacity(mapping.count)
            for value in mapping.values { payloads.append(try _payload(value, .setMulti)) }
            contents = .payloads(payloads)
        }
        let failed = try _storeMany(list, contents, options)
        if _fastPath(failed.isEmpty) { return [] }
        // In the order in which they were sent, which is that of the mapping.
        let keys = Array(mapping.keys)
        return failed.map { keys[$0] }
    }

    @usableFromInline
    final func _storeMany(
        _ keys: KeyList,
        _ contents: StoredValues.Contents,
        _ options: StoreOptions
    ) throws(MemcachedError) -> [Int] {
        let compression = try compression(options, keys.operation)
        if keys.isEmpty { return [] }
        let outcome = handle.storeMany(
            .set,
            keys,
            StoredValues(contents, compression: compression, packing, with: deflate),
            expiration: options.time.wireValue(),
            isQuiet: options.noreply || handle.traits.isQuiet(.set)
        )
        try conclude(outcome, keys)
        return outcome.failed
    }

    final func conclude(_ outcome: ManyOutcome, _ keys: KeyList) throws(MemcachedError) {
        try conclude(outcome.failures, outcome.keyFailures, keys) { outcome.failed.contains($0) }
    }
}
