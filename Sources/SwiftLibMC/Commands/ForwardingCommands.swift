/// A cache in front of another one, which it asks for everything.
///
/// A wrapper writes one function, and has all commands. This one measures how long they take:
///
/// ```swift
/// struct TimedCommands<Base: MemcachedCommands>: ForwardingCommands {
///     let base: Base
///     let clock = ContinuousClock()
///
///     func forward<R>(
///         _ kind: CommandKind,
///         _ command: (any MemcachedCommands) throws(MemcachedError) -> R
///     ) throws(MemcachedError) -> R {
///         let start = clock.now
///         defer { print(kind, clock.now - start) }
///         return try command(base)
///     }
/// }
/// ```
public protocol ForwardingCommands: MemcachedCommands {
    /// Has a command carried out.
    ///
    /// - Parameters:
    ///   - kind: What the command does.
    ///   - command: The command, to be called with another cache: once, several times, or not at all.
    /// - Returns: What `command` returned.
    /// - Throws: What `command` threw, or an error of the wrapper's own.
    func forward<R>(
        _ kind: CommandKind,
        _ command: (any MemcachedCommands) throws(MemcachedError) -> R
    ) throws(MemcachedError) -> R
}

// MARK: - Reading

extension ForwardingCommands {
    /// Asks the other cache.
    public func get<K: CacheKey, V: Decodable>(_ key: K, as type: V.Type) throws(MemcachedError) -> V? {
        try forward(.reading) { cache throws(MemcachedError) in try cache.get(key, as: type) }
    }

    /// Asks the other cache.
    public func gets<K: CacheKey, V: Decodable>(
        _ key: K,
        as type: V.Type
    ) throws(MemcachedError) -> (value: V, cas: CAS)? {
        try forward(.reading) { cache throws(MemcachedError) in try cache.gets(key, as: type) }
    }

    /// Asks the other cache, and lends a copy of what it lends.
    public func withBytes<K: CacheKey, R>(_ key: K, _ body: (RawSpan) throws -> R) throws -> R? {
        let bytes = try forward(.reading) { cache throws(MemcachedError) in try cache.copiedBytes(of: key) }
        return try bytes?.withRawSpan(body)
    }

    /// Asks the other cache.
    public func item<K: CacheKey>(_ key: K) throws(MemcachedError) -> Item? {
        try forward(.reading) { cache throws(MemcachedError) in try cache.item(key) }
    }

    /// Asks the other cache.
    public func decode<V: Decodable>(_ item: Item, as type: V.Type) throws(MemcachedError) -> V {
        try forward(.reading) { cache throws(MemcachedError) in try cache.decode(item, as: type) }
    }

    /// Asks the other cache.
    public func contains<K: CacheKey>(_ key: K) throws(MemcachedError) -> Bool {
        try forward(.reading) { cache throws(MemcachedError) in try cache.contains(key) }
    }

    /// Asks the other cache.
    public func getMulti<K: CacheKey, V: Decodable>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        as type: V.Type
    ) throws(MemcachedError) -> [K: V] {
        let keys = Array(keys)
        return try forward(.reading) { cache throws(MemcachedError) in
            try cache.getMulti(keys, keyPrefix: keyPrefix, as: type)
        }
    }

    /// Asks the other cache.
    public func getMultiArray<K: CacheKey, V: Decodable>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        as type: V.Type
    ) throws(MemcachedError) -> [V?] {
        let keys = Array(keys)
        return try forward(.reading) { cache throws(MemcachedError) in
            try cache.getMultiArray(keys, keyPrefix: keyPrefix, as: type)
        }
    }

    /// Asks the other cache.
    public func getsMulti<K: CacheKey, V: Decodable>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        as type: V.Type
    ) throws(MemcachedError) -> [K: (value: V, cas: CAS)] {
        let keys = Array(keys)
        return try forward(.reading) { cache throws(MemcachedError) in
            try cache.getsMulti(keys, keyPrefix: keyPrefix, as: type)
        }
    }

    /// Asks the other cache.
    public func items<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String?
    ) throws(MemcachedError) -> [K: Item] {
        let keys = Array(keys)
        return try forward(.reading) { cache throws(MemcachedError) in try cache.items(keys, keyPrefix: keyPrefix) }
    }
}

extension MemcachedCommands {
    /// A copy of what `withBytes` lends.
    func copiedBytes(of key: some CacheKey) throws(MemcachedError) -> [UInt8]? {
        do {
            return try withBytes(key) { Array(copying: $0) }
        } catch {
            // Copying throws nothing, so that this is the cache's own error.
            throw error as? MemcachedError
                ?? MemcachedError(code: .failure, operation: .withBytes, detail: "\(error)", underlying: error)
        }
    }
}
