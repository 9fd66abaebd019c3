/// The lanes of one thread, which take turns.
///
/// A turn lasts until the thread is through with what the lane had when it began, but not long: behind a server that
/// hangs, or work that takes its time, everybody else waits for one group only.
struct Lanes {
    /// One for each of the thread's servers, and the last one for work that is about no single key.
    private var lanes: [Lane]
    /// The lane whose turn it is.
    private var current = 0
    /// How many of the requests that it had when its turn began are left.
    private var share = 0
    /// When its turn is over in any case.
    private var end = Moment(nanoseconds: 0)

    private static let longestTurn = Duration.milliseconds(100)

    init(servers: Int, limit: Int) {
        lanes = Array(repeating: Lane(limit: limit), count: servers + 1)
    }

    /// The lane that a request belongs in.
    subscript(_ request: Request) -> Lane {
        get { lanes[index(of: request)] }
        _modify { yield &lanes[index(of: request)] }
    }

    func hasRoom(for request: Request) -> Bool { lanes[index(of: request)].hasRoom }

    private func index(of request: Request) -> Int {
        request.key == nil ? lanes.count - 1 : request.route.lane % (lanes.count - 1)
    }

    /// Moves what is to be done next to an empty array, not all of many if `dividing`; false if there is nothing.
    mutating func take(into group: inout [Request], dividing: Bool) -> Bool {
        let now = Moment.now
        if share <= 0 || end < now || !lanes[current].take(into: &group, dividing: dividing) {
            var rest = lanes.count
            repeat {
                guard rest > 0 else { return false }
                rest -= 1
                current = current + 1 == lanes.count ? 0 : current + 1
                share = lanes[current].count
            } while !lanes[current].take(into: &group, dividing: dividing)
            end = now + Self.longestTurn
        }
        share -= group.count
        return true
    }

    /// Takes out the requests whose time is up, and gives those whose callers are to be woken.
    mutating func expire(_ now: Moment) -> [Request] {
        var expired: [Request] = []
        for index in lanes.indices { expired += lanes[index].expire(now) }
        return expired
    }

    /// When the time of the oldest request is up.
    var firstDeadline: Moment? { lanes.compactMap(\.firstDeadline).min() }

    /// Forgets everything, without a word to anybody.
    mutating func forget() {
        for index in lanes.indices { lanes[index].forget() }
    }
}
