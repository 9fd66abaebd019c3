extension MemcachedRequest {
    /// The keys of a request, in the caller's order, which is that of the results.
    public struct Keys: Sendable {
        /// The prefix of each of them on the wire, kept apart so that a wrapper that adds a prefix copies no key.
        ///
        /// It counts towards a key's length, and it takes part in choosing its server unless the key is in a group.
        public var prefix: String
        /// The callers' own keys, without the prefix: for results and messages.
        ///
        /// ``bytes(of:)`` is what an item is stored under.
        public var list: OneOrMany<Key>
        /// What is remembered from request to request of one call: so change the keys of a request rather than making
        /// new ones.
        var memory: CallMemory.Reference?

        /// Makes a list of keys.
        public init(_ list: OneOrMany<Key> = .many([]), prefix: String = "") {
            self.list = list
            self.prefix = prefix
        }

        /// Makes a list of the keys of a call for many.
        public init<K: CacheKey>(_ keys: [K], prefix: String?) {
            var list: [Key] = []
            list.reserveCapacity(keys.count)
            if K.self == String.self {
                for key in recast(keys, as: [String].self) { list.append(.text(key)) }
            } else {
                for key in keys { list.append(Key(key)) }
            }
            self.init(.many(list), prefix: prefix ?? "")
        }

        /// How many there are.
        public var count: Int { list.count }
        /// Whether the command concerns all servers.
        public var isEmpty: Bool { list.isEmpty }

        /// Lends the bytes of a key that are sent, and those that choose its server.
        @inline(__always)
        public func withKeyBytes<R, E: Error>(
            of index: Int,
            _ body: (_ key: RawSpan, _ routing: RawSpan) throws(E) -> R
        ) throws(E) -> R {
            if _fastPath(prefix.isEmpty) {
                if case .one(let key) = list { return try key.withKeyBytes(body) }
                return try list[index].withKeyBytes(body)
            }
            return try prefixed(list[index]).withKeyBytes(body)
        }

        /// What the item of a key is stored under: the prefix and the key.
        public func bytes(of index: Int) -> [UInt8] {
            withKeyBytes(of: index) { key, _ in Array(copying: key) }
        }

        @inline(never)
        private func prefixed(_ key: Key) -> Key {
            switch key {
            case .text(let text): .text(prefix + text)
            case .bytes(let bytes): .bytes(Array(prefix.utf8) + bytes)
            case .grouped(let grouped):
                .grouped(GroupedKey(group: grouped.group, key: Array(prefix.utf8) + grouped.key))
            case .companion(let owner, let suffix): .companion(of: prefixed(owner), suffix: suffix)
            }
        }
    }

    /// One key of any type.
    ///
    /// Two are equal if they are the same item, so a text is compared by its bytes.
    #if hasAttribute(nonexhaustive)
        @nonexhaustive
    #endif
    public enum Key: Sendable {
        // Keeping a string costs less than copying its bytes.
        /// A text.
        case text(String)
        /// Bytes.
        case bytes([UInt8])
        /// A key in a group, which is not empty.
        case grouped(GroupedKey)
        /// The key of an item that belongs to the item of another key, such as the lock of `getOrSet`: on the same
        /// server, under the same key with a suffix.
        ///
        /// Of a key of more than 100 bytes it holds the first 80 and a hash of the whole. A prefix is put before the
        /// other key.
        indirect case companion(of: Key, suffix: String)

        /// Takes over a key.
        @inlinable
        @inline(__always)
        public init<K: CacheKey>(_ key: K) {
            if K.self == String.self { self = .text(recast(key, as: String.self)) } else { self.init(copying: key) }
        }

        @usableFromInline
        init<K: CacheKey>(copying key: K) {
            if K.self == GroupedKey.self {
                let key = recast(key, as: GroupedKey.self)
                // Without a group a key chooses its server by itself, so with a prefix by both.
                self = key.group.isEmpty ? .bytes(key.key) : .grouped(key)
            } else {
                self = key.withKeyBytes { bytes, routing in
                    Key(bytes, K.isGrouped && routing.isGroup(of: bytes) ? routing : nil)
                }
            }
        }

        /// A key from its bytes, and those of its group if it is in one.
        init(_ bytes: RawSpan, _ group: RawSpan?) {
            if let group, group.byteCount > 0 {
                self = .grouped(GroupedKey(group: Array(copying: group), key: Array(copying: bytes)))
            } else {
                self = .bytes(Array(copying: bytes))
            }
        }

        /// Whether its server is chosen by something other than the key.
        var isGrouped: Bool {
            switch self {
            case .text, .bytes: false
            case .grouped, .companion: true
            }
        }

        var isCompanion: Bool { if case .companion = self { true } else { false } }

        /// The bytes that choose the key's server if that is not the key itself.
        public var group: [UInt8]? {
            switch self {
            case .text, .bytes: nil
            case .grouped(let key): key.group
            case .companion(let owner, _): owner.group ?? owner.bytes
            }
        }

        /// The key as text, for people to read.
        public var text: String {
            switch self {
            case .text(let text): text
            case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
            case .grouped(let grouped): String(decoding: grouped.key, as: UTF8.self)
            case .companion: String(decoding: bytes, as: UTF8.self)
            }
        }

        /// The bytes of the key, without any prefix.
        public var bytes: [UInt8] { withKeyBytes { bytes, _ in Array(copying: bytes) } }

        /// Lends the bytes of the key, and those that choose its server.
        @inline(__always)
        public func withKeyBytes<R, E: Error>(
            _ body: (_ key: RawSpan, _ routing: RawSpan) throws(E) -> R
        ) throws(E) -> R {
            switch self {
            case .text(let text): try text.withKeyBytes(body)
            case .bytes(let bytes): try bytes.withKeyBytes(body)
            case .grouped(let grouped): try grouped.withKeyBytes(body)
            case .companion(let owner, let suffix): try owner.companion(suffix).withKeyBytes(body)
            }
        }

        /// The key of an item that belongs to this one's, short enough for any namespace.
        @inline(never)
        private func companion(_ suffix: String) -> GroupedKey {
            let group = group
            var bytes = bytes
            let owner = bytes
            // Beside a key that can't be sent there is nothing.
            if owner.isEmpty || owner.count > KeyRules.longestKey {
                return GroupedKey(group: group ?? owner, key: owner)
            }
            if bytes.count > 100 {
                bytes = bytes.prefix(80) + Array("~\(String(owner.fnv1a, radix: 16))".utf8)
            }
            return GroupedKey(group: group ?? owner, key: bytes + Array(suffix.utf8))
        }
    }
}

