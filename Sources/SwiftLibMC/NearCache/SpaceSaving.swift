/// Counts the most frequent keys of a stream, with a fixed number of counters.
///
/// It is "space-saving" (Metwally and others, ICDT 2005): a key without a counter takes over the lowest counter with
/// its count. So a count is never too low, and too high by at most the count that was taken over; with n counters, no
/// key is missed that makes up more than one in n.
struct SpaceSaving {
    struct Counter {
        var hash: UInt64
        var key: [UInt8]
        var count: Int
        /// How much of the count may belong to other keys.
        var error: Int
        /// Where it is in the heap.
        var place: Int
    }

    let capacity: Int
    private(set) var counters: [Counter] = []
    /// The positions of the counters, the least at the root.
    private var heap: [Int] = []
    private var table = IndexTable()

    init(capacity: Int) { self.capacity = max(1, capacity) }

    /// Counts a key.
    mutating func note(_ hash: UInt64, _ key: RawSpan, _ amount: Int) {
        if let index = table.find(hash, { counters[$0].hash == hash && key.equals(counters[$0].key) }) {
            counters[index].count = counters[index].count.adding(amount)
            sink(counters[index].place)
        } else if counters.count < capacity {
            let index = counters.count
            counters.append(
                Counter(hash: hash, key: Array(copying: key), count: amount, error: 0, place: heap.count)
            )
            heap.append(index)
            table.insert(index, hash)
            rise(heap.count - 1)
        } else {
            let index = heap[0]
            table.remove(index, counters[index].hash)
            let least = counters[index].count
            counters[index] = Counter(
                hash: hash,
                key: Array(copying: key),
                count: least.adding(amount),
                error: least,
                place: 0
            )
            table.insert(index, hash)
            sink(0)
        }
    }

    mutating func removeAll() { self = SpaceSaving(capacity: capacity) }

    // MARK: - The heap

    private mutating func sink(_ start: Int) {
        var place = start
        let index = heap[place]
        let count = counters[index].count
        while true {
            var child = place * 2 + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, counters[heap[child + 1]].count < counters[heap[child]].count { child += 1 }
            guard counters[heap[child]].count < count else { break }
            put(heap[child], place)
            place = child
        }
        put(index, place)
    }

    private mutating func rise(_ start: Int) {
        var place = start
        let index = heap[place]
        let count = counters[index].count
        while place > 0, counters[heap[(place - 1) / 2]].count > count {
            put(heap[(place - 1) / 2], place)
            place = (place - 1) / 2
        }
        put(index, place)
    }

    private mutating func put(_ index: Int, _ place: Int) {
        heap[place] = index
        counters[index].place = place
    }
}

extension Int {
    /// The sum, or the greatest number if that is too small.
    fileprivate func adding(_ other: Int) -> Int {
        let (sum, isTooLarge) = addingReportingOverflow(other)
        return isTooLarge ? .max : sum
    }
}
