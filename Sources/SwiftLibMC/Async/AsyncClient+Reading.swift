// Reading single items. All of these go out together with other reads that wait at the same time.

extension AsyncClient {
    /// Reads a value.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - type: What to read the value as.
    /// - Returns: The value, or nil on a miss.
    /// - Throws: As ``Client/get(_:as:)`` does, and what every asynchronous call may throw.
    @inlinable
    public func get<K: CacheKey, V: Decodable & Sendable>(
        _ key: K,
        as type: V.Type = V.self
    ) async throws(MemcachedError) -> V? {
        guard needsNoHooks else { return try await _hooked(key, as: type) }
        guard let found = try await _find(QueuedKey(key)) else { return nil }
        if V.self == [UInt8].self { return recast(try _bytes(of: found), as: V?.self) }
        if V.self == String.self { return recast(try _text(of: found), as: V?.self) }
        return try _decoded(found, as: type)
    }

    /// Reads an item; nil on a miss.
    @usableFromInline
    func _find(_ key: QueuedKey) async throws(MemcachedError) -> Request? {
        let request = try await send(.get, .read(Request.Reading(), decode: nil), key)
        return request.isPositive ? request : nil
    }

    @usableFromInline
    func _bytes(of found: Request) throws(MemcachedError) -> [UInt8]? { try _decoded(found, as: [UInt8].self) }

    @usableFromInline
    func _text(of found: Request) throws(MemcachedError) -> String? { try _decoded(found, as: String.self) }

    @usableFromInline
    func _hooked<K: CacheKey, V: Decodable & Sendable>(
        _ key: K,
        as type: V.Type
    ) async throws(MemcachedError) -> V? {
        try await value(.get, key, as: type)?.value
    }

    /// Reads a value, or gives another one on a miss.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - type: What to read the value as.
    ///   - default: What to return on a miss.
    /// - Returns: The value, or `default`.
    /// - Throws: As ``Client/get(_:as:)`` does, and what every asynchronous call may throw.
    public func get<K: CacheKey, V: Decodable & Sendable>(
        _ key: K,
        as type: V.Type = V.self,
        default: @autoclosure () -> V
    ) async throws(MemcachedError) -> V {
        do throws(MemcachedError) {
            return try await get(key, as: type) ?? `default`()
        } catch {
            guard error.code == .noValue else { throw error }
            return `default`()
        }
    }

    /// Reads a value together with its version, for ``cas(_:_:cas:time:minCompressLen:compressLevel:)``.
    ///
    /// - Returns: The value and its CAS token, or nil on a miss.
    /// - Throws: As ``Client/gets(_:as:)`` does, and what every asynchronous call may throw.
    public func gets<K: CacheKey, V: Decodable & Sendable>(
        _ key: K,
        as type: V.Type = V.self
    ) async throws(MemcachedError) -> (value: V, cas: CAS)? {
        try await value(.gets, key, as: type)
    }

    /// Lends the bytes of a value, inflated.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - body: What to do with the bytes. It runs in the calling task.
    /// - Returns: What `body` returns, or nil on a miss.
    /// - Throws: As ``Client/withBytes(_:_:)`` does, and what every asynchronous call may throw.
    public func withBytes<K: CacheKey, R>(_ key: K, _ body: (RawSpan) throws -> R) async throws -> R? {
        let request = try await send(.withBytes, .read(.init(), decode: nil), QueuedKey(key))
        guard request.isPositive else { return nil }
        let found = try unlessForgiven(request) { () throws(MemcachedError) in
            try conversion.inflated(request.found, key: request.key?.text, request.operation)
        }
        return try found?.withBytes { try body($0) }
    }

    /// Reads an item as the server keeps it, with flags and version.
    ///
    /// - Returns: The item, or nil on a miss.
    /// - Throws: As ``Client/item(_:)`` does, and what every asynchronous call may throw.
    public func item<K: CacheKey>(_ key: K) async throws(MemcachedError) -> Item? {
        let request = try await send(.item, .read(.init(withVersion: true), decode: nil), QueuedKey(key))
        guard request.isPositive else { return nil }
        return K.isGrouped ? request.item.under(key) : request.item
    }

    /// Reads the value of an item, as the client's class does.
    ///
    /// - Throws: As ``Client/decode(_:as:)`` does, and what every asynchronous call may throw.
    public func decode<V: Decodable & Sendable>(
        _ item: Item,
        as type: V.Type = V.self
    ) async throws(MemcachedError) -> V {
        if conversion.needsNoClient {
            let found = FoundValue(item.bytes, item.flags, item.cas)
            return try conversion.decode(found, as: type, key: item.keyText, .decode)
        }
        return try await perform(.decode) { client throws(MemcachedError) in try client.decode(item, as: type) }
    }

    /// Whether an item exists; it has no effect on the item.
    ///
    /// - Throws: As ``Client/contains(_:)`` does, and what every asynchronous call may throw.
    public func contains<K: CacheKey>(_ key: K) async throws(MemcachedError) -> Bool {
        try await send(.contains, .read(.init(withBytes: false), decode: nil), QueuedKey(key)).isPositive
    }

    /// The value of an item that has been read; nil if it can't be read, and that is a miss.
    @usableFromInline
    func _decoded<V: Decodable>(_ request: Request, as type: V.Type) throws(MemcachedError) -> V? {
        try unlessForgiven(request) { () throws(MemcachedError) in
            try conversion.decode(request.found, as: type, key: request.key?.text, request.operation)
        }
    }

    /// What is made of an item that has been read; nil if that fails, and is a miss.
    private func unlessForgiven<R>(
        _ request: Request,
        _ make: () throws(MemcachedError) -> R
    ) throws(MemcachedError) -> R? {
        do throws(MemcachedError) {
            return try make()
        } catch {
            if request.isPlain { throw error }
            return try forgiving(error, nil)
        }
    }

    /// Reads a value; `plainly` says whether to give a miss as nil and a failure as an error, whatever the client makes
    /// of them.
    func value<K: CacheKey, V: Decodable & Sendable>(
        _ operation: Operation,
        _ key: K,
        as type: V.Type,
        plainly: Bool = false
    ) async throws(MemcachedError) -> (value: V, cas: CAS)? {
        let reading = Request.Reading(withVersion: operation == .gets)
        if needsNoHooks {
            let request = try await send(operation, .read(reading, decode: nil), QueuedKey(key), plainly: plainly)
            guard request.isPositive, let value = try _decoded(request, as: type) else { return nil }
            return (value, request.found.cas)
        }
        let result = Box<V>()
        let request = try await send(
            operation,
            .read(reading) { client, item throws(MemcachedError) in
                result.value = try client.decodeUnlessMiss(item, operation, as: type)
                return result.value != nil
            },
            QueuedKey(key),
            plainly: plainly
        )
        return request.isPositive ? (result.take(), request.found.cas) : nil
    }
}
