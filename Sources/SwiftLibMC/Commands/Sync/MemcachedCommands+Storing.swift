extension MemcachedCommands {
    /// Stores a value, replacing any earlier one: pylibmc's `set`.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - value: What to store.
    ///   - time: When the item expires: a number of seconds, or an ``Expiration``. Never, if not given.
    ///   - minCompressLen: Values of at least this many bytes are compressed; 0 compresses none. nil: the cache's
    ///     setting, such as ``Client/compression``.
    ///   - compressLevel: 1 (fastest) to 9 (smallest), 0 for none, -1 for the usual. nil: the cache's setting.
    ///   - noreply: Whether not to wait for the server's reply; then true means nothing.
    /// - Returns: True. The server never declines a `set`.
    /// - Throws: `.badKey`, `.serialization`, `.invalidArguments`, `.tooBig` if the value exceeds the server's item
    ///   size, or a failure of the server.
    @inlinable
    @inline(__always)
    @discardableResult
    public func set<K: CacheKey, V: Encodable>(
        _ key: K,
        _ value: V,
        time: Expiration = .never,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> Bool {
        let options = StoreOptions(time, minCompressLen, compressLevel, noreply: noreply)
        return try store(key, value, when: .always, with: options)
    }

    /// Stores a value unless the key has one: pylibmc's `add`.
    ///
    /// The parameters are those of ``set(_:_:time:minCompressLen:compressLevel:noreply:)``.
    ///
    /// - Returns: False if the item existed.
    /// - Throws: As ``set(_:_:time:minCompressLen:compressLevel:noreply:)`` does.
    @inlinable
    @inline(__always)
    public func add<K: CacheKey, V: Encodable>(
        _ key: K,
        _ value: V,
        time: Expiration = .never,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> Bool {
        let options = StoreOptions(time, minCompressLen, compressLevel, noreply: noreply)
        return try store(key, value, when: .ifAbsent, with: options)
    }

    /// Stores a value only if the key has one: pylibmc's `replace`.
    ///
    /// The parameters are those of ``set(_:_:time:minCompressLen:compressLevel:noreply:)``.
    ///
    /// - Returns: False if the item did not exist.
    /// - Throws: As ``set(_:_:time:minCompressLen:compressLevel:noreply:)`` does.
    @inlinable
    @inline(__always)
    public func replace<K: CacheKey, V: Encodable>(
        _ key: K,
        _ value: V,
        time: Expiration = .never,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> Bool {
        let options = StoreOptions(time, minCompressLen, compressLevel, noreply: noreply)
        return try store(key, value, when: .ifPresent, with: options)
    }

    /// Stores a value under a condition: `set`, `add` and `replace` call this.
    ///
    /// - Returns: False if the condition was not met.
    /// - Throws: As ``set(_:_:time:minCompressLen:compressLevel:noreply:)`` does.
    @inlinable
    @inline(__always)
    @discardableResult
    public func store<K: CacheKey, V: Encodable>(
        _ key: K,
        _ value: V,
        when condition: StoreCondition,
        with options: StoreOptions
    ) throws(MemcachedError) -> Bool {
        let key = MemcachedRequest.Key(key)
        if V.self == [UInt8].self {
            return try _store(key, recast(value, as: [UInt8].self), when: condition, with: options)
        }
        if V.self == String.self {
            return try _store(key, recast(value, as: String.self), when: condition, with: options)
        }
        return try _storeValue(key, value, when: condition, with: options)
    }

    /// Stores a value if the item has not changed since its version was read: pylibmc's `cas`.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - value: What to store.
    ///   - cas: The version, from ``gets(_:as:)`` or ``item(_:)``.
    ///   - time: When the item expires.
    ///   - minCompressLen: As in ``set(_:_:time:minCompressLen:compressLevel:noreply:)``.
    ///   - compressLevel: As in ``set(_:_:time:minCompressLen:compressLevel:noreply:)``.
    ///   - noreply: Whether not to wait for the server's reply. Then the result is true, whatever happens to the item.
    /// - Returns: False if the item has changed.
    /// - Throws: `.notFound` if there is no such item any more, `.invalidArguments` for a zero token or, in the ASCII
    ///   protocol, one of 20 digits, `.badKey`, `.serialization`, `.tooBig`, or a failure of the server.
    public func cas<K: CacheKey, V: Encodable>(
        _ key: K,
        _ value: V,
        cas: CAS,
        time: Expiration = .never,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> Bool {
        let options = StoreOptions(time, minCompressLen, compressLevel, noreply: noreply)
        return try compareAndSwap(key, value, cas: cas, with: options)
    }

    /// Stores a value if the item is still at a version: `cas` calls this.
    ///
    /// - Returns: False if the item has changed.
    /// - Throws: As ``cas(_:_:cas:time:minCompressLen:compressLevel:noreply:)`` does.
    public func compareAndSwap<K: CacheKey, V: Encodable>(
        _ key: K,
        _ value: V,
        cas: CAS,
        with options: StoreOptions
    ) throws(MemcachedError) -> Bool {
        let payload = try codec.encode(value, options, for: .cas)
        let request = MemcachedRequest.one(key, .swap(.bytes(payload), cas, .init(options)), for: .cas)
        return try perform(request).isSwapped(request, policies)
    }

    /// Gives an item a new value if it has not changed since it was read.
    ///
    /// The parameters are those of ``cas(_:_:cas:time:minCompressLen:compressLevel:noreply:)``.
    ///
    /// - Returns: False if the item has changed.
    /// - Throws: As ``cas(_:_:cas:time:minCompressLen:compressLevel:noreply:)`` does.
    @discardableResult
    public func set<V: Encodable>(
        _ item: Item,
        to value: V,
        time: Expiration = .never,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil
    ) throws(MemcachedError) -> Bool {
        let options = StoreOptions(time, minCompressLen, compressLevel)
        return try compareAndSwap(item.cacheKey, value, cas: item.cas, with: options)
    }

    /// Adds bytes at the end of a value: pylibmc's `append`.
    ///
    /// Never use it on values that may be compressed.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - value: `[UInt8]`, `Data` or `String`.
    ///   - noreply: Whether not to wait for the server's reply.
    /// - Returns: False if the item did not exist.
    /// - Throws: `.badKey`, `.tooBig` if the sum exceeds the server's item size, or a failure of the server.
    @discardableResult
    public func append<K: CacheKey>(
        _ key: K,
        _ value: some Appendable,
        noreply: Bool = false
    ) throws(MemcachedError) -> Bool {
        try isDone(.one(key, .extend(value.appendedBytes, atEnd: true, noreply: noreply), for: .append))
    }

    /// Adds bytes in front of a value: pylibmc's `prepend`.
    ///
    /// Never use it on values that may be compressed. Parameters, result and errors are those of
    /// ``append(_:_:noreply:)``.
    @discardableResult
    public func prepend<K: CacheKey>(
        _ key: K,
        _ value: some Appendable,
        noreply: Bool = false
    ) throws(MemcachedError) -> Bool {
        try isDone(.one(key, .extend(value.appendedBytes, atEnd: false, noreply: noreply), for: .prepend))
    }
}

// MARK: - The types that are stored most

extension MemcachedCommands {
    @usableFromInline
    func _store(
        _ key: MemcachedRequest.Key,
        _ value: [UInt8],
        when condition: StoreCondition,
        with options: StoreOptions
    ) throws(MemcachedError) -> Bool {
        let codec = codec
        guard codec.isStandard else { return try _storeValue(key, value, when: condition, with: options) }
        let payload = try codec.compress(Payload(bytes: value, flags: .bytes), options, for: condition.operation)
        return try store(key, payload, when: condition, with: options)
    }

    @usableFromInline
    func _store(
        _ key: MemcachedRequest.Key,
        _ value: String,
        when condition: StoreCondition,
        with options: StoreOptions
    ) throws(MemcachedError) -> Bool {
        let codec = codec
        guard codec.isStandard else { return try _storeValue(key, value, when: condition, with: options) }
        let text = Payload(bytes: value.withRawSpan { Array(copying: $0) }, flags: .text)
        let payload = try codec.compress(text, options, for: condition.operation)
        return try store(key, payload, when: condition, with: options)
    }

    @usableFromInline
    func _storeValue<V: Encodable>(
        _ key: MemcachedRequest.Key,
        _ value: V,
        when condition: StoreCondition,
        with options: StoreOptions
    ) throws(MemcachedError) -> Bool {
        try store(key, try codec.encode(value, options, for: condition.operation), when: condition, with: options)
    }

    func store(
        _ key: MemcachedRequest.Key,
        _ payload: Payload,
        when condition: StoreCondition,
        with options: StoreOptions
    ) throws(MemcachedError) -> Bool {
        let action = MemcachedRequest.Action.store(.one(.bytes(payload)), condition, .init(options))
        let request = MemcachedRequest(condition.operation, keys: .init(.one(key)), action)
        let response = try perform(request)
        if case .one(.done) = response.results { return true }
        return try response.isDone(request, policies)
    }
}
