extension Client {
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
    public final func incr<K: CacheKey>(_ key: K, delta: some BinaryInteger = Int(1)) throws(MemcachedError) -> UInt64 {
        try count(.incr, key, delta, start: nil)
    }

    /// Subtracts from a number, down to 0: pylibmc's `decr`.
    ///
    /// - Parameters:
    ///   - key: The key of an item that is a decimal number.
    ///   - delta: What to subtract, 0 to 2⁶⁴ - 1.
    /// - Returns: The new value. The stored text keeps its length, padded with blanks.
    /// - Throws: `.notFound` if there is no such item, `.notNumeric` if it is not a number, `.invalidArguments` for a
    ///   negative delta, `.badKey`, or a failure of the server.
    @discardableResult
    public final func decr<K: CacheKey>(_ key: K, delta: some BinaryInteger = Int(1)) throws(MemcachedError) -> UInt64 {
        try count(.decr, key, delta, start: nil)
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
    public final func incr<K: CacheKey>(
        _ key: K,
        delta: some BinaryInteger = Int(1),
        initial: UInt64,
        time: Expiration = .never
    ) throws(MemcachedError) -> UInt64 {
        try count(.incr, key, delta, start: Counting.Start(value: initial, expiration: time.wireValue()))
    }

    /// Subtracts from a number, down to 0, or creates it.
    ///
    /// - Parameters:
    ///   - key: The key of a decimal number, or of no item.
    ///   - delta: What to subtract, 0 to 2⁶⁴ - 1.
    ///   - initial: What to store if there is no such item. The delta is not subtracted from it.
    ///   - time: When a counter that is created expires.
    /// - Returns: The new value.
    /// - Throws: `.notNumeric` if the item is not a number, `.invalidArguments` for a negative delta, `.badKey`, or a
    ///   failure of the server.
    @discardableResult
    public final func decr<K: CacheKey>(
        _ key: K,
        delta: some BinaryInteger = Int(1),
        initial: UInt64,
        time: Expiration = .never
    ) throws(MemcachedError) -> UInt64 {
        try count(.decr, key, delta, start: Counting.Start(value: initial, expiration: time.wireValue()))
    }

    private final func count<K: CacheKey>(
        _ operation: Operation,
        _ key: K,
        _ delta: some BinaryInteger,
        start: Counting.Start?
    ) throws(MemcachedError) -> UInt64 {
        let change = try Counting(operation, delta: delta, start: start)
        return try key.withKeyBytes { key, routing throws(MemcachedError) in
            guard let value = try handle.count(change, key, routing: routing) else {
                throw handle.missing(operation, key, routing)
            }
            return value
        }
    }
}

extension Counting {
    init(_ operation: Operation, delta: some BinaryInteger, start: Start?) throws(MemcachedError) {
        guard let delta = UInt64(exactly: delta) else {
            throw MemcachedError(
                code: .invalidArguments,
                operation: operation,
                detail: "the delta \(delta) is not between 0 and 2⁶⁴ - 1"
            )
        }
        self.init(operation: operation, delta: delta, start: start)
    }
}
