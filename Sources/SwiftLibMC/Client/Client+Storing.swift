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
            .set,
            key,
            value,
            StoreOptions(time: time, minCompressLen: minCompressLen, compressLevel: compressLevel, noreply: noreply)
        )
    }

    /// Stores a value unless the key has one: pylibmc's `add`.
    ///
    /// The parameters are those of ``set(_:_:time:minCompressLen:compressLevel:noreply:)``.
    ///
    /// - Returns: False if the item existed.
    /// - Throws: As ``set(_:_:time:minCompressLen:compressLevel:noreply:)`` does.
    @inlinable
    public final func add<K: CacheKey, V: Encodable>(
        _ key: K,
        _ value: V,
        time: Expiration = .never,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> Bool {
        try _store(
            .add,
            key,
            value,
            StoreOptions(time: time, minCompressLen: minCompressLen, compressLevel: compressLevel, noreply: noreply)
        )
    }

    /// Stores a value only if the key has one: pylibmc's `replace`.
    ///
    /// The parameters are those of ``set(_:_:time:minCompressLen:compressLevel:noreply:)``.
    ///
    /// - Returns: False if the item did not exist.
    /// - Throws: As ``set(_:_:time:minCompressLen:compressLevel:noreply:)`` does.
    @inlinable
    public final func replace<K: CacheKey, V: Encodable>(
        _ key: K,
        _ value: V,
        time: Expiration = .never,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> Bool {
        try _store(
            .replace,
            key,
            value,
            StoreOptions(time: time, minCompressLen: minCompressLen, compressLevel: compressLevel, noreply: noreply)
        )
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
    public final func append<K: CacheKey>(
        _ key: K,
        _ value: some Appendable,
        noreply: Bool = false
    ) throws(MemcachedError) -> Bool {
        try extend(.append, key, value, noreply: noreply)
    }

    /// Adds bytes in front of a value: pylibmc's `prepend`.
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
    public final func prepend<K: CacheKey>(
        _ key: K,
        _ value: some Appendable,
        noreply: Bool = false
    ) throws(MemcachedError) -> Bool {
        try extend(.prepend, key, value, noreply: noreply)
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
    ///   - noreply: Whether not to wait for the server's reply. Then the answer is true, whatever becomes of the item.
    /// - Returns: False if the item has changed.
    /// - Throws: `.notFound` if there is no such item any more, `.invalidArguments` for a zero token or, in the ASCII
    ///   protocol, one of 20 digits, `.badKey`, `.serialization`, `.tooBig`, or a failure of the server.
    public final func cas<K: CacheKey, V: Encodable>(
        _ key: K,
        _ value: V,
        cas: CAS,
        time: Expiration = .never,
        minCompressLen: Int? = nil,
        compressLevel: Int? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> Bool {
        let options = StoreOptions(time: time, minCompressLen: minCompressLen, compressLevel: compressLevel)
        let compression = try compression(options, Operation.cas)
        let payload = try _payload(value, Operation.cas)
        let expiration = time.wireValue()
        return try key.withKeyBytes { key, routing throws(MemcachedError) in
            try payload.bytes.withRawSpan { bytes throws(MemcachedError) in
                func swap(_ bytes: RawSpan, _ flags: Flags) throws(MemcachedError) -> Bool {
                    try written(.cas, key, else: .casFailure) { () throws(MemcachedError) in
                        try handle.compareAndSwap(
                            key,
                            routing: routing,
                            bytes,
                            flags: flags,
                            expiration: expiration,
                            cas: cas,
                            isQuiet: noreply
                        )
                    }
                }
                guard let compression else { return try swap(bytes, payload.flags) }
                return try deflate.withCompressed(bytes, payload.flags, compression, packing, swap)
            }
        }
    }
}

/// What can be appended: `[UInt8]`, `Data` and `String`.
public protocol Appendable: Encodable {
    /// Lends the bytes to be added.
    func withAppendedBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R
}

extension Appendable {
    var appendedBytes: [UInt8] { withAppendedBytes { Array(copying: $0) } }
}

extension [UInt8]: Appendable {
    /// Lends the bytes.
    public func withAppendedBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try withRawSpan(body)
    }
}

extension Data: Appendable {
    /// Lends the bytes.
    public func withAppendedBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try withRawSpan(body)
    }
}

extension String: Appendable {
    /// Lends the UTF-8 text.
    public func withAppendedBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try withRawSpan(body)
    }
}

// MARK: - The way of a value

extension Client {
    @inlinable
    final func _store<K: CacheKey, V: Encodable>(
        _ command: StoreCommand,
        _ key: K,
        _ value: V,
        _ options: StoreOptions
    ) throws(MemcachedError) -> Bool {
        if bypassesHooks {
            if V.self == [UInt8].self {
                return try _storeNative(command, key, value, as: [UInt8].self, options)
            } else if V.self == String.self {
                return try _storeNative(command, key, value, as: String.self, options)
            } else if V.self == Data.self {
                return try _storeNative(command, key, value, as: Data.self, options)
            }
        }
        let payload = try _payload(value, command.operation)
        return try key.withKeyBytes { key, routing throws(MemcachedError) in
            try payload.bytes.withRawSpan { bytes throws(MemcachedError) in
                try _store(command, key, routing, bytes, payload.flags, options)
            }
        }
    }

    @inlinable
    @inline(__always)
    final func _storeNative<K: CacheKey, V, W: WireValue>(
        _ command: StoreCommand,
        _ key: K,
        _ value: V,
        as type: W.Type,
        _ options: StoreOptions
    ) throws(MemcachedError) -> Bool {
        try key.withKeyBytes { key, routing throws(MemcachedError) in
            // Recast here and not outside, where the compiler would take another reference to the value.
            try recast(value, as: type).withWireBytes { bytes throws(MemcachedError) in
                if options.setsCompression {
                    try _store(command, key, routing, bytes, W.wireFlags, options)
                } else {
                    try _store(command, key, routing, bytes, W.wireFlags, options.time, options.noreply)
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
            throw MemcachedError(
                code: .serialization,
                operation: operation,
                detail: "the value, a \(V.self), can't be serialized",
                underlying: error
            )
        }
    }

    /// Stores, compressed if the client says so.
    @usableFromInline
    final func _store(
        _ command: StoreCommand,
        _ key: RawSpan,
        _ routing: RawSpan,
        _ value: RawSpan,
        _ flags: Flags,
        _ time: Expiration,
        _ noreply: Bool
    ) throws(MemcachedError) -> Bool {
        if _slowPath(compressesByDefault) {
            return try _store(command, key, routing, value, flags, StoreOptions(time: time, noreply: noreply))
        }
        return try written(command.operation, key, else: .notStored) { () throws(MemcachedError) in
            try handle.store(
                command,
                key,
                routing: routing,
                value,
                flags: flags,
                expiration: time.wireValue(),
                isQuiet: noreply || handle.traits.isQuiet(command)
            )
        }
    }

    /// Stores, compressed if the call or the client says so.
    @usableFromInline
    final func _store(
        _ command: StoreCommand,
        _ key: RawSpan,
        _ routing: RawSpan,
        _ value: RawSpan,
        _ flags: Flags,
        _ options: StoreOptions
    ) throws(MemcachedError) -> Bool {
        func send(_ value: RawSpan, _ flags: Flags) throws(MemcachedError) -> Bool {
            try written(command.operation, key, else: .notStored) { () throws(MemcachedError) in
                try handle.store(
                    command,
                    key,
                    routing: routing,
                    value,
                    flags: flags,
                    expiration: options.time.wireValue(),
                    isQuiet: isQuiet(command, options)
                )
            }
        }
        guard let compression = try compression(options, command.operation) else { return try send(value, flags) }
        return try deflate.withCompressed(value, flags, compression, packing, send)
    }

    private final func extend<K: CacheKey>(
        _ command: StoreCommand,
        _ key: K,
        _ value: some Appendable,
        noreply: Bool
    ) throws(MemcachedError) -> Bool {
        try key.withKeyBytes { key, routing throws(MemcachedError) in
            try value.withAppendedBytes { bytes throws(MemcachedError) in
                try written(command.operation, key, else: .notStored) { () throws(MemcachedError) in
                    try handle.store(
                        command,
                        key,
                        routing: routing,
                        bytes,
                        flags: .bytes,
                        expiration: 0,
                        isQuiet: isQuiet(StoreOptions(noreply: noreply))
                    )
                }
            }
        }
    }
}