extension MemcachedRequest.Key: Hashable {
    /// Whether both are the same item.
    public static func == (first: Self, second: Self) -> Bool {
        first.group == second.group && first.bytes == second.bytes
    }

    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}

// MARK: - Making requests

extension MemcachedRequest {
    /// A request about one key.
    public static func one<K: CacheKey>(_ key: K, _ action: Action, for operation: MemcachedOperation) -> Self {
        Self(operation, keys: Keys(.one(Key(key))), action)
    }

    /// A request about many keys.
    public static func many<K: CacheKey>(
        _ keys: [K],
        prefix: String?,
        _ action: Action,
        for operation: MemcachedOperation
    ) -> Self {
        Self(operation, keys: Keys(keys, prefix: prefix), action)
    }
}

extension MemcachedRequest.Writing {
    init(_ options: StoreOptions) { self.init(time: options.time, noreply: options.noreply) }
}

extension MemcachedRequest.Reading {
    static var withVersion: Self { Self(withVersion: true) }
    static var existence: Self { Self(withBytes: false) }

    /// The same, but metrics don't count it as a lookup.
    var uncounted: Self {
        var reading = self
        reading.isLookup = false
        return reading
    }
}

extension StoreCondition {
    /// The method that stores one value under the condition.
    @usableFromInline
    var operation: Operation {
        switch self {
        case .always: .set
        case .ifAbsent: .add
        case .ifPresent: .replace
        }
    }

    /// The method that stores many.
    @usableFromInline
    var multiOperation: Operation {
        switch self {
        case .always: .setMulti
        case .ifAbsent: .addMulti
        case .ifPresent: .replaceMulti
        }
    }
}

extension CounterStep {
    /// The method that counts one item.
    var operation: Operation { direction == .up ? .incr : .decr }
    /// The method that counts many.
    var multiOperation: Operation { direction == .up ? .incrMulti : .decrMulti }
}
