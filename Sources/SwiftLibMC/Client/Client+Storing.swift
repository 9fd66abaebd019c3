// Storing single items. As in reading, the native types take a path of their own.

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
    ///   - minCompressLen: Values of at least this many bytes are compressed; 0 compresses none. nil:
    ///     ``compression``'s.
    ///   - compressLevel: 1 (fastest) to 9 (smallest), 0 for none, -1 for the usual. nil: ``compression``'s.
    ///   - noreply: Whether not to wait for the server's reply; then true means nothing.
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
        try _store(key, value, StoreOptions(time, minCompressLen, compressLevel, noreply: noreply))
    }
}

// MARK: - From a value to bytes

extension Client {
    @inlinable
    final func _store<K: CacheKey, V: Encodable>(
        _ key: K,
        _ value: V,
        _ options: StoreOptions
    ) throws(MemcachedError) -> Bool {
        if bypassesHooks {
            if V.self == [UInt8].self { return try _storeNative(key, value, as: [UInt8].self, options) }
            if V.self == String.self { return try _storeNative(key, value, as: String.self, options) }
            if V.self == Data.self { return try _storeNative(key, value, as: Data.self, options) }
        }
        let payload = try _payload(value, .set)
        return try key.withKeyBytes { key, routing throws(MemcachedError) in
            try payload.bytes.withRawSpan { bytes throws(MemcachedError) in
                try _store(key, routing: routing, bytes, flags: payload.flags, options)
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
                    return try _store(key, routing: routing, bytes, flags: W.wireFlags, options)
                }
                let (time, noreply) = (options.time, options.noreply)
                return try _store(key, routing: routing, bytes, flags: W.wireFlags, time: time, noreply: noreply)
            }
        }
    }

    /// Runs the hook and wraps its errors.
    @usableFromInline
    final func _payload<V: Encodable>(_ value: V, _ operation: Operation) throws(MemcachedError) -> Payload {
        do {
            return try serialize(value)
        } catch {
            throw MemcachedError(storing: V.self, operation, underlying: error)
        }
    }

    /// Stores, compressed if the client says so.
    ///
    /// A call that says nothing about compression need not hand over its options, which saves a `set` some instructions.
    @usableFromInline
    final func _store(
        _ key: RawSpan,
        routing: RawSpan,
        _ value: RawSpan,
        flags: Flags,
        time: Expiration,
        noreply: Bool
    ) throws(MemcachedError) -> Bool {
        if _fastPath(!compressesByDefault) {
            return try send(key, routing: routing, value, flags: flags, time: time, noreply: noreply)
        }
        let options = StoreOptions(time: time, noreply: noreply)
        return try _store(key, routing: routing, value, flags: flags, options)
    }

    /// Stores, compressed if the call or the client says so.
    @usableFromInline
    final func _store(
        _ key: RawSpan,
        routing: RawSpan,
        _ value: RawSpan,
        flags: Flags,
        _ options: StoreOptions
    ) throws(MemcachedError) -> Bool {
        if _slowPath(isObserved) { return try observedStore(key, routing: routing, value, flags: flags, options) }
        let (time, noreply) = (options.time, options.noreply)
        guard let compression = try compression(options, .set) else {
            return try send(key, routing: routing, value, flags: flags, time: time, noreply: noreply)
        }
        return try deflate.withCompressed(value, flags: flags, compression, packing: packing) {
            value,
            flags throws(MemcachedError) in
            try send(key, routing: routing, value, flags: flags, time: time, noreply: noreply)
        }
    }

    /// Sends a `set`; the policies decide what a refusal and a failure return.
    @inline(__always)
    private final func send(
        _ key: RawSpan,
        routing: RawSpan,
        _ value: RawSpan,
        flags: Flags,
        time: Expiration,
        noreply: Bool
    ) throws(MemcachedError) -> Bool {
        do throws(MemcachedError) {
            let isStored = try handle.store(
                .set,
                key,
                routing: routing,
                value,
                flags: flags,
                expiration: time.wireValue(),
                isQuiet: noreply || handle.traits.isQuiet(.set)
            )
            if isStored || outcomes == .results { return isStored }
        } catch {
            return try forgiving(error, false)
        }
        throw MemcachedError(outcome: .notStored, .set, key: key.text)
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

// Methods that are here, and not only in the protocol, because they are called so often in a row that the cost of a
// request and its response is noticeable. They do the same.

extension Client {
    /// Adds to a number: pylibmc's `incr`.
    ///
    /// At 2⁶⁴ it wraps to 0.
    ///
    /// - Parameters:
    ///   - key: The key of an item that is a decimal number.
    ///   - delta: What to add, 0 to 2⁶⁴ - 1.
    /// - Returns: The new value.
    /// - Throws: `.notFound` if there is no such item, `.notNumeric` if it is not a number, `.invalidArguments` for a
    ///   negative delta, `.badKey`, or a failure of the server.
    @inlinable
    @discardableResult
    public final func incr<K: CacheKey>(_ key: K, delta: some BinaryInteger = Int(1)) throws(MemcachedError) -> UInt64 {
        let step = try CounterStep(.up, checking: delta)
        return try key.withKeyBytes { key, routing throws(MemcachedError) in try _counted(key, routing, step) }
    }

    /// Subtracts from a number, down to 0: pylibmc's `decr`.
    ///
    /// Parameters and errors are those of ``incr(_:delta:)``.
    ///
    /// - Returns: The new value. The stored text keeps its length, padded with blanks.
    @inlinable
    @discardableResult
    public final func decr<K: CacheKey>(_ key: K, delta: some BinaryInteger = Int(1)) throws(MemcachedError) -> UInt64 {
        let step = try CounterStep(.down, checking: delta)
        return try key.withKeyBytes { key, routing throws(MemcachedError) in try _counted(key, routing, step) }
    }

    @usableFromInline
    final func _counted(
        _ key: RawSpan,
        _ routing: RawSpan,
        _ step: CounterStep
    ) throws(MemcachedError) -> UInt64 {
        if _slowPath(isObserved) {
            let key = MemcachedRequest.Key(key, in: routing)
            let request = MemcachedRequest(step.operation, keys: .init(.one(key)), .count(step))
            return try perform(request).counted(request)
        }
        let change = Counting(step.operation, step)
        guard let value = try handle.count(change, key, routing: routing) else {
            throw handle.missing(change.operation, key, routing)
        }
        return value
    }

    /// Deletes many items: pylibmc's `delete_multi`, without a round trip per key in the binary protocol.
    ///
    /// - Parameters:
    ///   - keys: The items' keys.
    ///   - keyPrefix: What to put before each key on the wire.
    ///   - noreply: Whether not to wait for the servers' replies; the binary protocol still waits.
    /// - Returns: Whether all were deleted: none was missing, and every server answered.
    /// - Throws: `.badKey` before anything is sent, or a failure if no server answered.
    @inlinable
    @discardableResult
    public final func deleteMulti<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String? = nil,
        noreply: Bool = false
    ) throws(MemcachedError) -> Bool {
        let keys = Array(keys)
        if _isObserved {
            let cache: any MemcachedCommands = self
            return try cache.deleteMulti(keys, keyPrefix: keyPrefix, noreply: noreply)
        }
        return try _deleteMany(try _keyList(keys, prefix: keyPrefix, for: .deleteMulti), noreply: noreply)
    }

    @usableFromInline
    final func _deleteMany(_ keys: KeyList, noreply: Bool) throws(MemcachedError) -> Bool {
        if keys.isEmpty { return true }
        let outcome = deleted(keys, noreply: noreply)
        try conclude(outcome, keys)
        return outcome.failed.isEmpty
    }

    /// Deletes many items; the second of two keys for one item, which finds nothing left to delete, has not failed.
    final func deleted(_ keys: KeyList, noreply: Bool) -> ManyOutcome {
        var outcome = handle.deleteMany(keys, isQuiet: noreply || handle.traits.isQuiet)
        if _fastPath(outcome.failed.isEmpty) { return outcome }
        let repetitions = keys.repetitions(exceptAmong: outcome.failed, handle.position)
        if !repetitions.isEmpty { outcome.failed.removeAll { repetitions.contains($0) } }
        return outcome
    }
}
