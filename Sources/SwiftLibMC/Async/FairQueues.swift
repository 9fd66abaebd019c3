/// The queues of one thread, which take turns.
///
/// A turn lasts until the thread has finished the calls that the queue held when it began, but not long: behind a
/// server that hangs, or work that takes its time, the other queues wait for one group only. A queue that was held up
/// that long gets a longer turn next, so that it is not held up again.
struct FairQueues {
    /// One for each of the thread's servers, and the last one for work without a single key.
    private var queues: [ServerQueue]
    /// The queue whose turn it is.
    private var current = 0
    /// The latest deadline of the calls it held when its turn began: calls that came since have later ones.
    private var last = Moment(nanoseconds: 0)
    /// When its turn is over in any case.
    private var end = Moment(nanoseconds: 0)
    /// When the thread took its present group.
    private var start: Moment?
    /// How long each queue's last group took in its last turn.
    private var times: [Moment.Distance]

    /// How long a turn may last where all are quick.
    private static let quickTurn = Moment.Distance(.milliseconds(100))

    init(servers: Int, limit: Int) {
        queues = Array(repeating: ServerQueue(limit: limit), count: servers + 1)
        times = Array(repeating: Moment.Distance(.zero), count: servers + 1)
    }

    /// The queue that a call belongs in.
    subscript(_ call: QueuedCall) -> ServerQueue {
        get { queues[index(of: call)] }
        _modify { yield &queues[index(of: call)] }
    }

    func hasRoom(for call: QueuedCall) -> Bool { queues[index(of: call)].hasRoom }

    private func index(of call: QueuedCall) -> Int {
        call.isKeyed ? call.route.queue % (queues.count - 1) : queues.count - 1
    }

    /// Moves the next calls to an empty array, though not all of many if `dividing`; false if there are none.
    ///
    /// It is called whenever the thread has done the last group.
    mutating func take(into group: inout [QueuedCall], dividing: Bool, now: Moment = .now) -> Bool {
        if let start { times[current] = now - start }
        start = nil
        if isOver(now) || !queues[current].take(into: &group, dividing: dividing) {
            var rest = queues.count
            repeat {
                guard rest > 0 else { return false }
                rest -= 1
                current = current + 1 == queues.count ? 0 : current + 1
                last = queues[current].lastDeadline
                times[current] = Moment.Distance(.zero)
            } while !queues[current].take(into: &group, dividing: dividing)
            end = now + longestTurn
        }
        start = now
        return true
    }

    /// Less than what the slowest group took, so that of two servers that hang neither gets two groups.
    private var longestTurn: Moment.Distance { times.reduce(Self.quickTurn) { max($0, $1.half) } }

    /// Whether the queue has had its turn.
    private func isOver(_ now: Moment) -> Bool {
        guard let first = queues[current].firstDeadline else { return true }
        return last < first || end < now
    }

    /// Takes out the calls whose time is up, and returns those whose callers have to be woken.
    mutating func expire(_ now: Moment) -> [QueuedCall] {
        var expired: [QueuedCall] = []
        for index in queues.indices { expired += queues[index].expire(now) }
        return expired
    }

    /// When the time of the oldest call is up.
    var firstDeadline: Moment? { queues.compactMap(\.firstDeadline).min() }

    /// Forgets all calls without telling their callers.
    mutating func forget() {
        for index in queues.indices { queues[index].forget() }
        start = nil
    }
}
