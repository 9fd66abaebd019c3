// What a conforming type need not write itself: the requirements that can be made of others. A `Client` has all of them
// of its own, with fewer round trips.

// MARK: - Reading

extension MemcachedCommands {
    /// Reads an item and its value.
    public func get<K: CacheKey, V: Decodable>(_ key: K, as type: V.Type) throws(MemcachedError) -> V? {
        try item(key).flatMap { item throws(MemcachedError) in try decodeUnlessMiss(item, as: type) }
    }

    /// Reads an item, its value and its version.
    public func gets<K: CacheKey, V: Decodable>(
        _ key: K,
        as type: V.Type
    ) throws(MemcachedError) -> (value: V, cas: CAS)? {
        guard let item = try item(key), let value = try decodeUnlessMiss(item, as: type) else { return nil }
        return (value, item.cas)
    }

    /// Reads an item, and lends its bytes, inflated if they need it.
    public func withBytes<K: CacheKey, R>(_ key: K, _ body: (RawSpan) throws -> R) throws -> R? {
        guard let item = try item(key) else { return nil }
        return try item.inflated(.standard, limit: Client.defaultInflationLimit, with: Deflate()).withRawSpan(body)
    }

    /// Reads the value of an item in the standard format.
    public func decode<V: Decodable>(_ item: Item, as type: V.Type) throws(MemcachedError) -> V {
        try item.decode(as: type)
    }

    /// Reads an item.
    public func contains<K: CacheKey>(_ key: K) throws(MemcachedError) -> Bool { try item(key) != nil }

    /// Reads items and their values.
    public func getMulti<K: CacheKey, V: Decodable>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        as type: V.Type
    ) throws(MemcachedError) -> [K: V] {
        var found: [K: V] = [:]
        for (key, item) in try items(keys, keyPrefix: keyPrefix) { found[key] = try decodeUnlessMiss(item, as: type) }
        return found
    }

    /// Reads values into a dictionary first, by the bytes of their keys.
    public func getMultiArray<K: CacheKey, V: Decodable>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        as type: V.Type
    ) throws(MemcachedError) -> [V?] {
        let keys = keys.map { GroupedKey($0) }
        let found = try getMulti(keys, keyPrefix: keyPrefix, as: type)
        return keys.map { found[$0] }
    }

    /// Reads items, their values and versions.
    public func getsMulti<K: CacheKey, V: Decodable>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        as type: V.Type
    ) throws(MemcachedError) -> [K: (value: V, cas: CAS)] {
        var found: [K: (value: V, cas: CAS)] = [:]
        for (key, item) in try items(keys, keyPrefix: keyPrefix) {
            if let value = try decodeUnlessMiss(item, as: type) { found[key] = (value, item.cas) }
        }
        return found
    }

    /// Reads one item after the other.
    public func items<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String?
    ) throws(MemcachedError) -> [K: Item] {
        let keys = Array(keys)
        var found: [Item?] = []
        for key in keys { found.append(try item(GroupedKey(prefix: keyPrefix, key))?.under(key)) }
        return Dictionary(keys, found)
    }

    /// The value of an item; nil if the format calls it a miss.
    private func decodeUnlessMiss<V: Decodable>(_ item: Item, as type: V.Type) throws(MemcachedError) -> V? {
        do throws(MemcachedError) {
            return try decode(item, as: type)
        } catch {
            if error.code == .notFound { return nil }
            throw error
        }
    }
}

// MARK: - Writing much at once

extension MemcachedCommands {
    /// Stores one value after the other.
    public func storeMulti<K: CacheKey, V: Encodable>(
        _ mapping: [K: V],
        keyPrefix: String?,
        when condition: StoreCondition,
        with options: StoreOptions
    ) throws(MemcachedError) -> [K] {
        try mapping.keysThatFail { key, value throws(MemcachedError) in
            try store(GroupedKey(prefix: keyPrefix, key), value, when: condition, with: options)
        }
    }

    /// Stores one value after the other.
    public func storeMulti<K: CacheKey>(
        _ mapping: [K: any Encodable],
        keyPrefix: String?,
        when condition: StoreCondition,
        with options: StoreOptions
    ) throws(MemcachedError) -> [K] {
        try mapping.keysThatFail { key, value throws(MemcachedError) in
            try store(GroupedKey(prefix: keyPrefix, key), value, when: condition, with: options)
        }
    }

    /// Deletes one item after the other.
    @discardableResult
    public func deleteMulti<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        noreply: Bool
    ) throws(MemcachedError) -> Bool {
        var allWereThere = true
        for key in keys.distinct {
            if try !delete(GroupedKey(prefix: keyPrefix, key), noreply: noreply) { allWereThere = false }
        }
        return allWereThere
    }

    /// Sets the expiration of one item after the other.
    @discardableResult
    public func touchMulti<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        time: Expiration
    ) throws(MemcachedError) -> [K] {
        var missing: [K] = []
        for key in keys.distinct {
            if try !touch(GroupedKey(prefix: keyPrefix, key), time: time) { missing.append(key) }
        }
        return missing
    }

    /// Counts one item after the other.
    public func countMulti<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        by step: CounterStep
    ) throws(MemcachedError) {
        var missing: [MemcachedError] = []
        for key in keys {
            do throws(MemcachedError) {
                try count(GroupedKey(prefix: keyPrefix, key), by: step)
            } catch {
                guard error.code == .notFound else { throw error }
                missing.append(error.about(key))
            }
        }
        guard var first = missing.first else { return }
        first.partialResult = PartialResult(failures: [], failedKeys: missing.compactMap(\.key))
        throw first
    }
}

// MARK: - Servers

extension MemcachedCommands {
    /// Nothing: there is no connection.
    public func disconnectAll() {}

    /// Nothing: there is no server.
    public func getStats(_ args: String?) throws(MemcachedError) -> [(server: Server, stats: [String: String])] { [] }

    /// Nothing: there is no server.
    public func version() throws(MemcachedError) -> [(server: Server, version: String)] { [] }

    /// Nothing: there is no server.
    public func ping() -> [(server: Server, error: MemcachedError?)] { [] }

    /// Nobody.
    public var onError: (@Sendable (MemcachedError) -> Void)? { nil }
}

extension Dictionary where Key: CacheKey {
    /// The keys whose value was declined or is too large.
    fileprivate func keysThatFail(
        _ store: (Key, Value) throws(MemcachedError) -> Bool
    ) throws(MemcachedError) -> [Key] {
        var failed: [Key] = []
        for (key, value) in self {
            do throws(MemcachedError) {
                if try !store(key, value) { failed.append(key) }
            } catch {
                guard error.code == .tooBig else { throw error }
                failed.append(key)
            }
        }
        return failed
    }
}
