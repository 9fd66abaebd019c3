extension MultiGet {
    /// Into how many parts a request is divided; one of at most twice as many keys, into single keys.
    ///
    /// If all keys fail, it takes a tenth more requests than there are keys; if one of a thousand does, 32.
    private static var parts: Int { 8 }

    /// Asks in smaller parts for the keys that are missing after an error line.
    ///
    /// A proxy answers a whole request with such a line if it can't reach the server of one of the keys.
    mutating func fetchInParts(
        _ indices: [Int],
        from position: Int,
        after error: MemcachedError,
        _ taking: Taking
    ) throws(MemcachedError) {
        var error = error
        var refused = [indices]
        while let indices = refused.popLast() {
            if indices.count == 1 {
                refuse(indices, error)
                continue
            }
            for part in divided(indices.filter { !found[$0] }) {
                guard budget.lasts(at: position, middle: handle.middleOfCall) else {
                    for indices in refused + [indices] { refuse(indices, error) }
                    return
                }
                guard let next = try fetch(part, from: position, taking) else { continue }
                guard next.maySpareOtherKeys else {
                    failures[position] = handle.concluding(next, next, at: position)
                    return
                }
                error = next
                if part.count == 1 { refuse(part, error) } else { refused.append(part) }
            }
        }
    }

    /// Why a key was not found; nil if it is a miss.
    func failure(_ index: Int) -> MemcachedError? {
        if failures.isEmpty && keyFailures.isEmpty { return nil }
        return keyFailures[index] ?? keys.withKey(index) { _, routing in failures[handle.position(of: routing)] }
    }

    private func divided(_ indices: [Int]) -> [[Int]] {
        let size = indices.count <= 2 * Self.parts ? 1 : (indices.count + Self.parts - 1) / Self.parts
        return stride(from: 0, to: indices.count, by: size).map { start in
            Array(indices[start..<min(start + size, indices.count)])
        }
    }

    /// Notes that a key's value is longer than allowed.
    mutating func refuse(_ index: Int, _ count: Int) {
        keyFailures[index] = keys.withKey(index) { key, routing in
            handle.tooLong(count, operation, at: handle.position(of: routing), key: key.text)
        }
    }

    /// Notes that keys failed, except those that have been found after all.
    private mutating func refuse(_ indices: [Int], _ error: MemcachedError) {
        for index in indices where !found[index] {
            keyFailures[index] = keys.withKey(index) { key, _ in error.about(key) }
        }
    }
}
