/// A key that lives on the server of its group, so that one multi-get to one server fetches the whole group.
///
/// It is python-memcached's `(hash, key)` tuple and libmemcached's `_by_key` functions: the group is hashed to choose the
/// server, and the item is stored under the key alone. Reading the item takes the same group.
public struct GroupedKey: CacheKey {
    /// What chooses the server: any bytes, which are not sent.
    public let group: [UInt8]
    /// What the item is stored under.
    public let key: [UInt8]

    /// Makes a key within a group.
    public init(group: some CacheKey, key: some CacheKey) {
        self.group = group.withKeyBytes { bytes, _ in Array(copying: bytes) }
        self.key = key.withKeyBytes { bytes, _ in Array(copying: bytes) }
    }

    /// True: the group chooses the server.
    @inlinable public static var isGrouped: Bool { true }

    /// Lends the key and the group.
    public func withKeyBytes<R, E: Error>(
        _ body: (_ key: RawSpan, _ routing: RawSpan) throws(E) -> R
    ) throws(E) -> R {
        try key.withRawSpan { key throws(E) in
            // Without a group it is a key like any other; the library takes an empty group for none.
            guard !group.isEmpty else { return try body(key, key) }
            return try group.withRawSpan { group throws(E) in try body(key, group) }
        }
    }
}

extension GroupedKey: CustomStringConvertible {
    /// The group and the key as text.
    public var description: String {
        "\(String(decoding: group, as: UTF8.self))/\(String(decoding: key, as: UTF8.self))"
    }
}
