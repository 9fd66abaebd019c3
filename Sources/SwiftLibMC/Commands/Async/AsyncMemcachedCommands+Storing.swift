// Storing single items.

extension AsyncMemcachedCommands {
    /// Stores a value, replacing any earlier one.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - value: What to store.
    ///   - time: When the item expires: a number of seconds, or an ``Expiration``. Never, if not given.
    ///   - minCompressLen: Values of at least this many bytes are compressed; 0 compresses none. nil: the client's
    ///     setting.
    ///   - compressLevel: 1 (fastest) to 9 (smallest), 0 for none, -1 for the usual. nil: the client's setting.
    ///   - noreply: Whether not to wait for the server's reply; then true means nothing.
    /// - Returns: True. The server never declines a `set`.
    /// - Throws: As ``Client/set(_:_:time:minCompressLen:compressLevel:noreply:)`` does, and what every asynchronous
    ///   call may throw.
    @inlinable
    @inline(__always)
    @discardableResult
    public func set<K: CacheKey, V: Encodable & Sendable>(
        _ key: K,
        _ value: V,
        time: Expiration = .never,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) async throws(MemcachedError) -> Bool {
        let options = StoreOptions(time, minCompressLen, compressLevel, noreply: noreply)
        return try await store(key, value, when: .always, with: options)
    }

    /// Stores a value unless the key has one.
    ///
    /// The parameters are those of ``set(_:_:time:minCompressLen:compressLevel:noreply:)``.
    ///
    /// - Returns: False if the item existed.
    /// - Throws: As ``set(_:_:time:minCompressLen:compressLevel:noreply:)`` does.
    @inlinable
    @inline(__always)
    public func add<K: CacheKey, V: Encodable & Sendable>(
        _ key: K,
        _ value: V,
        time: Expiration = .never,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) async throws(MemcachedError) -> Bool {
        let options = StoreOptions(time, minCompressLen, compressLevel, noreply: noreply)
        return try await store(key, value, when: .ifAbsent, with: options)
    }

    /// Stores a value only if the key has one.
    ///
    /// The parameters are those of ``set(_:_:time:minCompressLen:compressLevel:noreply:)``.
    ///
    /// - Returns: False if the item did not exist.
    /// - Throws: As ``set(_:_:time:minCompressLen:compressLevel:noreply:)`` does.
    @inlinable
    @inline(__always)
    public func replace<K: CacheKey, V: Encodable & Sendable>(
        _ key: K,
        _ value: V,
        time: Expiration = .never,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) async throws(MemcachedError) -> Bool {
        let options = StoreOptions(time, minCompressLen, compressLevel, noreply: noreply)
        return try await store(key, value, when: .ifPresent, with: options)
    }

    /// Stores a value under a condition: `set`, `add` and `replace` call this.
    ///
    /// - Returns: False if the condition was not met.
    @inlinable
    @inline(__always)
    @discardableResult
    public func store<K: CacheKey, V: Encodable & Sendable>(
        _ key: K,
        _ value: V,
        when condition: StoreCondition,
        with options: StoreOptions
    ) async throws(MemcachedError) -> Bool {
        let key = MemcachedRequest.Key(key)
        if V.self == [UInt8].self {
            return try await _store(key, recast(value, as: [UInt8].self), when: condition, with: options)
        }
        if V.self == String.self {
            return try await _store(key, recast(value, as: String.self), when: condition, with: options)
        }
        return try await _storeValue(key, value, when: condition, with: options)
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
        try await isDone(.one(key, .extend(value.appendedBytes, atEnd: true, noreply: noreply), for: .append))
    }

