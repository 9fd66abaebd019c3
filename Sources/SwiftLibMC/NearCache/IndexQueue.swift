/// A first-in-first-out queue of positions, in a ring that grows.
struct IndexQueue {
    private var ring: [Int32] = []
    private var head = 0
    private(set) var count = 0

    mutating func append(_ index: Int) {
        if count == ring.count { grow() }
        ring[(head + count) & (ring.count - 1)] = Int32(index)
        count += 1
    }

    mutating func removeFirst() -> Int? {
        guard count > 0 else { return nil }
        defer {
            head = (head + 1) & (ring.count - 1)
            count -= 1
        }
        return Int(ring[head])
    }

    private mutating func grow() {
        // The length is a power of two, so that a mask finds the place.
        let elements = (0..<count).map { ring[(head + $0) & (ring.count - 1)] }
        ring = elements + Array(repeating: 0, count: max(16, count))
        head = 0
    }
}
