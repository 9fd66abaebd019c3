/// One thread with a clone of its own, that serves the calls of tasks.
final class Worker: Sendable {
    private let source: CloneSource
    private let refusesOverload: Bool
    private let state: Monitor<State>

    private struct State {
        /// One for each of the thread's servers, and one for all other work.
        var lanes: [Lane]
        /// The lane whose turn it is.
        var turn = 0
        /// How many of the requests that it had when its turn began are left.
        var share = 0
        /// What the thread is at.
        var running: [Request] = []
        /// Whether the thread waits to be woken.
        var isAsleep = false
        var isClosing = false
        /// Whether the deadline of the oldest request is being watched.
        var isWatched = false
        /// The process that the thread runs in, nil if there is none.
        var process: UInt32?
        /// Who waits for the thread to end.
        var mourners: [Sleeper] = []

        /// Moves what is to be done next to an empty array; false if there is nothing.
        ///
        /// A lane's turn lasts until it is through with what it had at its beginning.
        mutating func take(_ group: inout [Request]) -> Bool {
            if share <= 0 || !lanes[turn].take(into: &group) {
                var rest = lanes.count
                repeat {
                    guard rest > 0 else { return false }
                    rest -= 1
                    turn = turn + 1 == lanes.count ? 0 : turn + 1
                    share = lanes[turn].count
                } while !lanes[turn].take(into: &group)
            }
            share -= group.count
            running = group
            return true
        }
    }

    /// Makes a worker whose thread starts when it is first needed.
    ///
    /// - Parameters:
    ///   - source: What its client is made of.
    ///   - laneCount: How many servers' keys it serves.
    ///   - queueLimit: How many requests may wait in each lane.
    ///   - refusesOverload: Whether requests beyond that are refused.
    init(source: CloneSource, laneCount: Int, queueLimit: Int, refusesOverload: Bool) {
        self.source = source
        self.refusesOverload = refusesOverload
        state = Monitor(State(lanes: Array(repeating: Lane(limit: queueLimit), count: laneCount + 1)))
    }

    // MARK: - The callers' side

    /// Queues a request whose caller sleeps already.
    func enqueue(_ request: Request) {
        var isAsleep = false
        let refusal = state.withLock { state -> MemcachedError? in
            if state.isClosing { return Self.isShutDown(request.operation) }
            if state.process != ForkWatch.count, let failure = startThread(&state) { return failure }
            let lane = min(request.route.lane, state.lanes.count - 1)
            if refusesOverload, !state.lanes[lane].hasRoom { return Self.isOverloaded(request.operation) }
            state.lanes[lane].append(request)
            if !state.isWatched {
                state.isWatched = true
                Timekeeper.shared.call(self, at: request.deadline)
            }
            isAsleep = state.isAsleep
            state.isAsleep = false
            return nil
        }
        if let refusal { return request.refuse(refusal) }
        if isAsleep { state.wakeOne() }
    }

    /// Ends a request because its task was cancelled.
    func cancel(_ request: Request) {
        guard request.cancel() else { return }
        state.withLock { state in state.lanes[min(request.route.lane, state.lanes.count - 1)].abandon() }
    }

    /// Refuses what comes from now on, and ends the thread when it has done what is queued.
    func close() {
        state.withLock { state in
            state.isClosing = true
            state.isAsleep = false
        }
        state.wakeOne()
    }

    /// Waits until the thread has done what was queued.
    func end() async {
        close()
        await Sleeper.sleep { sleeper in
            let hasEnded = state.withLock { state in
                let hasEnded = state.process != ForkWatch.count
                if !hasEnded { state.mourners.append(sleeper) }
                return hasEnded
            }
            if hasEnded { sleeper.wake() }
        }
    }

    private static func isShutDown(_ operation: Operation) -> MemcachedError {
        MemcachedError(code: .shutdown, operation: operation, detail: "the client has been shut down")
    }

    private static func isOverloaded(_ operation: Operation) -> MemcachedError {
        MemcachedError(code: .overloaded, operation: operation, detail: "too many calls are waiting already")
    }

    // MARK: - The thread

    /// Starts the thread at the first request, and in a forked child, which has none of its parent's threads.
    private func startThread(_ state: inout State) -> MemcachedError? {
        // In a child: what was queued belongs to tasks that only run in the parent.
        for lane in state.lanes.indices { state.lanes[lane].forget() }
        state.running = []
        state.isAsleep = false
        state.isWatched = false
        state.process = nil
        let client: Parked<Client>
        do throws(MemcachedError) {
            client = try source.make()
        } catch {
            return error
        }
        guard DedicatedThread.start(name: "mc-async", { self.serve(client.object) }) else {
            return MemcachedError(code: .systemError, operation: .run, detail: "the system has no thread to give")
        }
        state.process = ForkWatch.count
        return nil
    }

    /// A group that takes longer than this ends its lane's turn: others, of servers that answer, go first then.
    private static let patience = Duration.milliseconds(10)

    private func serve(_ client: Client) {
        var group: [Request] = []
        var wasSlow = false
        while take(&group, endingTurn: wasSlow) {
            let limit = Moment.now + Self.patience
            client.execute(group)
            wasSlow = limit < .now
            // Now the array is ours alone, and can be used again.
            state.withLock { $0.running = [] }
            group.removeAll(keepingCapacity: true)
        }
    }

    /// Waits for work; false if the thread is to end.
    private func take(_ group: inout [Request], endingTurn: Bool) -> Bool {
        var mourners: [Sleeper] = []
        if endingTurn { state.withLock { $0.share = 0 } }
        let hasWork = state.wait { state -> Bool? in
            if state.take(&group) { return true }
            guard state.isClosing else {
                state.isAsleep = true
                return nil
            }
            state.process = nil
            swap(&mourners, &state.mourners)
            return false
        }
        for mourner in mourners { mourner.wake() }
        return hasWork ?? false
    }
}

// MARK: - Deadlines

extension Worker: Timed {
    /// Ends the requests whose time is up.
    func timeHasCome(_ now: Moment) -> Moment? {
        var expired: [Request] = []
        let next = state.withLock { state -> Moment? in
            expired = state.running.filter { $0.expire(now) }
            for lane in state.lanes.indices { expired += state.lanes[lane].expire(now) }
            let deadlines = state.running.lazy.filter { !$0.isFinished }.map(\.deadline)
            let next = (state.lanes.compactMap(\.firstDeadline) + deadlines).min()
            state.isWatched = next != nil
            return next
        }
        for request in expired { request.wake() }
        // Not more often than every millisecond, however close together they are.
        return next.map { max($0, now + .milliseconds(1)) }
    }
}
