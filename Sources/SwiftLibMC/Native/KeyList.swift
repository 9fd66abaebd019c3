internal import CLibMemcached

/// The keys of one multi-key call, each checked, packed into one buffer as they go out.
@usableFromInline
@safe
final class KeyList {
    let operation: Operation
    private let rules: KeyRules
    private let prefix: [UInt8]
    /// The keys, one behind the other, each with the prefix.
    private let bytes: PackedBytes
    /// What the keys are hashed by, where that is not the keys themselves.
    private let routes: PackedBytes

    init(_ operation: Operation, rules: KeyRules, prefix: String?, count: Int) {
        self.operation = operation
        self.rules = rules
        self.prefix = prefix.map { Array($0.utf8) } ?? []
        bytes = PackedBytes(expecting: count, averageLength: 24 + self.prefix.count)
        routes = PackedBytes(expecting: 0, averageLength: 0)
    }

    var count: Int { bytes.count }
    var isEmpty: Bool { bytes.count == 0 }
    var indices: Range<Int> { 0..<bytes.count }
    /// Whether some key is hashed by something else than itself.
    var isGrouped: Bool { routes.count > 0 }

    /// Adds a key; throws `.badKey`, before anything has been sent.
    @usableFromInline
    func append(_ key: RawSpan) throws(MemcachedError) {
        if _slowPath(key.byteCount == 0) { throw rules.refusal(of: key, for: operation) }
        if !prefix.isEmpty { prefix.withRawSpan { bytes.append($0, isWhole: false) } }
        bytes.append(key, isWhole: true)
        try bytes.withString(count - 1) { key throws(MemcachedError) in try rules.check(key, for: operation) }
    }

    /// Adds a key that is hashed by `route`.
    @usableFromInline
    func append(_ key: RawSpan, route: RawSpan) throws(MemcachedError) {
        try append(key)
        routes.append(route, isWhole: true)
    }

    func length(_ index: Int) -> Int { bytes.range(index).count }

    /// The key with its prefix, as it is sent.
    func text(_ index: Int) -> String { bytes.withString(index) { $0.text } }

    /// The caller's own key, without prefix.
    func callersText(_ index: Int) -> String { withCallersKey(index) { $0.text } }

    /// The key's bytes without prefix.
    func callersBytes(_ index: Int) -> [UInt8] { withCallersKey(index) { Array(copying: $0) } }

    /// The keys that are equal to another one, which is not among the given ones.
    func repetitions(exceptAmong indices: [Int]) -> Set<Int> {
        let given = Set(indices)
        let others = Set(self.indices.lazy.filter { !given.contains($0) }.map(text))
        return given.filter { others.contains(text($0)) }
    }

    /// Lends one key and what it is hashed by.
    @inline(__always)
    func withKey<R, E: Error>(_ index: Int, _ body: (RawSpan, _ routing: RawSpan) throws(E) -> R) throws(E) -> R {
        try bytes.withString(index) { key throws(E) in
            guard isGrouped else { return try body(key, key) }
            return try routes.withString(index) { route throws(E) in try body(key, route) }
        }
    }

    /// Lends the packed keys and where each ends; the first entry is where the first one starts.
    @inline(__always)
    func withPackedKeys<R, E: Error>(
        _ body: (_ bytes: UnsafeRawBufferPointer, _ ends: UnsafeBufferPointer<Int>) throws(E) -> R
    ) throws(E) -> R {
        try unsafe bytes.withBytes(body)
    }

    private func withCallersKey<R>(_ index: Int, _ body: (RawSpan) -> R) -> R {
        bytes.withString(index) { key in body(key.extracting(prefix.count..<key.byteCount)) }
    }
}
