// Counting, by `count` and `countMulti`.

extension MemcachedCommands {
    /// Adds to a number: pylibmc's `incr`.
    ///
    /// At 2⁶⁴ it wraps to 0.
    ///
    /// - Parameters:
    ///   - key: The key of an item that is a decimal number.
    ///   - delta: What to add, 0 to 2⁶⁴ - 1.
    /// - Returns: The new value.
    /// - Throws: `.notFound` if there is no such item, `.notNumeric` if it is not a number, `.invalidArguments` for a
    ///   negative delta, `.badKey`, or a failure of the server.
    @discardableResult
    public func incr<K: CacheKey>(_ key: K, delta: some BinaryInteger = Int(1)) throws(MemcachedError) -> UInt64 {
        try count(key, by: CounterStep(.up, checking: delta))
    }

    /// Subtracts from a number, down to 0: pylibmc's `decr`.
    ///
    /// Parameters and errors are those of ``incr(_:delta:)``.
    ///
    /// - Returns: The new value. The stored text keeps its length, padded with blanks.
    @discardableResult
    public func decr<K: CacheKey>(_ key: K, delta: some BinaryInteger = Int(1)) throws(MemcachedError) -> UInt64 {
        try count(key, by: CounterStep(.down, checking: delta))
    }

    /// Adds to a number, or creates it.
    ///
    /// - Parameters:
    ///   - key: The key of a decimal number, or of no item.
    ///   - delta: What to add, 0 to 2⁶⁴ - 1.
    ///   - initial: What to store if there is no such item. The delta is not added to it.
    ///   - time: When a counter that is created expires.
    /// - Returns: The new value.
    /// - Throws: `.notNumeric` if the item is not a number, `.invalidArguments` for a negative delta, `.badKey`, or a
    ///   failure of the server.
    @discardableResult
    public func incr<K: CacheKey>(
        _ key: K,
        delta: some BinaryInteger = Int(1),
        initial: UInt64,
        time: Expiration = .never
    ) throws(MemcachedError) -> UInt64 {
        try count(key, by: CounterStep(.up, checking: delta, initial: initial, time: time))
    }

    /// Subtracts from a number, down to 0, or creates it.
    ///
    /// Parameters and errors are those of ``incr(_:delta:initial:time:)``; the delta is not subtracted from `initial`.
    ///
    /// - Returns: The new value. The stored text keeps its length, padded with blanks.
    @discardableResult
    public func decr<K: CacheKey>(
        _ key: K,
        delta: some BinaryInteger = Int(1),
        initial: UInt64,
        time: Expiration = .never
    ) throws(MemcachedError) -> UInt64 {
        try count(key, by: CounterStep(.down, checking: delta, initial: initial, time: time))
    }

    /// Adds to many numbers: pylibmc's `incr_multi`.
    ///
    /// - Parameters:
    ///   - keys: The items' keys.
    ///   - keyPrefix: What to put before each key on the wire.
    ///   - delta: What to add to each, 0 to 2⁶⁴ - 1.
    /// - Throws: After having done the rest: `.notFound`, with the keys, if any was missing, `.notNumeric` if any is
    ///   not a number. Before: `.badKey`, `.invalidArguments` for a negative delta. A failure if no server answered.
    public func incrMulti<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String? = nil,
        delta: some BinaryInteger = Int(1)
    ) throws(MemcachedError) {
        try countMulti(keys, keyPrefix: keyPrefix, by: CounterStep(.up, checking: delta))
    }

    /// Subtracts from many numbers, down to 0.
    ///
    /// Parameters and errors are those of ``incrMulti(_:keyPrefix:delta:)``.
    public func decrMulti<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String? = nil,
        delta: some BinaryInteger = Int(1)
    ) throws(MemcachedError) {
        try countMulti(keys, keyPrefix: keyPrefix, by: CounterStep(.down, checking: delta))
    }
}
