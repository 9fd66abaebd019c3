#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

// Reading single items. What is inlinable here tests for the native types of values and goes on in functions that are
// compiled once for each of them; without that, generic code would cost as much again as libmemcached itself.

extension Client {
    /// Reads a value: pylibmc's `get`.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - type: What to read the value as. Bytes are always available; see ``deserialize(_:flags:as:)`` for the rest.
    /// - Returns: The value, or nil on a miss.
    /// - Throws: `.badKey`, `.deserialization` if the stored value is of another kind, or a failure of the server.
    @inlinable
    public final func get<K: CacheKey, V: Decodable>(_ key: K, as type: V.Type = V.self) throws(MemcachedError) -> V? {
        try key.withKeyBytes { key, routing throws(MemcachedError) in
            if bypassesHooks {
                if V.self == [UInt8].self { return recast(try _bytes(key, routing), as: V?.self) }
                if V.self == String.self { return recast(try _string(key, routing), as: V?.self) }
                if V.self == Data.self { return recast(try _data(key, routing), as: V?.self) }
            }
            return try _value(key, routing, .get, as: type)?.value
        }
    }

    /// Reads a value, or gives another one on a miss: pylibmc's `get(key, default)`.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - type: What to read the value as.
    ///   - default: What to return on a miss.
    /// - Returns: The value, or `default` on a miss.
    /// - Throws: `.badKey`, `.deserialization` if the stored value is of another kind, or a failure of the server.
    @inlinable
    public final func get<K: CacheKey, V: Decodable>(
        _ key: K,
        as type: V.Type = V.self,
        default: @autoclosure () -> V
    ) throws(MemcachedError) -> V {
        do throws(MemcachedError) {
            return try get(key, as: type) ?? `default`()
        } catch {
            if error.code == .noValue { return `default`() }
            throw error
        }
    }

    /// Reads a value together with its version, for ``cas(_:_:cas:time:minCompressLen:compressLevel:noreply:)``:
    /// pylibmc's `gets`.
    ///
    /// With ``cacheCAS`` the client remembers the version.
    ///
    /// - Returns: The value and its CAS token, or nil on a miss.
    /// - Throws: `.badKey`, `.deserialization` if the stored value is of another kind, or a failure of the server.
    public final func gets<K: CacheKey, V: Decodable>(
        _ key: K,
        as type: V.Type = V.self
    ) throws(MemcachedError) -> (value: V, cas: CAS)? {
        try key.withKeyBytes { key, routing throws(MemcachedError) in
            // Noted as missing first: a miss may be thrown.
            if _slowPath(cacheCAS) { seenVersions.note(nil, of: key, routing) }
            let found = try _value(key, routing, .gets, as: type)
            if _slowPath(cacheCAS) { seenVersions.note(found?.cas, of: key, routing) }
            return found
        }
    }

    /// Lends the bytes of a value, inflated, without copying them.
    ///
    /// The body may use the client. Its own errors pass through unchanged.
    ///
    /// - Returns: What `body` returns, or nil on a miss.
    /// - Throws: `.badKey`, `.deserialization` if a compressed value is corrupt, a failure of the server, or what
    ///   `body` throws.
    @inlinable
    public final func withBytes<K: CacheKey, R>(_ key: K, _ body: (RawSpan) throws -> R) throws -> R? {
        let lease = try key.withKeyBytes { key, routing throws(MemcachedError) in
            try _lease(key, routing, .withBytes)
        }
        guard let lease else { return nil }
        defer { _giveBack(lease) }
        return try lease.withSpan(body)
    }

    /// Reads an item as the server keeps it, with flags and version.
    ///
    /// - Returns: The item, or nil on a miss.
    /// - Throws: `.badKey` or a failure of the server.
    public final func item<K: CacheKey>(_ key: K) throws(MemcachedError) -> Item? {
        try key.withKeyBytes { key, routing throws(MemcachedError) in
            guard let lease = try fetched(key, routing, .item, withCAS: true) else { return nil }
            defer { handle.giveBack(lease) }
            return lease.withSpan { bytes in
                Item(
                    key: Array(copying: key),
                    bytes: Array(copying: bytes),
                    flags: lease.flags,
                    cas: lease.cas,
                    group: K.isGrouped && routing.isGroup(of: key) ? Array(copying: routing) : nil
                )
            }
        }
    }

    /// Reads the value of an item through this client's ``deserialize(_:flags:as:)``.
    ///
    /// - Throws: `.deserialization` if the value is of another kind, corrupt, or too large inflated; `.notFound` if
    ///   `deserialize` calls it a miss.
    public final func decode<V: Decodable>(_ item: Item, as type: V.Type = V.self) throws(MemcachedError) -> V {
        guard let value = try decodeUnlessMiss(item, .decode, as: type) else {
            throw MemcachedError(
                code: .notFound,
                operation: .decode,
                detail: "deserialize calls the value a miss",
                key: item.keyText
            )
        }
        return value
    }

    /// Whether an item exists: pylibmc's `in`.
    ///
    /// It has no effect on the item.
    ///
    /// - Throws: `.badKey` or a failure of the server.
    public final func contains<K: CacheKey>(_ key: K) throws(MemcachedError) -> Bool {
        try key.withKeyBytes { key, routing throws(MemcachedError) in
            do throws(MemcachedError) {
                guard let lease = try handle.lease(key, routing: routing, for: .contains) else { return false }
                handle.giveBack(lease)
                return true
            } catch {
                return try forgiving(error, false)
            }
        }
    }
}

