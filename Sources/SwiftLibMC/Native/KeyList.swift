internal import CLibMemcached

/// The keys of one multi-key call, each checked, packed into one buffer as they go out.
@usableFromInline
@safe
struct KeyList {
    private let rules: KeyRules
    let operation: Operation
    private var prefix: [UInt8]
    private var bytes: [UInt8] = []
    private var ends: [Int] = [0]
    /// What the keys are hashed by, where that is not the keys themselves.
    private var routes: [UInt8] = []
    private var routeEnds: [Int] = [0]

    init(_ operation: Operation, rules: KeyRules, prefix: String?) {
        self.operation = operation
        self.rules = rules
        self.prefix = prefix.map { Array($0.utf8) } ?? []
    }

    var count: Int { ends.count - 1 }
    var isEmpty: Bool { ends.count == 1 }
    var indices: Range<Int> { 0..<count }
    /// Whether some key is hashed by something else than itself.
    var isGrouped: Bool { routeEnds.count > 1 }

    @usableFromInline
    mutating func reserve(_ count: Int) {
        ends.reserveCapacity(count + 1)
        bytes.reserveCapacity(count * 24)
    }

    /// Adds a key; throws `.badKey`, before anything has been sent.
    @usableFromInline
    mutating func append(_ key: RawSpan) throws(MemcachedError) {
        if !prefix.isEmpty { bytes.append(contentsOf: prefix) }
        unsafe key.withUnsafeBytes { unsafe bytes.append(contentsOf: UnsafeBufferPointer(bytesOf: $0)) }
        let start = ends[ends.count - 1]
        if _slowPath(key.byteCount == 0) { throw rules.refusal(of: key, for: operation) }
        try withBytes(start..<bytes.count) { key throws(MemcachedError) in try rules.check(key, for: operation) }
        ends.append(bytes.count)
    }

    /// Adds a key that is hashed by `route`.
    @usableFromInline
    mutating func append(_ key: RawSpan, route: RawSpan) throws(MemcachedError) {
        try append(key)
        unsafe route.withUnsafeBytes { unsafe routes.append(contentsOf: $0) }
        routeEnds.append(routes.count)
    }

    func length(_ index: Int) -> Int { ends[index + 1] - ends[index] }

    /// The key with its prefix, as it is sent.
    func text(_ index: Int) -> String { String(decoding: bytes[ends[index]..<ends[index + 1]], as: UTF8.self) }

    /// The caller's own key, without prefix.
    func callersText(_ index: Int) -> String {
        String(decoding: bytes[(ends[index] + prefix.count)..<ends[index + 1]], as: UTF8.self)
    }

    /// The key's bytes without prefix.
    func callersBytes(_ index: Int) -> [UInt8] { Array(bytes[(ends[index] + prefix.count)..<ends[index + 1]]) }

    /// Lends one key and what it is hashed by.
    @inline(__always)
    func withKey<R, E: Error>(_ index: Int, _ body: (RawSpan, _ routing: RawSpan) throws(E) -> R) throws(E) -> R {
        try withBytes(ends[index]..<ends[index + 1]) { key throws(E) in
            guard isGrouped else { return try body(key, key) }
            return try routes.withRawSpan { routes throws(E) in
                try body(key, routes.extracting(routeEnds[index]..<routeEnds[index + 1]))
            }
        }
    }

    @inline(__always)
    private func withBytes<R, E: Error>(_ range: Range<Int>, _ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try bytes.withRawSpan { bytes throws(E) in try body(bytes.extracting(range)) }
    }

    /// Lends the packed keys and where each ends.
    func withPackedKeys<R>(_ body: (_ bytes: UnsafeRawBufferPointer, _ ends: UnsafeBufferPointer<Int>) -> R) -> R {
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe ends.withUnsafeBufferPointer { ends in unsafe body(bytes, ends) }
        }
    }
}
