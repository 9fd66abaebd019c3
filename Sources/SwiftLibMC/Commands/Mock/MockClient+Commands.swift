extension MockClient: MemcachedCommands {
    // MARK: - Reading

    /// Reads an item as it is stored; nil on a miss.
    public func item<K: CacheKey>(_ key: K) throws(MemcachedError) -> Item? {
        try item(key, as: key.wireBytes, .get)
    }

    /// Reads the value of an item in the format of the cache.
    public func decode<V: Decodable>(_ item: Item, as type: V.Type) throws(MemcachedError) -> V {
        try item.decode(as: type, format: format)
    }

    /// Lends the bytes of a value, inflated; nil on a miss.
    public func withBytes<K: CacheKey, R>(_ key: K, _ body: (RawSpan) throws -> R) throws -> R? {
        guard let item = try item(key) else { return nil }
        return try item.inflated(format.packing, limit: Client.defaultInflationLimit, with: Deflate())
            .withRawSpan(body)
    }

    /// Reads many items as they are stored.
    public func items<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String?
    ) throws(MemcachedError) -> [K: Item] {
        let keys = Array(keys)
        var found: [Item?] = []
        _ = try each(keys, keyPrefix, .getMulti) { key, bytes throws(MemcachedError) in
            found.append(nil)
            found[found.count - 1] = try item(key, as: bytes, .getMulti)
            return true
        }
        return Dictionary(keys, found)
    }

    private func item<K: CacheKey>(
        _ key: K,
        as bytes: [UInt8],
        _ operation: Operation
    ) throws(MemcachedError) -> Item? {
        let entry = try perform(operation, bytes) { store, now in store.read(bytes, now: now) }
        return entry.map { entry in
            Item(
                key: key.wireBytes,
                bytes: entry.payload.bytes,
                flags: entry.payload.flags,
                cas: entry.version,
                group: key.groupBytes
            )
        }
    }

    // MARK: - Writing

    /// Stores a value under a condition.
    @discardableResult
    public func store<K: CacheKey, V: Encodable>(
        _ key: K,
        _ value: V,
        when condition: StoreCondition,
        with options: StoreOptions
    ) throws(MemcachedError) -> Bool {
        let payload = try payload(value, options, condition.command.operation)
        return try store(key.wireBytes, payload, when: condition, with: options, condition.command.operation)
    }

    /// Stores a value if the item is still at a version.
    public func compareAndSwap<K: CacheKey, V: Encodable>(
        _ key: K,
        _ value: V,
        cas: CAS,
        with options: StoreOptions
    ) throws(MemcachedError) -> Bool {
        let bytes = key.wireBytes
        try check(bytes, .cas)
        let payload = try payload(value, options, .cas)
        guard cas.rawValue != 0 else {
            throw MemcachedError(
                code: .invalidArguments,
                operation: .cas,
                detail: "the CAS token is zero: it is not one of gets",
                key: String(decoding: bytes, as: UTF8.self)
            )
        }
        return try perform(.cas, bytes) { store, now throws(MockStore.Refusal) in
            try store.swap(bytes, payload, version: cas, expiration: options.time.wireValue(now: Int64(now)), now: now)
        }
    }

    /// Adds bytes at the end of a value; false if there is no such item.
    @discardableResult
    public func append<K: CacheKey, V: Appendable>(
        _ key: K,
        _ value: V,
        noreply: Bool
    ) throws(MemcachedError) -> Bool {
        try extend(.append, key.wireBytes, value, atEnd: true)
    }

    /// Adds bytes in front of a value; false if there is no such item.
    @discardableResult
    public func prepend<K: CacheKey, V: Appendable>(
        _ key: K,
        _ value: V,
        noreply: Bool
    ) throws(MemcachedError) -> Bool {
        try extend(.prepend, key.wireBytes, value, atEnd: false)
    }

    /// Deletes an item; false if there was none.
    @discardableResult
    public func delete<K: CacheKey>(_ key: K, noreply: Bool) throws(MemcachedError) -> Bool {
        let bytes = key.wireBytes
        return try perform(.delete, bytes) { store, now in store.delete(bytes, now: now) }
    }

    /// Sets when an item expires; false if there is none.
    @discardableResult
    public func touch<K: CacheKey>(_ key: K, time: Expiration) throws(MemcachedError) -> Bool {
        try touch(key.wireBytes, time, .touch)
    }

    /// Counts up or down.
    @discardableResult
    public func count<K: CacheKey>(_ key: K, by step: CounterStep) throws(MemcachedError) -> UInt64 {
        try count(key.wireBytes, step, step.direction == .up ? .incr : .decr)
    }

    // MARK: - Much at once

    /// Stores many values under a condition.
    public func storeMulti<K: CacheKey, V: Encodable>(
        _ mapping: [K: V],
        keyPrefix: String?,
        when condition: StoreCondition,
        with options: StoreOptions
    ) throws(MemcachedError) -> [K] {
        let operation = condition.command.multiOperation
        var payloads: [K: Payload] = [:]
        for (key, value) in mapping { payloads[key] = try payload(value, options, operation) }
        return try storeMulti(payloads, keyPrefix, condition, options, operation)
    }

    /// Stores many values of different types under a condition.
    public func storeMulti<K: CacheKey>(
        _ mapping: [K: any Encodable],
        keyPrefix: String?,
        when condition: StoreCondition,
        with options: StoreOptions
    ) throws(MemcachedError) -> [K] {
        let operation = condition.command.multiOperation
        var payloads: [K: Payload] = [:]
        for (key, value) in mapping { payloads[key] = try payload(value, options, operation) }
        return try storeMulti(payloads, keyPrefix, condition, options, operation)
    }

    /// Deletes many items; true if all were there.
    @discardableResult
    public func deleteMulti<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        noreply: Bool
    ) throws(MemcachedError) -> Bool {
        try each(keys.distinct, keyPrefix, .deleteMulti) { _, bytes throws(MemcachedError) in
            try perform(.deleteMulti, bytes) { store, now in store.delete(bytes, now: now) }
        }.isEmpty
    }

    /// Sets when many items expire; the keys that were not found.
    @discardableResult
    public func touchMulti<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        time: Expiration
    ) throws(MemcachedError) -> [K] {
        try each(keys.distinct, keyPrefix, .touchMulti) { _, bytes throws(MemcachedError) in
            try touch(bytes, time, .touchMulti)
        }
    }

    /// Counts many items up or down.
    public func countMulti<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        by step: CounterStep
    ) throws(MemcachedError) {
        let operation: Operation = step.direction == .up ? .incrMulti : .decrMulti
        var refusals: [MemcachedError] = []
        _ = try each(Array(keys), keyPrefix, operation) { key, bytes throws(MemcachedError) in
            do throws(MemcachedError) {
                _ = try count(bytes, step, operation)
            } catch {
                guard error.code == .notFound || error.code == .notNumeric else { throw error }
                refusals.append(error.about(key))
            }
            return true
        }
        if let wrong = refusals.first(where: { $0.code == .notNumeric }) { throw wrong }
        guard var first = refusals.first else { return }
        first.partialResult = PartialResult(failures: [], failedKeys: refusals.compactMap(\.key))
        throw first
    }

    // MARK: - The server

    /// Empties the cache.
    public func flushAll(time: Expiration) throws(MemcachedError) {
        let now = Int64(clock.seconds)
        try perform(.flushAll, nil) { store, moment in store.flush(delay: time.flushDelay(now: now), now: moment) }
    }

    /// Some of the statistics that a server has; of a group such as `items` none.
    public func getStats(_ args: String?) throws(MemcachedError) -> [(server: Server, stats: [String: String])] {
        let group = try Client.checkStatisticsGroup(args)
        let statistics = try perform(.getStats, nil) { store, _ in
            store.statistics.merging(["curr_items": store.count]) { $1 }
        }
        return [(server, group == nil ? statistics.mapValues(String.init) : [:])]
    }

    /// The version of this library.
    public func version() throws(MemcachedError) -> [(server: Server, version: String)] {
        [(server, try perform(.version, nil) { _, _ in buildInfo.version })]
    }

    /// Whether the next command would fail.
    public func ping() -> [(server: Server, error: MemcachedError?)] {
        do throws(MemcachedError) {
            try perform(.ping, nil) { _, _ in }
            return [(server, nil)]
        } catch {
            return [(server, error)]
        }
    }
}