    /// Adds bytes in front of a value; never use it on values that may be compressed.
    ///
    /// Parameters, result and errors are those of ``append(_:_:noreply:)``.
    @discardableResult
    public func prepend<K: CacheKey>(
        _ key: K,
        _ value: some Appendable & Sendable,
        noreply: Bool = false
    ) async throws(MemcachedError) -> Bool {
        try await isDone(.one(key, .extend(value.appendedBytes, atEnd: false, noreply: noreply), for: .prepend))
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
    ///   - noreply: Whether not to wait for the server's reply; then true means nothing.
    /// - Returns: False if the item has changed.
    /// - Throws: As ``Client/cas(_:_:cas:time:minCompressLen:compressLevel:noreply:)`` does, and what every
    ///   asynchronous call may throw.
    public func cas<K: CacheKey, V: Encodable & Sendable>(
        _ key: K,
        _ value: V,
        cas: CAS,
        time: Expiration = .never,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) async throws(MemcachedError) -> Bool {
        let options = StoreOptions(time, minCompressLen, compressLevel, noreply: noreply)
        return try await compareAndSwap(key, value, cas: cas, with: options)
    }

    /// Stores a value if the item is still at a version: `cas` calls this.
    ///
    /// - Returns: False if the item has changed.
    /// - Throws: `.notFound` if there is no such item.
    public func compareAndSwap<K: CacheKey, V: Encodable & Sendable>(
        _ key: K,
        _ value: V,
        cas: CAS,
        with options: StoreOptions
    ) async throws(MemcachedError) -> Bool {
        let value = try stored(value, options, for: .cas)
        let request = MemcachedRequest.one(key, .swap(value, cas, .init(options)), for: .cas)
        return try await perform(request).isSwapped(request, policies)
    }

    /// Gives an item a new value if it has not changed since it was read: memcached2's `set` of an item.
    ///
    /// - Parameters:
    ///   - item: The item, from ``item(_:)`` or ``items(_:keyPrefix:)``.
    ///   - value: What to store.
    ///   - time: When the item expires.
    ///   - minCompressLen: As in ``set(_:_:time:minCompressLen:compressLevel:noreply:)``.
    ///   - compressLevel: As in ``set(_:_:time:minCompressLen:compressLevel:noreply:)``.
    /// - Returns: False if the item has changed.
    /// - Throws: As ``cas(_:_:cas:time:minCompressLen:compressLevel:noreply:)`` does.
    @discardableResult
    public func set<V: Encodable & Sendable>(
        _ item: Item,
        to value: V,
        time: Expiration = .never,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil
    ) async throws(MemcachedError) -> Bool {
        let options = StoreOptions(time, minCompressLen, compressLevel)
        return try await compareAndSwap(item.cacheKey, value, cas: item.cas, with: options)
    }
}

// MARK: - The types that are stored most

extension AsyncMemcachedCommands {
    @usableFromInline
    func _store(
        _ key: MemcachedRequest.Key,
        _ value: [UInt8],
        when condition: StoreCondition,
        with options: StoreOptions
    ) async throws(MemcachedError) -> Bool {
        guard let codec, codec.isStandard else {
            return try await _storeValue(key, value, when: condition, with: options)
        }
        let payload = Payload(bytes: value, flags: .bytes)
        let stored = try codec.compress(payload, options, for: condition.operation)
        return try await store(key, .bytes(stored), when: condition, with: options)
    }

    @usableFromInline
    func _store(
        _ key: MemcachedRequest.Key,
        _ value: String,
        when condition: StoreCondition,
        with options: StoreOptions
    ) async throws(MemcachedError) -> Bool {
        guard let codec, codec.isStandard else {
            return try await _storeValue(key, value, when: condition, with: options)
        }
        let payload = Payload(bytes: value.withRawSpan { Array(copying: $0) }, flags: .text)
        let stored = try codec.compress(payload, options, for: condition.operation)
        return try await store(key, .bytes(stored), when: condition, with: options)
    }

    @usableFromInline
    func _storeValue<V: Encodable & Sendable>(
        _ key: MemcachedRequest.Key,
        _ value: V,
        when condition: StoreCondition,
        with options: StoreOptions
    ) async throws(MemcachedError) -> Bool {
        try await store(key, try stored(value, options, for: condition.operation), when: condition, with: options)
    }

    @inline(__always)
    private func store(
        _ key: MemcachedRequest.Key,
        _ value: MemcachedRequest.Value,
        when condition: StoreCondition,
        with options: StoreOptions
    ) async throws(MemcachedError) -> Bool {
        let action = MemcachedRequest.Action.store(.one(value), condition, .init(options))
        let request = MemcachedRequest(condition.operation, keys: .init(.one(key)), action)
        let response = try await perform(request)
        if case .one(.done) = response.results { return true }
        return try response.isDone(request, policies)
    }
}
