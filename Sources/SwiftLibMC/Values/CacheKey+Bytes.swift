// Keys by their bytes. To `String` the two Unicode spellings of "é" are the same text; to a server they are two keys.
// So the equality of a key's own type never decides which item it names.

extension CacheKey {
    /// The bytes that are sent.
    var wireBytes: [UInt8] { withKeyBytes { bytes, _ in Array(copying: bytes) } }

    /// The bytes that choose the server, nil if that is the key itself.
    var groupBytes: [UInt8]? {
        guard Self.isGrouped else { return nil }
        return withKeyBytes { key, routing in routing.isGroup(of: key) ? Array(copying: routing) : nil }
    }
}

extension MemcachedError {
    /// The error of a multi-key call about one of its keys, and so without a prefix.
    func about(_ key: some CacheKey) -> MemcachedError {
        var error = self
        error.key = key.withKeyBytes { bytes, _ in bytes.text }
        return error
    }
}

extension RawSpan {
    /// Whether a key is in a group that is named by these bytes.
    ///
    /// A key without a group lends its own bytes to choose the server. Equal bytes elsewhere in memory are a group.
    func isGroup(of key: RawSpan) -> Bool { !isEmpty && !isIdentical(to: key) }
}

extension GroupedKey {
    /// A key of any type with a prefix, in the same group; if it is in none, the key with its prefix is hashed.
    init(prefix: String? = nil, _ key: some CacheKey) {
        self.init(group: key.groupBytes ?? [], key: Array((prefix ?? "").utf8) + key.wireBytes)
    }
}

extension Sequence where Element: CacheKey {
    /// The keys without those whose bytes and group an earlier one has, in order.
    var distinct: [Element] {
        var seen = Set<GroupedKey>()
        return filter { seen.insert(GroupedKey($0)).inserted }
    }
}

extension Dictionary where Key: CacheKey {
    /// The values that were found for keys, under these keys; nil stands for no value.
    ///
    /// Of keys that are equal by their own type only the first one counts: its value is here, or none. So a key never
    /// leads to the value of another item.
    @inlinable
    init(_ keys: [Key], _ values: [Value?]) {
        self.init(minimumCapacity: keys.count)
        var hasEqualKeys = false
        for (key, value) in zip(keys, values) {
            if let value, updateValue(value, forKey: key) != nil { hasEqualKeys = true }
        }
        // A key without a value must not get an entry through an equal key.
        for (key, value) in zip(keys, values) where value == nil && self[key] != nil { hasEqualKeys = true }
        guard _slowPath(hasEqualKeys) else { return }
        removeAll(keepingCapacity: true)
        var seen = Set<Key>()
        for (key, value) in zip(keys, values) where seen.insert(key).inserted {
            if let value { self[key] = value }
        }
    }
}

extension Sequence {
    /// The pairs without those whose key's bytes and group a later one has, in order.
    func lastOfEachKey<K: CacheKey, V>() -> [(K, V)] where Element == (K, V) {
        var seen = Set<GroupedKey>()
        return reversed().filter { seen.insert(GroupedKey($0.0)).inserted }.reversed()
    }
}
