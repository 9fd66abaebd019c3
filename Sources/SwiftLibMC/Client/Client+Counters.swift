extension Client {
    /// Counts up or down: what `incr` and `decr` are made of.
    ///
    /// - Parameters:
    ///   - key: The key of an item that is a decimal number.
    ///   - step: The change.
    /// - Returns: The new value.
    /// - Throws: `.notFound` if there is no such item and the step has no initial value, `.notNumeric` if the item is
    ///   not a number, `.badKey`, or a failure of the server.
    @discardableResult
    public final func count<K: CacheKey>(_ key: K, by step: CounterStep) throws(MemcachedError) -> UInt64 {
        let change = Counting(step.direction == .up ? .incr : .decr, step)
        return try key.withKeyBytes { key, routing throws(MemcachedError) in
            guard let value = try handle.count(change, key, routing: routing) else {
                throw handle.missing(change.operation, key, routing)
            }
            return value
        }
    }

    /// Counts many items up or down: what `incrMulti` and `decrMulti` are made of.
    ///
    /// - Parameters:
    ///   - keys: The items' keys.
    ///   - keyPrefix: What to put before each key on the wire.
    ///   - step: The change.
    /// - Throws: After having done the rest: `.notFound`, with the keys, if any was missing, `.notNumeric` if any is
    ///   not a number. Before: `.badKey`. A failure if no server answered.
    public final func countMulti<K: CacheKey>(
        _ keys: some Sequence<K>,
        keyPrefix: String?,
        by step: CounterStep
    ) throws(MemcachedError) {
        let change = Counting(step.direction == .up ? .incrMulti : .decrMulti, step)
        let list = try _keyList(Array(keys), keyPrefix, change.operation)
        if list.isEmpty { return }
        let outcome = handle.countMany(change, list).outcome
        try conclude(outcome, list)
        if let refusal = outcome.refusals.min(by: { $0.key < $1.key }) { throw refusal.value }
        let missing = outcome.failed.filter { index in
            outcome.keyFailures[index] == nil
                && list.withKey(index) { _, routing in outcome.failures[handle.position(of: routing)] == nil }
        }
        guard let first = missing.first else { return }
        let names = missing.map(list.callersText)
        var error = MemcachedError(
            code: .notFound,
            operation: change.operation,
            detail: "\(missing.count) of \(list.count) keys have no item",
            key: list.callersText(first)
        )
        error.partialResult = PartialResult(failures: [], failedKeys: names)
        throw error
    }
}

extension Counting {
    init(_ operation: Operation, _ step: CounterStep) {
        self.init(
            operation: operation,
            delta: step.delta,
            start: step.initial.map { Start(value: $0, expiration: step.time.wireValue()) }
        )
    }
}
