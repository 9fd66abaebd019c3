/// Several caches one behind the other, for moving from an old one to a new one: pymemcache's `FallbackClient`.
///
/// ```swift
/// let cache = FallbackClient([newClient, oldClient])
/// ```
///
/// Everything is written to the first. What is read is looked for in the first, then in the next, and so on; each is
/// asked once at most. In multi-key calls the next cache is asked only for the keys that are still missing.
///
/// A cache that fails to read counts as a miss: ``onError`` hears of it, and the call throws only if all have failed.
public struct FallbackClient: ForwardingCommands {
    /// The caches, in the order in which they are asked.
    public let caches: [any MemcachedCommands]
    /// Hears of caches that fail to read.
    public var onError: (@Sendable (MemcachedError) -> Void)?

    /// Puts caches one behind the other.
    ///
    /// - Parameters:
    ///   - caches: At least one cache; an empty list is a mistake of the program, and ends it.
    ///   - onError: Hears of caches that fail to read.
    public init(_ caches: [any MemcachedCommands], onError: (@Sendable (MemcachedError) -> Void)? = nil) {
        precondition(!caches.isEmpty, "a FallbackClient needs at least one cache")
        self.caches = caches
        self.onError = onError
    }

    /// Has the first cache carry out a command.
    public func forward<R>(
        _ kind: CommandKind,
        _ command: (any MemcachedCommands) throws(MemcachedError) -> R
    ) throws(MemcachedError) -> R {
        try command(caches[0])
    }

    /// Closes the connections of all caches.
    public func disconnectAll() { for cache in caches { cache.disconnectAll() } }

    /// Stores a value in the first cache if the item there is still at a version.
    ///
    /// An item that was read from another cache was missing in the first: it is stored if it still is.
    public func compareAndSwap<K: CacheKey, V: Encodable>(
        _ key: K,
        _ value: V,
        cas: CAS,
        with options: StoreOptions
    ) throws(MemcachedError) -> Bool {
        guard cas == Self.elsewhere else {
            return try caches[0].compareAndSwap(key, value, cas: cas, with: options)
        }
        return try caches[0].store(key, value, when: .ifAbsent, with: options)
    }

    /// The version of items that the first cache does not have.
    private static let elsewhere = CAS(rawValue: 0)
}

// MARK: - Single reads

extension FallbackClient {
    /// Reads a value from the first cache that has it.
    public func get<K: CacheKey, V: Decodable>(_ key: K, as type: V.Type) throws(MemcachedError) -> V? {
        try first { cache throws(MemcachedError) in try cache.get(key, as: type) }?.result
    }

    /// Reads a value and its version from the first cache that has it.
    ///
    /// The version of a value from another cache than the first is zero.
    public func gets<K: CacheKey, V: Decodable>(
        _ key: K,
        as type: V.Type
    ) throws(MemcachedError) -> (value: V, cas: CAS)? {
        let found = try first { cache throws(MemcachedError) in try cache.gets(key, as: type) }
        return found.map { ($0.result.value, $0.index == 0 ? $0.result.cas : Self.elsewhere) }
    }

    /// Lends the bytes of a value of the first cache that has it.
    public func withBytes<K: CacheKey, R>(_ key: K, _ body: (RawSpan) throws -> R) throws -> R? {
        let bytes = try first { cache throws(MemcachedError) in try cache.copiedBytes(of: key) }?.result
        return try bytes?.withRawSpan(body)
    }

    /// Reads an item from the first cache that has it.
    ///
    /// The version of an item from another cache than the first is zero.
    public func item<K: CacheKey>(_ key: K) throws(MemcachedError) -> Item? {
        let found = try first { cache throws(MemcachedError) in try cache.item(key) }
        return found.map { $0.index == 0 ? $0.result : $0.result.at(Self.elsewhere) }
    }

    /// Whether any cache has an item.
    public func contains<K: CacheKey>(_ key: K) throws(MemcachedError) -> Bool {
        try first { cache throws(MemcachedError) in try cache.contains(key) ? () : nil } != nil
    }

