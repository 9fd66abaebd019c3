extension Client {
    /// Ends a multi-key call during which some servers failed, or some keys only: throws if all did, or if the client is
    /// to throw for any; else the errors go to ``onError``, one for each server.
    final func conclude(
        _ failures: [Int: MemcachedError],
        _ keyFailures: [Int: MemcachedError],
        _ keys: KeyList,
        items: @autoclosure () -> [Item] = [],
        isFailed: (Int) -> Bool
    ) throws(MemcachedError) {
        guard _slowPath(!(failures.isEmpty && keyFailures.isEmpty)) else { return }
        let positions = keys.indices.map { keys.withKey($0) { _, routing in handle.position(of: routing) } }
        var byPosition = failures.merging(firstOfEachServer(keyFailures, positions)) { failure, _ in failure }
            .sorted { $0.key < $1.key }
        // Some have come from calls for single keys.
        for place in byPosition.indices { byPosition[place].value.operation = keys.operation.rawValue }
        let isHidden = byPosition.allSatisfy { errorPolicy.forgives($0.value) }
        let isTotal = keys.indices.allSatisfy { failures[positions[$0]] != nil || keyFailures[$0] != nil }
        if !isHidden, isTotal || partialFailures == .throwing {
            var first = byPosition[0].value
            let failed = keys.indices.filter(isFailed)
            if failed.count < keys.count || !isTotal {
                first.partialResult = PartialResult(
                    failures: byPosition.map { (server: handle.servers[$0.key], error: $0.value) },
                    failedKeys: failed.map(keys.callersText),
                    items: items()
                )
            }
            throw first
        }
        for (_, error) in byPosition { onError?(error) }
    }

    /// The first error of each server's keys, which says how many of them failed.
    private final func firstOfEachServer(
        _ keyFailures: [Int: MemcachedError],
        _ positions: [Int]
    ) -> [Int: MemcachedError] {
        var counts: [Int: Int] = [:]
        for index in keyFailures.keys { counts[positions[index], default: 0] += 1 }
        var errors: [Int: MemcachedError] = [:]
        for (index, error) in keyFailures.sorted(by: { $0.key < $1.key }) where errors[positions[index]] == nil {
            var error = error
            let position = positions[index]
            let total = positions.count { $0 == position }
            if total > 1 { error.detail += " (\(counts[position, default: 0]) of \(total) keys)" }
            errors[position] = error
        }
        return errors
    }
}
