#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

// Reading single items. The inlinable functions test for the native types of values and continue in functions that are
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
            if bypassesHooks || _isCounted {
                if V.self == [UInt8].self { return recast(try _bytes(key, routing), as: V?.self) }
                if V.self == String.self { return recast(try _string(key, routing), as: V?.self) }
                if V.self == Data.self { return recast(try _data(key, routing), as: V?.self) }
            }
            return try _value(key, routing, as: type)
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

    /// Lends the bytes of a value, inflated, without copying them.
    ///
    /// The body may use the client. Its own errors pass through unchanged.
    ///
    /// - Returns: What `body` returns, or nil on a miss.
    /// - Throws: `.badKey`, `.deserialization` if a compressed value is corrupt, a failure of the server, or what
    ///   `body` throws.
    @inlinable
    public final func withBytes<K: CacheKey, R>(_ key: K, _ body: (RawSpan) throws -> R) throws -> R? {
        if !bypassesHooks, _isObserved {
            let cache: any MemcachedCommands = self
            return try cache.withBytes(key, body)
        }
        let lease = try key.withKeyBytes { key, routing throws(MemcachedError) in
            try _lease(key, routing, .withBytes)
        }
        guard let lease else { return nil }
        defer { _giveBack(lease) }
        return try lease.withSpan(body)
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
    /// Reads a value through ``deserialize(_:flags:as:)``; nil on a miss, including one that the hook declares.
    @usableFromInline
    final func _value<V: Decodable>(_ key: RawSpan, _ routing: RawSpan, as type: V.Type) throws(MemcachedError) -> V? {
        if _slowPath(isObserved) { return try _value(.init(key, in: routing), as: type) }
        guard let lease = try _lease(key, routing, .get) else { return nil }
        // The hook may use the client; that leaves a lent buffer alone.
        defer { _giveBack(lease) }
        do {
            return try lease.withSpan { try deserialize($0, flags: lease.flags, as: type) }
        } catch is CacheMiss {
            return try missed(.get, key)
        } catch {
            let error = MemcachedError(reading: type, flags: lease.flags, key: key.text, .get, underlying: error)
            return try forgiving(handle.located(error, routing), nil)
        }
    }

    /// Fetches a value and inflates it if it is compressed; its flags then don't say so any more.
    @usableFromInline
    final func _lease(
        _ key: RawSpan,
        _ routing: RawSpan,
        _ operation: Operation
    ) throws(MemcachedError) -> Lease? {
        guard let lease = try fetched(key, routing, operation) else { return nil }
        guard _slowPath(packing.isPacked(lease.flags)) else { return lease }
        defer { handle.giveBack(lease) }
        do throws(MemcachedError) {
            return try deflate.inflated(lease, packing, limit: maxInflatedBytes, key: key.text, operation)
        } catch {
            return try forgiving(handle.located(error, routing), nil)
        }
    }

    /// Fetches a value as it is stored; the policies decide what a miss and a failure return.
    @inline(__always)
    private final func fetched(
        _ key: RawSpan,
        _ routing: RawSpan,
        _ operation: Operation
    ) throws(MemcachedError) -> Lease? {
        do throws(MemcachedError) {
            if _slowPath(isCounted) {
                if let lease = try counted(key, routing, operation) { return lease }
            } else if let lease = try handle.lease(key, routing: routing, for: operation) {
                return lease
            }
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
        // Errors of the formats name types and flags only; an error thrown by a hook may quote the value.
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
