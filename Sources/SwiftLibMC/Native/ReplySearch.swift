/// Finds the key that a reply belongs to, among those that were asked for.
///
/// Each server replies in the order of its keys, but the replies of several servers are interleaved as they arrive. So
/// the search continues after the last match, and if the reply is not near, after the last match for another server.
struct ReplySearch {
    /// Where to look first.
    private(set) var cursor: Int
    /// Where to continue when the replies come from another server again.
    private var trails: [Int] = []
    private let range: Range<Int>
    private let servers: Int

    /// How far the next key of one server is, at the most: a longer distance happens once in a thousand keys.
    private var reach: Int { 8 * servers }

    /// Searches the positions of a range.
    init(_ range: Range<Int>, servers: Int) {
        self.range = range
        self.servers = servers
        cursor = range.lowerBound
    }

    /// Moves to the position for which `isReply` holds; false if there is none.
    @inline(__always)
    mutating func find(_ isReply: (Int) -> Bool) -> Bool {
        if _fastPath(cursor < range.upperBound && isReply(cursor)) { return true }
        return findFar(isReply)
    }

    /// Continues after the match.
    @inline(__always)
    mutating func advance() { cursor += 1 }

    @inline(never)
    private mutating func findFar(_ isReply: (Int) -> Bool) -> Bool {
        func near(_ start: Int) -> Int? {
            (start..<min(start + reach, range.upperBound)).first(where: isReply)
        }
        if let position = near(cursor) {
            cursor = position
            return true
        }
        for (number, trail) in trails.enumerated() {
            guard let position = near(trail) else { continue }
            trails[number] = cursor
            cursor = position
            return true
        }
        guard let position = range.first(where: isReply) else { return false }
        // One for each other server.
        if trails.count == servers { trails.removeFirst() }
        trails.append(cursor)
        cursor = position
        return true
    }
}
