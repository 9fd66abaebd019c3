/// What waits for one server at one thread, in the order in which it came.
struct ServerQueue {
    /// What is executed next: never more than `limit`, not counting what nobody waits for any more.
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

    /// As many go out together at most: enough to make the fixed costs small, and few enough for the callers to go on
    /// while the next ones are on their way.
    private static let largestGroup = 512

    /// So few are not worth being divided.
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

    /// Moves what can go out together next to `group`, an empty array; false if there is nothing.
    ///
    /// That is the first call and what is of its kind, but nothing that would overtake an earlier call for the
    /// same key. Of many, some are left for the next group if `dividing`.
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

    /// The long way, for a mixed queue.
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

    /// How many may go out together.
    ///
    /// When the callers of a group have their answers, they come with the next calls. If all went out together, the
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

    /// Takes out the calls whose time is up, and gives those whose callers are to be woken.
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

    /// Forgets everything, without a word to anybody.
    mutating func forget() { self = ServerQueue(limit: limit) }
}
