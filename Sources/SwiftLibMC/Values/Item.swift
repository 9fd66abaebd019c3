/// One item as the server keeps it.
public struct Item: Hashable, Sendable {
    /// The key that the item is stored under, without namespace and `keyPrefix`.
    public let key: [UInt8]
    /// The stored bytes, compressed if ``flags`` say so: in the standard format, if they have `.zlib`.
    public let bytes: [UInt8]
    /// How to read the bytes.
    public let flags: Flags
    /// The item's version, for `cas`.
    public let cas: CAS
    /// The bytes that chose the item's server, if it was read under a ``GroupedKey``.
    public let group: [UInt8]?

    /// Makes an item.
    public init(key: [UInt8], bytes: [UInt8], flags: Flags, cas: CAS, group: [UInt8]? = nil) {
        self.key = key
        self.bytes = bytes
        self.flags = flags
        self.cas = cas
        self.group = group
    }

    /// The key that the item was read under.
    @usableFromInline var cacheKey: GroupedKey { GroupedKey(group: group ?? [], key: key) }

    /// The item with another version.
    func at(_ version: CAS) -> Item { Item(key: key, bytes: bytes, flags: flags, cas: version, group: group) }

    /// The item under the key that the caller gave, and so without a prefix.
    func under(_ key: some CacheKey) -> Item {
        Item(key: key.wireBytes, bytes: bytes, flags: flags, cas: cas, group: key.groupBytes)
    }

    /// The key as text.
    var keyText: String { String(decoding: key, as: UTF8.self) }
}

extension Item: CustomStringConvertible, CustomDebugStringConvertible {
    /// The key, the length, the flags and the version; never the bytes.
    public var description: String { "\(keyText.quoted): \(payload), CAS \(cas)" }

    /// ``description`` with the flags' number and the group.
    public var debugDescription: String {
        let group = group.map { ", group \(String(decoding: $0, as: UTF8.self).quoted)" } ?? ""
        return "\(keyText.quoted): \(payload.debugDescription), CAS \(cas)\(group)"
    }

    private var payload: Payload { Payload(bytes: bytes, flags: flags) }
}
