/// A key of any type, as it waits in a queue.
@usableFromInline
enum QueuedKey: Sendable {
    // Keeping a string costs less than copying its bytes.
    case text(String)
    case bytes([UInt8])
    case grouped(GroupedKey)

    @usableFromInline
    init<K: CacheKey>(_ key: K) {
        if K.self == String.self {
            self = .text(recast(key, as: String.self))
        } else if K.isGrouped {
            self = key.withKeyBytes { bytes, routing in
                .grouped(GroupedKey(key: Array(copying: bytes), group: Array(copying: routing)))
            }
        } else {
            self = .bytes(key.withKeyBytes { bytes, _ in Array(copying: bytes) })
        }
    }

    var isGrouped: Bool { if case .grouped = self { true } else { false } }

    /// The same for equal keys of any type.
    var hash: UInt64 { withKeyBytes { key, _ in key.quickHash() } }

    /// The key for error messages.
    var text: String {
        switch self {
        case .text(let text): text
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        case .grouped(let grouped): String(decoding: grouped.key, as: UTF8.self)
        }
    }

    /// Lends the bytes that are sent, and those that choose the server.
    @inline(__always)
    func withKeyBytes<R, E: Error>(_ body: (_ key: RawSpan, _ routing: RawSpan) throws(E) -> R) throws(E) -> R {
        switch self {
        case .text(let text): try text.withKeyBytes(body)
        case .bytes(let bytes): try bytes.withKeyBytes(body)
        case .grouped(let grouped): try grouped.withKeyBytes(body)
        }
    }
}

extension GroupedKey {
    fileprivate init(key: [UInt8], group: [UInt8]) { self.init(group: group, key: key) }
}
