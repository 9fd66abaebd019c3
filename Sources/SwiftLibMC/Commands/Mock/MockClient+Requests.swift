// What the commands of a mock have in common.

extension MockClient {
    /// The stored form of a value, compressed if that is wanted and makes it smaller.
    func payload<V: Encodable>(
        _ value: V,
        _ options: StoreOptions,
        _ operation: Operation
    ) throws(MemcachedError) -> Payload {
        let compression = try compression.overridden(
            minLength: options.minCompressLen,
            level: options.compressLevel,
            operation: operation.rawValue
        )
        let payload: Payload
        do {
            payload = try format.encode(value)
        } catch {
            throw MemcachedError(
                code: .serialization,
                operation: operation,
                detail: "the value, a \(V.self), can't be serialized",
                underlying: error
            )
        }
        return payload.bytes.withRawSpan { bytes in
            Deflate().withCompressed(bytes, payload.flags, compression, format.packing) { bytes, flags in
                Payload(bytes: Array(copying: bytes), flags: flags)
            }
        }
    }

    func store(
        _ key: [UInt8],
        _ payload: Payload,
        when condition: StoreCondition,
        with options: StoreOptions,
        _ operation: Operation
    ) throws(MemcachedError) -> Bool {
        try perform(operation, key) { store, now throws(MockStore.Refusal) in
            let expiration = options.time.wireValue(now: Int64(now))
            return try store.store(key, payload, when: condition, expiration: expiration, now: now)
        }
    }

    func storeMulti<K: CacheKey>(
        _ payloads: [K: Payload],
        _ prefix: String?,
        _ condition: StoreCondition,
        _ options: StoreOptions,
        _ operation: Operation
    ) throws(MemcachedError) -> [K] {
        try each(Array(payloads.keys), prefix, operation) { key, bytes throws(MemcachedError) in
            guard let payload = payloads[key] else { return false }
            return try store(bytes, payload, when: condition, with: options, operation)
        }
    }

    func extend(
        _ operation: Operation,
        _ key: [UInt8],
        _ value: some Appendable,
        atEnd: Bool
    ) throws(MemcachedError) -> Bool {
        let bytes = value.withAppendedBytes { Array(copying: $0) }
        return try perform(operation, key) { store, now throws(MockStore.Refusal) in
            try store.extend(key, bytes, atEnd: atEnd, now: now)
        }
    }

    func touch(_ key: [UInt8], _ time: Expiration, _ operation: Operation) throws(MemcachedError) -> Bool {
        try perform(operation, key) { store, now in
            store.touch(key, expiration: time.wireValue(now: Int64(now)), now: now)
        }
    }

    func count(_ key: [UInt8], _ step: CounterStep, _ operation: Operation) throws(MemcachedError) -> UInt64 {
        try perform(operation, key) { store, now throws(MockStore.Refusal) in try store.count(key, step, now: now) }
    }

    /// Does something for each key, after having checked them all; the keys for which it gave false or failed.
    ///
    /// It throws if all failed; else `onError` hears of the failures, but for values that are too large.
    func each<K: CacheKey>(
        _ keys: [K],
        _ prefix: String?,
        _ operation: Operation,
        _ body: (K, [UInt8]) throws(MemcachedError) -> Bool
    ) throws(MemcachedError) -> [K] {
        let prefix = Array((prefix ?? "").utf8)
        for key in keys { try check(prefix + key.wireBytes, operation) }
        var failed: [K] = []
        var errors: [MemcachedError] = []
        for key in keys {
            do throws(MemcachedError) {
                if try !body(key, prefix + key.wireBytes) { failed.append(key) }
            } catch {
                failed.append(key)
                if error.code != .tooBig { errors.append(error) }
            }
        }
        if let first = errors.first, errors.count == keys.count { throw first }
        for error in errors { onError?(error) }
        return failed
    }
}
