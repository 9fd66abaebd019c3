extension Client {
    /// Ends a multi-key call during which some servers failed: throws if all did, or if the client is to throw for any;
    /// else the errors go to ``onError``.
    final func conclude(
        _ failures: [Int: MemcachedError],
        _ keys: KeyList,
        items: @autoclosure () -> [Item] = [],
        isFailed: (Int) -> Bool
    ) throws(MemcachedError) {
        guard _slowPath(!failures.isEmpty) else { return }
        var byPosition = failures.sorted { $0.key < $1.key }
        // Some have come from calls for single keys.
        for place in byPosition.indices { byPosition[place].value.operation = keys.operation.rawValue }
        var first = byPosition[0].value
        let asked = Set(keys.indices.map { keys.withKey($0) { _, routing in handle.position(of: routing) } })
        let isHidden = byPosition.allSatisfy { errorPolicy.forgives($0.value) }
        if !isHidden, asked.allSatisfy({ failures[$0] != nil }) { throw first }
        if !isHidden, partialFailures == .throwing {
            first.partialResult = PartialResult(
                failures: byPosition.map { (server: handle.servers[$0.key], error: $0.value) },
                failedKeys: keys.indices.filter(isFailed).map(keys.callersText),
                items: items()
            )
            throw first
        }
        for (_, error) in byPosition { onError?(error) }
    }
}
