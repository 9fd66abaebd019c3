/// The keys that were dropped lately, by their hashes: a key that comes back soon is read often.
///
/// Each hash has one place, so that a later one may displace it. That costs a hit now and then, and never a wrong
/// value.
struct GhostTable {
    private struct Ghost {
        var fingerprint: UInt32 = 0
        var sequence: UInt32 = 0
    }

    private var ghosts = Array(repeating: Ghost(), count: 64)
    /// How many have been put in.
    ///
    /// It begins far from the zero of empty places.
    private var sequence: UInt32 = 0x8000_0000

    /// Makes room for a number of keys, a power of two; the content is forgotten if it has to grow.
    mutating func reserve(_ size: Int) {
        if size > ghosts.count { ghosts = Array(repeating: Ghost(), count: size) }
    }

    mutating func insert(_ hash: UInt64) {
        sequence &+= 1
        ghosts[place(hash)] = Ghost(fingerprint: UInt32(truncatingIfNeeded: hash >> 32), sequence: sequence)
    }

    /// Removes a key; true if it was among the latest that were put in.
    mutating func remove(_ hash: UInt64, amongLatest count: Int) -> Bool {
        let ghost = ghosts[place(hash)]
        guard ghost.fingerprint == UInt32(truncatingIfNeeded: hash >> 32) else { return false }
        guard sequence &- ghost.sequence < UInt32(clamping: count) else { return false }
        ghosts[place(hash)] = Ghost(fingerprint: 0, sequence: sequence &- 0x4000_0000)
        return true
    }

    private func place(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & (ghosts.count - 1) }
}
