extension Client {
    /// Ends a multi-key call of this client's own during which some servers failed, or some keys only.
    final func conclude(
        _ failures: [Int: MemcachedError],
        _ keyFailures: [Int: MemcachedError],
        _ keys: KeyList,
        isFailed: (Int) -> Bool
    ) throws(MemcachedError) {
        guard _slowPath(!(failures.isEmpty && keyFailures.isEmpty)) else { return }
        let (list, isTotal) = inOrder(failures, keyFailures, keys)
        try policies.conclude(list, isTotal: isTotal) {
            let failed = keys.indices.filter(isFailed)
            if isTotal, failed.count == keys.count { return nil }
            return PartialResult(failures: list, failedKeys: failed.map(keys.callersText), items: [])
        }
    }

    /// One failure for each server, in the order of the servers, and whether none of the keys was answered for.
    final func inOrder(
        _ failures: [Int: MemcachedError],
        _ keyFailures: [Int: MemcachedError],
        _ keys: KeyList
    ) -> (list: [MemcachedResponse.Failure], isTotal: Bool) {
        let positions = keys.indices.map { keys.withKey($0) { _, routing in handle.position(of: routing) } }
        let byPosition = failures.merging(firstOfEachServer(keyFailures, positions)) { failure, _ in failure }
        let list = byPosition.sorted { $0.key < $1.key }.map { position, error in
            MemcachedResponse.Failure(server: handle.servers[position], error: keys.named(error))
        }
        return (list, keys.indices.allSatisfy { failures[positions[$0]] != nil || keyFailures[$0] != nil })
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

extension PartialResult {
    init(failures: [MemcachedResponse.Failure], failedKeys: [String], items: [Item]) {
        self.init(
            failures: failures.compactMap { failure in failure.server.map { (server: $0, error: failure.error) } },
            failedKeys: failedKeys,
            items: items
        )
    }
}
