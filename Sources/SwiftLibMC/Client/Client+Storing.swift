// Storing single items. As in reading, the native types take a way of their own.

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension Client {
    /// Stores a value, replacing any earlier one: pylibmc's `set`.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - value: What to store.
    ///   - time: When the item expires: a number of seconds, or an ``Expiration``. Never, if not given.
    ///   - minCompressLen: Values of at least so many bytes are compressed; 0 compresses none. nil:
    ///     ``compression``'s.
    ///   - compressLevel: 1 (fastest) to 9 (smallest), 0 for none, -1 for the usual. nil: ``compression``'s.
    ///   - noreply: Whether not to wait for the server's reply; then true says nothing.
    /// - Returns: True. The server never declines a `set`.
    /// - Throws: `.badKey`, `.serialization`, `.invalidArguments`, `.tooBig` if the value exceeds the server's item
    ///   size, or a failure of the server.
    @inlinable
    @discardableResult
    public final func set<K: CacheKey, V: Encodable>(
        _ key: K,
        _ value: V,
        time: Expiration = .never,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> Bool {
        try _store(
            key,
            value,
            StoreOptions(time: time, minCompressLen: minCompressLen, compressLevel: compressLevel, noreply: noreply)
        )
    }
}

// MARK: - The way of a value

extension Client {
    @inlinable
    final func _store<K: CacheKey, V: Encodable>(
        _ key: K,
        _ value: V,
        _ options: StoreOptions
    ) throws(MemcachedError) -> Bool {
        if bypassesHooks {
            if V.self == [UInt8].self {
                return try _storeNative(key, value, as: [UInt8].self, options)
            } else if V.self == String.self {
                return try _storeNative(key, value, as: String.self, options)
            } else if V.self == Data.self {
                return try _storeNative(key, value, as: Data.self, options)
            }
        }
        let payload = try _payload(value, .set)
        return try key.withKeyBytes { key, routing throws(MemcachedError) in
            try payload.bytes.withRawSpan { bytes throws(MemcachedError) in
                try _store(key, routing, bytes, payload.flags, options)
            }
        }
    }

    @inlinable
    @inline(__always)
    final func _storeNative<K: CacheKey, V, W: WireValue>(
        _ key: K,
        _ value: V,
        as type: W.Type,
        _ options: StoreOptions
    ) throws(MemcachedError) -> Bool {
        try key.withKeyBytes { key, routing throws(MemcachedError) in
            // Recast here and not outside, where the compiler would take another reference to the value.
            try recast(value, as: type).withWireBytes { bytes throws(MemcachedError) in
                if options.setsCompression {
                    try _store(key, routing, bytes, W.wireFlags, options)
                } else {
                    try _store(key, routing, bytes, W.wireFlags, options.time, options.noreply)
                }
            }
        }
    }

    /// Runs the hook and wraps what it throws.
    @usableFromInline
    final func _payload<V: Encodable>(_ value: V, _ operation: Operation) throws(MemcachedError) -> Payload {
        do {
            return try serialize(value)
        } catch {
            throw MemcachedError(storing: V.self, operation, underlying: error)
        }
    }

    /// Stores, compressed if the client says so.
    @usableFromInline
    final func _store(
        _ key: RawSpan,
        _ routing: RawSpan,
        _ value: RawSpan,
        _ flags: Flags,
        _ time: Expiration,
        _ noreply: Bool
    ) throws(MemcachedError) -> Bool {
        if _slowPath(compressesByDefault) {
            return try _store(key, routing, value, flags, StoreOptions(time: time, noreply: noreply))
        }
        return try written(.set, key, else: .notStored) { () throws(MemcachedError) in
            try handle.store(
                .set,
                key,
                routing: routing,
                value,
                flags: flags,
                expiration: time.wireValue(),
                isQuiet: noreply || handle.traits.isQuiet(.set)
            )
        }
    }

    /// Stores, compressed if the call or the client says so.
    @usableFromInline
    final func _store(
        _ key: RawSpan,
        _ routing: RawSpan,
        _ value: RawSpan,
        _ flags: Flags,
        _ options: StoreOptions
    ) throws(MemcachedError) -> Bool {
        if _slowPath(isObserved) { return try observedStore(key, routing, value, flags, options) }
        func send(_ value: RawSpan, _ flags: Flags) throws(MemcachedError) -> Bool {
            try written(.set, key, else: .notStored) { () throws(MemcachedError) in
                try handle.store(
                    .set,
                    key,
                    routing: routing,
                    value,
                    flags: flags,
                    expiration: options.time.wireValue(),
                    isQuiet: options.noreply || handle.traits.isQuiet(.set)
                )
            }
        }
        guard let compression = try compression(options, .set) else { return try send(value, flags) }
        return try deflate.withCompressed(value, flags, compression, packing, send)
    }
}

extension Client {
    /// How values of one call are compressed, or nil if they are not.
    final func compression(
        _ options: StoreOptions,
        _ operation: Operation
    ) throws(MemcachedError) -> Compression? {
        if _fastPath(!options.setsCompression && !compressesByDefault) { return nil }
        let chosen = try compression.overridden(
            minLength: options.minCompressLen,
            level: options.compressLevel,
            operation: operation.rawValue
        )
        return chosen.minLength > 0 && chosen.level != 0 ? chosen : nil
    }
}
