// Storing single items. Sets go out together with others that wait at the same time.

extension AsyncClient {
    /// Stores a value, replacing any earlier one.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - value: What to store.
    ///   - time: When the item expires: a number of seconds, or an ``Expiration``. Never, if not given.
    ///   - minCompressLen: Values of at least so many bytes are compressed; 0 compresses none. nil: the client's
    ///     setting.
    ///   - compressLevel: 1 (fastest) to 9 (smallest), 0 for none, -1 for the usual. nil: the client's setting.
    ///   - noreply: Whether not to wait for the server's reply; then true says nothing.
    /// - Returns: True. The server never declines a `set`.
    /// - Throws: As ``Client/set(_:_:time:minCompressLen:compressLevel:noreply:)`` does, and what every asynchronous
    ///   call may throw.
    @discardableResult
    public func set<K: CacheKey, V: Encodable & Sendable>(
        _ key: K,
        _ value: V,
        time: Expiration = .never,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) async throws(MemcachedError) -> Bool {
        if noreply {
            return try await perform(.set, key) { client throws(MemcachedError) in
                try client.set(
                    key,
                    value,
                    time: time,
                    minCompressLen: minCompressLen,
                    compressLevel: compressLevel,
                    noreply: true
                )
            }
        }
        let options = StoreOptions(time: time, minCompressLen: minCompressLen, compressLevel: compressLevel)
        if conversion.needsNoClient {
            let payload = try conversion.encode(value, options, .set)
            return try await send(.set, .store(time, encode: nil), QueuedKey(key), payload: payload).isPositive
        }
        let work = Request.Work.store(time) { client throws(MemcachedError) in
            try client.payload(value, options, .set)
        }
        return try await send(.set, work, QueuedKey(key)).isPositive
    }

    /// Stores a value unless the key has one.
    ///
    /// The parameters are those of ``set(_:_:time:minCompressLen:compressLevel:noreply:)``.
    ///
    /// - Returns: False if the item existed.
    /// - Throws: As ``set(_:_:time:minCompressLen:compressLevel:noreply:)`` does.
    public func add<K: CacheKey, V: Encodable & Sendable>(
        _ key: K,
        _ value: V,
        time: Expiration = .never,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) async throws(MemcachedError) -> Bool {
        try await perform(.add, key) { client throws(MemcachedError) in
            try client.add(
                key,
                value,
                time: time,
                minCompressLen: minCompressLen,
                compressLevel: compressLevel,
                noreply: noreply
            )
        }
    }

    /// Stores a value only if the key has one.
    ///
    /// The parameters are those of ``set(_:_:time:minCompressLen:compressLevel:noreply:)``.
    ///
    /// - Returns: False if the item did not exist.
    /// - Throws: As ``set(_:_:time:minCompressLen:compressLevel:noreply:)`` does.
    public func replace<K: CacheKey, V: Encodable & Sendable>(
        _ key: K,
        _ value: V,
        time: Expiration = .never,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) async throws(MemcachedError) -> Bool {
        try await perform(.replace, key) { client throws(MemcachedError) in
            try client.replace(
                key,
                value,
                time: time,
                minCompressLen: minCompressLen,
                compressLevel: compressLevel,
                noreply: noreply
            )
        }
    }

    /// Adds bytes at the end of a value; never use it on values that may be compressed.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - value: `[UInt8]`, `Data` or `String`.
    ///   - noreply: Whether not to wait for the server's reply.
    /// - Returns: False if the item did not exist.
    /// - Throws: As ``Client/append(_:_:noreply:)`` does, and what every asynchronous call may throw.
    @discardableResult
    public func append<K: CacheKey>(
        _ key: K,
        _ value: some Appendable & Sendable,
        noreply: Bool = false
    ) async throws(MemcachedError) -> Bool {
        try await perform(.append, key) { client throws(MemcachedError) in
            try client.append(key, value, noreply: noreply)
        }
    }

    /// Adds bytes in front of a value; never use it on values that may be compressed.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - value: `[UInt8]`, `Data` or `String`.
    ///   - noreply: Whether not to wait for the server's reply.
    /// - Returns: False if the item did not exist.
    /// - Throws: As ``Client/prepend(_:_:noreply:)`` does, and what every asynchronous call may throw.
    @discardableResult
    public func prepend<K: CacheKey>(
        _ key: K,
        _ value: some Appendable & Sendable,
        noreply: Bool = false
    ) async throws(MemcachedError) -> Bool {
        try await perform(.prepend, key) { client throws(MemcachedError) in
            try client.prepend(key, value, noreply: noreply)
        }
    }

    /// Stores a value if the item has not changed since its version was read.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - value: What to store.
    ///   - cas: The version, from ``gets(_:as:)`` or ``item(_:)``.
    ///   - time: When the item expires.
    ///   - minCompressLen: As in ``set(_:_:time:minCompressLen:compressLevel:noreply:)``.
    ///   - compressLevel: As in ``set(_:_:time:minCompressLen:compressLevel:noreply:)``.
    /// - Returns: False if the item has changed.
    /// - Throws: As ``Client/cas(_:_:cas:time:minCompressLen:compressLevel:noreply:)`` does, and what every
    ///   asynchronous call may throw.
    public func cas<K: CacheKey, V: Encodable & Sendable>(
        _ key: K,
        _ value: V,
        cas: CAS,
        time: Expiration = .never,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil
    ) async throws(MemcachedError) -> Bool {
        try await perform(.cas, key) { client throws(MemcachedError) in
            try client.cas(
                key,
                value,
                cas: cas,
                time: time,
                minCompressLen: minCompressLen,
                compressLevel: compressLevel
            )
        }
    }
}

extension AsyncClient {
    /// Gives an item a new value if it has not changed since it was read: memcached2's `set` of an item.
    ///
    /// - Parameters:
    ///   - item: The item, from ``item(_:)`` or ``items(_:keyPrefix:)``.
    ///   - value: What to store.
    ///   - time: When the item expires.
    ///   - minCompressLen: As in ``set(_:_:time:minCompressLen:compressLevel:noreply:)``.
    ///   - compressLevel: As in ``set(_:_:time:minCompressLen:compressLevel:noreply:)``.
    /// - Returns: False if the item has changed.
    /// - Throws: As ``cas(_:_:cas:time:minCompressLen:compressLevel:)`` does.
    @discardableResult
    public func set<V: Encodable & Sendable>(
        _ item: Item,
        to value: V,
        time: Expiration = .never,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil
    ) async throws(MemcachedError) -> Bool {
        try await cas(
            item.cacheKey,
            value,
            cas: item.cas,
            time: time,
            minCompressLen: minCompressLen,
            compressLevel: compressLevel
        )
    }
}

extension Client {
    /// Makes what is stored of a value, through the hook.
    fileprivate final func payload<V: Encodable>(
        _ value: V,
        _ options: StoreOptions,
        _ operation: Operation
    ) throws(MemcachedError) -> Payload {
        let payload = try _payload(value, operation)
        guard let compression = try compression(options, operation) else { return payload }
        return deflate.compressed(payload, compression, packing)
    }
}
