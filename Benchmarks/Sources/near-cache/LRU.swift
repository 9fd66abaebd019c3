/// Plain LRU with a number of items as its bound: what S3-FIFO is compared with.
struct LRU {
    private var places: [Int: Int] = [:]
    private var keys: [Int] = []
    private var next: [Int] = []
    private var previous: [Int] = []
    private let capacity: Int
    // Place 0 is the end of the ring: the latest comes after it, the oldest before it.
    init(capacity: Int) {
        self.capacity = capacity
        (keys, next, previous) = ([-1], [0], [0])
    }

    /// Whether a key is there; it is afterwards.
    mutating func read(_ key: Int) -> Bool {
        if let place = places[key] {
            unlink(place)
            link(place)
            return true
        }
        var place = keys.count
        if places.count == capacity {
            place = previous[0]
            unlink(place)
            places[keys[place]] = nil
            keys[place] = key
        } else {
            keys.append(key)
            next.append(0)
            previous.append(0)
        }
        places[key] = place
        link(place)
        return false
    }

    private mutating func unlink(_ place: Int) {
        next[previous[place]] = next[place]
        previous[next[place]] = previous[place]
    }

    private mutating func link(_ place: Int) {
        (next[place], previous[place]) = (next[0], 0)
        previous[next[0]] = place
        next[0] = place
    }
}
