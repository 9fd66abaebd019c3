/// The lanes of one thread, which take turns.
///
/// A turn lasts until the thread is through with what the lane had when it began, but not long: behind a server that
/// hangs, or work that takes its time, everybody else waits for one group only. Who had to wait that long has more time
/// then, so as not to wait for another one.
struct Lanes {
    /// One for each of the thread's servers, and the last one for work that is about no single key.
    private var lanes: [Lane]
    /// The lane whose turn it is.
    private var current = 0
    /// The latest deadline of what it had when its turn began: what came since has later ones.
    private var last = Moment(nanoseconds: 0)
    /// When its turn is over in any case.
    private var end = Moment(nanoseconds: 0)
    /// When the group was taken that the thread is at.
    private var start: Moment?
    /// How long the last group took that each lane had in its last turn.
    private var times: [Moment.Distance]

    /// How long a turn may last where all are quick.
    private static let quickTurn = Moment.Distance(.milliseconds(100))

    init(servers: Int, limit: Int) {
        lanes = Array(repeating: Lane(limit: limit), count: servers + 1)
        times = Array(repeating: Moment.Distance(.zero), count: servers + 1)
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
    ///
    /// It is called whenever the thread has done the last group.
    mutating func take(into group: inout [Request], dividing: Bool, now: Moment = .now) -> Bool {
        if let start { times[current] = now - start }
        start = nil
        if isOver(now) || !lanes[current].take(into: &group, dividing: dividing) {
            var rest = lanes.count
            repeat {
                guard rest > 0 else { return false }
                rest -= 1
                current = current + 1 == lanes.count ? 0 : current + 1
                last = lanes[current].lastDeadline
                times[current] = Moment.Distance(.zero)
            } while !lanes[current].take(into: &group, dividing: dividing)
            end = now + longestTurn
        }
        start = now
        return true
    }

    /// Less than what the slowest group took, so that of two servers that hang none has two groups.
    private var longestTurn: Moment.Distance { times.reduce(Self.quickTurn) { max($0, $1.half) } }

    /// Whether the lane has had its turn.
    private func isOver(_ now: Moment) -> Bool {
        guard let first = lanes[current].firstDeadline else { return true }
        return last < first || end < now
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
        start = nil
    }
}
