// The shortest path to the most common values, bytes and text under text keys: without a request and a response, whose
// parts would be retained and released several times.

extension NearCache {
    /// Reads a value, like every cache's `get`.
    @inlinable
    @inline(__always)
    public func get<K: CacheKey, V: Decodable>(_ key: K, as type: V.Type = V.self) throws(MemcachedError) -> V? {
        if K.self == String.self {
            if V.self == [UInt8].self, let bytes = key.withKeyBytes({ key, _ in _keptBytes(key) }) {
                return recast(bytes, as: V.self)
            }
            if V.self == String.self, let text = key.withKeyBytes({ key, _ in _keptText(key) }) {
                return recast(text, as: V.self)
            }
        }
        return try _get(self, key, as: type)
    }

    @usableFromInline
    func _keptBytes(_ key: RawSpan) -> [UInt8]? { base.codec.isStandard ? memory.bytes(of: key) : nil }

    @usableFromInline
    func _keptText(_ key: RawSpan) -> String? { base.codec.isStandard ? memory.text(of: key) : nil }

    /// The `get` of every cache.
    @inlinable
    @inline(__always)
    func _get<C: MemcachedCommands, K: CacheKey, V: Decodable>(
        _ cache: C,
        _ key: K,
        as type: V.Type
    ) throws(MemcachedError) -> V? {
        try cache.get(key, as: type)
    }
}

extension AsyncNearCache {
    /// Reads a value, like every cache's `get`.
    @inlinable
    @inline(__always)
    public func get<K: CacheKey, V: Decodable & Sendable>(
        _ key: K,
        as type: V.Type = V.self
    ) async throws(MemcachedError) -> V? {
        if K.self == String.self {
            if V.self == [UInt8].self, let bytes = key.withKeyBytes({ key, _ in _keptBytes(key) }) {
                return recast(bytes, as: V.self)
            }
            if V.self == String.self, let text = key.withKeyBytes({ key, _ in _keptText(key) }) {
                return recast(text, as: V.self)
            }
        }
        return try await _get(self, key, as: type)
    }

    @usableFromInline
    func _keptBytes(_ key: RawSpan) -> [UInt8]? { base.codec?.isStandard == true ? memory.bytes(of: key) : nil }

    @usableFromInline
    func _keptText(_ key: RawSpan) -> String? { base.codec?.isStandard == true ? memory.text(of: key) : nil }

    /// The `get` of every cache.
    @inlinable
    @inline(__always)
    func _get<C: AsyncMemcachedCommands, K: CacheKey, V: Decodable & Sendable>(
        _ cache: C,
        _ key: K,
        as type: V.Type
    ) async throws(MemcachedError) -> V? {
        try await cache.get(key, as: type)
    }
}

extension NearMemory {
    /// A value that is there, if it is not compressed.
    @inline(__always)
    fileprivate func bytes(of key: RawSpan) -> [UInt8]? {
        value(key) { !$0.flags.contains(.zlib) }?.bytes
    }

    /// A value that is there, if it is a text.
    @inline(__always)
    fileprivate func text(of key: RawSpan) -> String? {
        value(key) { $0.flags == .text }?.withBytes { String(validating: $0) }
    }
}
