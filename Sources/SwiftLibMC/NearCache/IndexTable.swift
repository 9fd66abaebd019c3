/// Finds the positions of elements that are kept elsewhere by the hashes of their keys.
///
/// A table with open addressing: looking something up allocates nothing, and needs no key of a type of its own.
struct IndexTable {
    private struct Entry {
        var hash: UInt32 = 0
        /// -1 where there is none.
        var index: Int32 = -1
    }

    private var entries: [Entry]
    private(set) var count = 0

    /// Makes an empty table.
    ///
    /// - Parameter size: How many places it has at first, a power of two.
    init(size: Int = 64) { entries = Array(repeating: Entry(), count: size) }

    /// How many places there are: always at least twice as many as elements.
    var size: Int { entries.count }

    /// Finds the element with a hash that `isMatch` takes.
    @inline(__always)
    func find(_ hash: UInt64, _ isMatch: (Int) -> Bool) -> Int? {
        let hash = UInt32(truncatingIfNeeded: hash)
        let mask = entries.count - 1
        var place = Int(hash) & mask
        while entries[place].index >= 0 {
            let index = Int(entries[place].index)
            if entries[place].hash == hash, isMatch(index) { return index }
            place = (place + 1) & mask
        }
        return nil
    }

    /// Puts in an element that is not there.
    mutating func insert(_ index: Int, _ hash: UInt64) {
        count += 1
        if count * 2 > entries.count { grow() }
        enter(Entry(hash: UInt32(truncatingIfNeeded: hash), index: Int32(index)))
    }

    /// Takes out an element that is there.
    mutating func remove(_ index: Int, _ hash: UInt64) {
        let mask = entries.count - 1
        var hole = Int(UInt32(truncatingIfNeeded: hash)) & mask
        while entries[hole].index != index { hole = (hole + 1) & mask }
        // The elements after the hole move up, unless that would put them before the place where the search for them
        // begins.
        var place = (hole + 1) & mask
        while entries[place].index >= 0 {
            let home = Int(entries[place].hash) & mask
            if (place - home) & mask >= (place - hole) & mask {
                entries[hole] = entries[place]
                hole = place
            }
            place = (place + 1) & mask
        }
        entries[hole] = Entry()
        count -= 1
    }

    private mutating func enter(_ entry: Entry) {
        let mask = entries.count - 1
        var place = Int(entry.hash) & mask
        while entries[place].index >= 0 { place = (place + 1) & mask }
        entries[place] = entry
    }

    private mutating func grow() {
        let old = entries
        entries = Array(repeating: Entry(), count: old.count * 2)
        for entry in old where entry.index >= 0 { enter(entry) }
    }
}