// MARK: - One function for each native type

extension Client {
    @usableFromInline
    final func _bytes(_ key: RawSpan, _ routing: RawSpan) throws(MemcachedError) -> [UInt8]? {
        guard let lease = try _lease(key, routing, .get) else { return nil }
        defer { _giveBack(lease) }
        return lease.withSpan { Array(copying: $0) }
    }

    @usableFromInline
    final func _data(_ key: RawSpan, _ routing: RawSpan) throws(MemcachedError) -> Data? {
        guard let lease = try _lease(key, routing, .get) else { return nil }
        defer { _giveBack(lease) }
        return lease.withSpan { Data(copying: $0) }
    }

    @usableFromInline
    final func _string(_ key: RawSpan, _ routing: RawSpan) throws(MemcachedError) -> String? {
        guard let lease = try _lease(key, routing, .get) else { return nil }
        defer { _giveBack(lease) }
        do {
            return try lease.withSpan { bytes throws(ValueFormatError) in try String(wire: bytes, flags: lease.flags) }
        } catch {
            let error = MemcachedError(
                reading: String.self,
                flags: lease.flags,
                key: key.text,
                .get,
                underlying: error
            )
            return try forgiving(handle.located(error, routing), nil)
        }
    }
}

// MARK: - Through the hooks

extension Client {
    /// Reads a value through ``deserialize(_:flags:as:)``; nil on a miss, also on one that the hook declares.
    @usableFromInline
    final func _value<V: Decodable>(
        _ key: RawSpan,
        _ routing: RawSpan,
        _ operation: Operation,
        as type: V.Type
    ) throws(MemcachedError) -> (value: V, cas: CAS)? {
        guard let lease = try _lease(key, routing, operation, withCAS: operation != .get) else { return nil }
        // The hook may use the client; that leaves a lent buffer alone.
        defer { _giveBack(lease) }
        do {
            let value = try lease.withSpan { try deserialize($0, flags: lease.flags, as: type) }
            return (value, lease.cas)
        } catch is CacheMiss {
            return try missed(operation, key)
        } catch {
            let error = MemcachedError(reading: type, flags: lease.flags, key: key.text, operation, underlying: error)
            return try forgiving(handle.located(error, routing), nil)
        }
    }

    /// Reads the value of an item that was fetched before; nil if the hook declares a miss.
    final func decodeUnlessMiss<V: Decodable>(
        _ item: Item,
        _ operation: Operation,
        as type: V.Type
    ) throws(MemcachedError) -> V? {
        let bytes = try item.inflated(packing, limit: maxInflatedBytes, with: deflate)
        let flags = packing.unpacked(item.flags)
        do {
            return try bytes.withRawSpan { try deserialize($0, flags: flags, as: type) }
        } catch is CacheMiss {
            return nil
        } catch {
            throw MemcachedError(reading: type, flags: flags, key: item.keyText, operation, underlying: error)
        }
    }

    /// Fetches a value and inflates it if it is compressed; its flags then don't say so any more.
    @usableFromInline
    final func _lease(
        _ key: RawSpan,
        _ routing: RawSpan,
        _ operation: Operation,
        withCAS: Bool = false
    ) throws(MemcachedError) -> Lease? {
        guard let lease = try fetched(key, routing, operation, withCAS: withCAS) else { return nil }
        guard _slowPath(packing.isPacked(lease.flags)) else { return lease }
        defer { handle.giveBack(lease) }
        do throws(MemcachedError) {
            return try deflate.inflated(lease, packing, limit: maxInflatedBytes, key: key.text, operation)
        } catch {
            return try forgiving(handle.located(error, routing), nil)
        }
    }

    /// Fetches a value as it is stored; what a miss and a failure give is up to the policies.
    @inline(__always)
    private final func fetched(
        _ key: RawSpan,
        _ routing: RawSpan,
        _ operation: Operation,
        withCAS: Bool
    ) throws(MemcachedError) -> Lease? {
        do throws(MemcachedError) {
            if let lease = try handle.lease(key, routing: routing, for: operation, withCAS: withCAS) { return lease }
        } catch {
            return try forgiving(error, nil)
        }
        return try missed(operation, key)
    }

    @usableFromInline
    final func _giveBack(_ lease: Lease) {
        if _slowPath(!handle.takeBack(lease)) { dismiss(lease) }
    }

    @inline(never)
    private final func dismiss(_ lease: Lease) {
        if lease.isInflated { deflate.recycle(lease) } else { lease.discard() }
    }
}

extension MemcachedError {
    /// The error for a value that can't be read as what the caller wants.
    init(
        reading type: Any.Type,
        flags: Flags,
        key: String?,
        _ operation: Operation,
        underlying: any Error
    ) {
        // What the formats say names types and flags only; what a hook throws may quote the value.
        let cause =
            switch underlying {
            case let error as ForeignValueError: ": \(error.problem)"
            case let error as ValueFormatError: ": \(error.reason)"
            default: ""
            }
        self.init(
            code: .deserialization,
            operation: operation,
            detail: "the stored value (flags \(flags.rawValue)) can't be read as \(type)\(cause)",
            key: key,
            underlying: underlying
        )
    }
}
