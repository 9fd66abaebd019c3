/// The calls that wait for one server on one thread, in the order in which they came.
struct ServerQueue {
    /// The calls to execute next: never more than `limit`, not counting those whose callers have given up.
    private var queue: [QueuedCall] = []
    /// The callers that found the queue full.
    private var waiting: [QueuedCall] = []
    /// The kinds of work in the queue, as bits.
    private var kinds: UInt8 = 0
    /// How many calls were given up since the queue was last looked through.
    private var abandoned = 0
    /// The latest deadline of all that came, which need not be the last one's.
    private(set) var lastDeadline = Moment(nanoseconds: 0)
    private let limit: Int

    /// The most calls that are sent together: enough to make the fixed costs small, and few enough for the callers to
    /// go on while the next ones are on their way.
    private static let largestGroup = 512

    /// A group this small is not worth dividing.
    private static let smallestPart = 64

    init(limit: Int) { self.limit = limit }

    /// Whether there is room for one more.
    var hasRoom: Bool { waiting.isEmpty && queue.count - abandoned < limit }

    // MARK: - Coming in

    /// Puts a call at the end; its caller waits for room if there is none.
    mutating func append(_ call: QueuedCall) {
        lastDeadline = max(lastDeadline, call.deadline)
        if hasRoom {
            queue.append(call)
            kinds |= call.kind.bit
        } else {
            waiting.append(call)
        }
    }

    private mutating func letIn() {
        guard !waiting.isEmpty, queue.count < limit else { return }
        let admitted = waiting.prefix(limit - queue.count)
        for call in admitted { kinds |= call.kind.bit }
        queue.append(contentsOf: admitted)
        waiting.removeFirst(admitted.count)
    }

    // MARK: - Going out

    /// Moves the calls that can be sent together next to `group`, an empty array; false if there are none.
    ///
    /// These are the first call and those of its kind, except any that would overtake an earlier call for the same key.
    /// Of many, some are left for the next group if `dividing`.
    mutating func take(into group: inout [QueuedCall], dividing: Bool) -> Bool {
        guard let first = queue.firstIndex(where: { !$0.isFinished }) else {
            guard !queue.isEmpty || !waiting.isEmpty else { return false }
            clear()
            letIn()
            return queue.isEmpty ? false : take(into: &group, dividing: dividing)
        }
        let kind = queue[first].kind
        let most = largestGroup(dividing: dividing)
        if kinds == kind.bit, kind != .other, queue.count <= most {
            swap(&queue, &group)
            clear()
        } else {
            if first > 0 { queue.removeSubrange(..<first) }
            if kind == .other { group.append(queue.removeFirst()) } else { pick(kind, atMost: most, into: &group) }
            if queue.isEmpty { clear() }
        }
        letIn()
        return true
    }

    /// The slow path, for a mixed queue.
    private mutating func pick(_ kind: QueuedCall.Kind, atMost most: Int, into group: inout [QueuedCall]) {
        // Keys by their hashes: if two share one, the later call waits for the next turn, which does no harm.
        var passedOver: Set<UInt64> = []
        var rest: [QueuedCall] = []
        var end = 0
        while end < queue.count, group.count < most, rest.count < Self.largestGroup {
            let call = queue[end]
            end += 1
            if call.isFinished { continue }
            if call.kind == kind, passedOver.isEmpty || !passedOver.contains(call.keyHash) {
                group.append(call)
            } else {
                passedOver.insert(call.keyHash)
                rest.append(call)
            }
        }
        queue.replaceSubrange(..<end, with: rest)
    }

    /// How many may be sent together.
    ///
    /// When the callers of a group have their answers, they come with the next calls. If all were sent together, the
    /// server would have nothing to do until then, and the callers nothing while the server works.
    private func largestGroup(dividing: Bool) -> Int {
        dividing ? min(max(queue.count * 3 / 4, Self.smallestPart), Self.largestGroup) : Self.largestGroup
    }

    private mutating func clear() {
        queue.removeAll(keepingCapacity: true)
        kinds = 0
        abandoned = 0
    }

    // MARK: - Giving up

    /// Notes that the caller of a queued call has given up, and makes room if there are many of these.
    mutating func abandon() {
        abandoned += 1
        guard abandoned > 32, 2 * abandoned > queue.count + waiting.count else { return }
        queue.removeAll(where: \.isFinished)
        waiting.removeAll(where: \.isFinished)
        abandoned = 0
        letIn()
    }

    /// Takes out the calls whose time is up, and returns those whose callers have to be woken.
    mutating func expire(_ now: Moment) -> [QueuedCall] {
        // All calls have the same time-out, so that the oldest come first.
        var expired: [QueuedCall] = []
        for list in [\Self.queue, \Self.waiting] {
            let due = self[keyPath: list].prefix { $0.isFinished || $0.deadline <= now }
            expired += due.filter { $0.expire(now) }
            self[keyPath: list].removeFirst(due.count)
        }
        if queue.isEmpty { clear() }
        letIn()
        return expired
    }

    /// When the time of the oldest call is up.
    var firstDeadline: Moment? { queue.first?.deadline ?? waiting.first?.deadline }

    /// Forgets all calls without telling their callers.
    mutating func forget() { self = ServerQueue(limit: limit) }
}
