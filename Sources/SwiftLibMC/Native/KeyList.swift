internal import CLibMemcached

/// The keys of one multi-key call, each checked, packed into one buffer as they are sent.
@usableFromInline
@safe
final class KeyList {
    let operation: Operation
    /// When the call has to end, if its time began before it, because servers were asked what they speak.
    var endOfCall: Moment?
    private let rules: KeyRules
    private let prefix: [UInt8]
    /// The keys, one behind the other, each with the prefix.
    private let bytes: PackedBytes
    /// The bytes that the keys are hashed by, if not the keys themselves.
    private var routes: PackedBytes?

    init(_ operation: Operation, rules: KeyRules, prefix: String?, count: Int) {
        self.operation = operation
        self.rules = rules
        self.prefix = prefix.map { Array($0.utf8) } ?? []
        bytes = PackedBytes(expecting: count, averageLength: 24 + self.prefix.count)
    }

    var count: Int { bytes.count }
    var isEmpty: Bool { bytes.count == 0 }
    var indices: Range<Int> { 0..<bytes.count }
    /// Whether some key is hashed by something other than itself.
    var isGrouped: Bool { routes != nil }
    /// Whether all keys are plain ASCII with their prefix.
    var isASCII: Bool { unsafe bytes.withBytes { keys, _ in unsafe keys.isASCII } }
    /// Whether the text protocol can carry all of them.
    var canGoInText: Bool { unsafe bytes.withBytes { keys, _ in unsafe keys.bytes.hasNoBlanks } }
    /// How many bytes all keys have together.
    var byteCount: Int { bytes.byteCount }

    /// Adds a key; throws `.badKey`, before anything has been sent.
    @usableFromInline
    func append(_ key: RawSpan) throws(MemcachedError) {
        guard _slowPath(!appendIfGood(key)) else { return }
        throw (prefix + Array(copying: key)).withRawSpan {
            rules.refusal(of: $0, for: operation, prefixLength: prefix.count)
        }
    }

    /// Adds keys that are hashed by themselves; throws as `append` does.
    func append(contentsOf keys: [String]) throws(MemcachedError) {
        var count = 0
        for key in keys {
            // Through a closure, which is cheaper than the span of a string.
            let isGood = unsafe key.utf8.withContiguousStorageIfAvailable { key in
                unsafe appendIfGood(UnsafeRawBufferPointer(key).bytes)
            }
            guard isGood == true else { break }
            count += 1
        }
        if _fastPath(count == keys.count) { return }
        for key in keys[count...] { try key.withRawSpan { key throws(MemcachedError) in try append(key) } }
    }

    /// Adds a key if it is valid.
    @inline(__always)
    private func appendIfGood(_ key: RawSpan) -> Bool {
        if !prefix.isEmpty {
            prefix.withRawSpan { bytes.append($0) }
        } else if _slowPath(key.isEmpty) {
            return false
        }
        bytes.append(key)
        return bytes.endString(if: rules.accepts)
    }

    /// Adds a key that is hashed by `route`, or with its prefix if `route` is not a group.
    @usableFromInline
    func append(_ key: RawSpan, route: RawSpan) throws(MemcachedError) {
        try append(key)
        let routes = routes ?? PackedBytes(expecting: 0, averageLength: 0)
        if route.isGroup(of: key) { routes.append(route) } else { bytes.withString(count - 1) { routes.append($0) } }
        _ = routes.endString { _ in true }
        self.routes = routes
    }

    /// Makes sure that other rules accept the keys, too; throws `.badKey`.
    func check(by rules: KeyRules) throws(MemcachedError) {
        for index in indices {
            try withKey(index) { key, _ throws(MemcachedError) in
                guard rules.accepts(key) else {
                    throw rules.refusal(of: key, for: operation, prefixLength: prefix.count)
                }
            }
        }
    }

    func length(_ index: Int) -> Int { bytes.range(index).count }

    /// The key with its prefix, as it is sent.
    func text(_ index: Int) -> String { bytes.withString(index) { $0.text } }

    /// The caller's own key, without prefix.
    func callersText(_ index: Int) -> String { withCallersKey(index) { $0.text } }

    /// An error about these keys, which may come from code for a single one, with the method that was called and the
    /// caller's own key.
    func named(_ error: MemcachedError) -> MemcachedError {
        var error = error
        error.operation = operation.rawValue
        // What was sent has the prefix.
        if let key = error.key { error.key = String(decoding: key.utf8.dropFirst(prefix.count), as: UTF8.self) }
        return error
    }

    /// The key's bytes without prefix.
    func callersBytes(_ index: Int) -> [UInt8] { withCallersKey(index) { Array(copying: $0) } }

    /// Those of the given keys that name the same item as a key that is not among them.
    func repetitions(exceptAmong indices: [Int], _ server: (_ routing: RawSpan) -> Int) -> Set<Int> {
        if indices.count == count { return [] }
        let given = Set(indices)
        let others = Set(self.indices.filter { !given.contains($0) }.map { place($0, server) })
        return given.filter { others.contains(place($0, server)) }
    }

    private struct Place: Hashable {
        let key: [UInt8]
        let server: Int
    }

    /// An item's server and key.
    private func place(_ index: Int, _ server: (_ routing: RawSpan) -> Int) -> Place {
        withKey(index) { key, routing in Place(key: Array(copying: key), server: server(routing)) }
    }

    /// Lends one key and the bytes it is hashed by.
    @inline(__always)
    func withKey<R, E: Error>(_ index: Int, _ body: (RawSpan, _ routing: RawSpan) throws(E) -> R) throws(E) -> R {
        try bytes.withString(index) { key throws(E) in
            guard let routes else { return try body(key, key) }
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