    /// The first answer that is not a miss, and the place of its cache.
    private func first<R>(
        _ read: (any MemcachedCommands) throws(MemcachedError) -> R?
    ) throws(MemcachedError) -> (index: Int, result: R)? {
        var found: (index: Int, result: R)?
        var failures: [MemcachedError] = []
        for (index, cache) in caches.enumerated() where found == nil {
            do throws(MemcachedError) {
                found = try read(cache).map { (index, $0) }
            } catch {
                if error.code != .noValue { try note(error, among: &failures) }
            }
        }
        try conclude(failures)
        return found
    }
}

// MARK: - Multi-key reads

extension FallbackClient {
    /// Reads values, each from the first cache that has it.
    public func getMulti<K: CacheKey, V: Decodable>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        as type: V.Type
    ) throws(MemcachedError) -> [K: V] {
        try gather(keys) { cache, keys, _ throws(MemcachedError) in
            try cache.getMulti(keys, keyPrefix: keyPrefix, as: type)
        }
    }

    /// Reads values, each from the first cache that has it.
    public func getMultiArray<K: CacheKey, V: Decodable>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        as type: V.Type
    ) throws(MemcachedError) -> [V?] {
        // By the bytes of the keys: equal ones may be two items.
        let keys = keys.map { GroupedKey($0) }
        let found = try getMulti(keys, keyPrefix: keyPrefix, as: type)
        return keys.map { found[$0] }
    }

    /// Reads values and their versions, each from the first cache that has it.
    ///
    /// The version of a value from another cache than the first is zero.
    public func getsMulti<K: CacheKey, V: Decodable>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        as type: V.Type
    ) throws(MemcachedError) -> [K: (value: V, cas: CAS)] {
        try gather(keys) { cache, keys, isFirst throws(MemcachedError) in
            try cache.getsMulti(keys, keyPrefix: keyPrefix, as: type)
                .mapValues { ($0.value, isFirst ? $0.cas : Self.elsewhere) }
        }
    }

    /// Reads items, each from the first cache that has it.
    ///
    /// The version of an item from another cache than the first is zero.
    public func items<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String?
    ) throws(MemcachedError) -> [K: Item] {
        try gather(keys) { cache, keys, isFirst throws(MemcachedError) in
            try cache.items(keys, keyPrefix: keyPrefix).mapValues { isFirst ? $0 : $0.at(Self.elsewhere) }
        }
    }

    /// Asks each cache for what those before it did not have.
    private func gather<K: CacheKey, R>(
        _ keys: some Sequence<K>,
        _ read: (any MemcachedCommands, [K], _ isFirst: Bool) throws(MemcachedError) -> [K: R]
    ) throws(MemcachedError) -> [K: R] {
        var seen = Set<K>()
        // Of equal keys the first, as in every dictionary of results.
        var missing = keys.filter { seen.insert($0).inserted }
        var found: [K: R] = [:]
        var failures: [MemcachedError] = []
        for (index, cache) in caches.enumerated() where !missing.isEmpty {
            do throws(MemcachedError) {
                for (key, result) in try read(cache, missing, index == 0) { found[key] = result }
                missing.removeAll { found[$0] != nil }
            } catch {
                try note(error, among: &failures)
            }
        }
        try conclude(failures)
        return found
    }
}

// MARK: - Failures

extension FallbackClient {
    private func note(_ error: MemcachedError, among failures: inout [MemcachedError]) throws(MemcachedError) {
        // A mistake of the caller's, which no other cache would take either.
        if error.code == .badKey || error.code == .invalidArguments { throw error }
        failures.append(error)
    }

    /// Throws if all caches have failed; else `onError` hears of those that have.
    private func conclude(_ failures: [MemcachedError]) throws(MemcachedError) {
        if failures.count == caches.count { throw failures[0] }
        for error in failures { onError?(error) }
    }
}
