/// One thread with a clone of its own, that serves the calls of tasks, and runs those that want it to.
final class Worker: Sendable {
    private let source: CloneSource
    private let routes: Routes
    private let refusesOverload: Bool
    private let state: Monitor<State>
    private let alarm: Alarm

    fileprivate struct State {
        var lanes: Lanes
        /// What other threads have handed over of tasks that prefer this one.
        var jobs: [UnownedJob] = []
        /// What the thread is at.
        var running: [Request] = []
        /// Whether the thread waits to be woken.
        var isAsleep = false
        var isClosing = false
        /// Whether the thread has done what was queued, and runs no more tasks either.
        var isDone = false
        /// Whether the deadline of the oldest request is being watched.
        var isWatched = false
        /// The process that the thread runs in, nil if there is none.
        var process: UInt32?
        /// Who waits for the thread to end.
        var mourners: [Sleeper] = []

        /// Notes that there is something to do; whether the thread has to be woken for it.
        mutating func rouse() -> Bool {
            defer { isAsleep = false }
            return isAsleep
        }
    }

    /// Makes a worker whose thread starts when it is first needed.
    ///
    /// - Parameters:
    ///   - source: What its client is made of.
    ///   - routes: Where keys live.
    ///   - laneCount: How many servers' keys it serves.
    ///   - queueLimit: How many requests may wait in each lane.
    ///   - refusesOverload: Whether requests beyond that are refused.
    init(source: CloneSource, routes: Routes, laneCount: Int, queueLimit: Int, refusesOverload: Bool) {
        self.source = source
        self.routes = routes
        self.refusesOverload = refusesOverload
        let state = Monitor(State(lanes: Lanes(servers: laneCount, limit: queueLimit)))
        self.state = state
        alarm = Alarm(state: state)
    }

    // MARK: - The callers' side

    /// Queues a request whose caller sleeps already.
    func enqueue(_ request: Request, of threads: ClientThreads) {
        var isAsleep = false
        let refusal = state.withLock { state -> MemcachedError? in
            if state.isClosing { return Self.isShutDown(request.operation) }
            if state.process != ForkWatch.count, let failure = startThread(&state, of: threads) {
                return failure
            }
            if refusesOverload, !state.lanes.hasRoom(for: request) { return Self.isOverloaded(request.operation) }
            state.lanes[request].append(request)
            if !state.isWatched {
                state.isWatched = true
                Timekeeper.shared.call(alarm, at: request.deadline)
            }
            isAsleep = state.rouse()
            return nil
        }
        if let refusal { return request.refuse(refusal) }
        if isAsleep { state.wakeOne() }
    }

    /// Has the thread run what a task has to do next; false if there is no thread any more.
    func enqueue(_ job: UnownedJob, of threads: ClientThreads) -> Bool {
        var isAsleep = false
        let hasThread = state.withLock { state in
            if state.isDone { return false }
            if state.process != ForkWatch.count, state.isClosing || startThread(&state, of: threads) != nil {
                return false
            }
            state.jobs.append(job)
            isAsleep = state.rouse()
            return true
        }
        if isAsleep { state.wakeOne() }
        return hasThread
    }

    /// Ends a request because its task was cancelled.
    func cancel(_ request: Request) {
        guard request.cancel() else { return }
        state.withLock { state in state.lanes[request].abandon() }
    }

    /// Refuses what comes from now on, and ends the thread when it has done what is queued.
    func close() {
        let isAsleep = state.withLock { state in
            state.isClosing = true
            return state.rouse()
        }
        if isAsleep { state.wakeOne() }
    }

    /// Waits until the thread, which has been told to close, has done what was queued.
    func end() async {
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
    ///
    /// It keeps them all until it ends.
    private func startThread(_ state: inout State, of threads: ClientThreads) -> MemcachedError? {
        // In a child: what was queued belongs to tasks that only run in the parent.
        state.lanes.forget()
        state.jobs = []
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
        guard DedicatedThread.start(name: "mc-async", { self.serve(client.object, RunQueue(of: threads)) }) else {
            return MemcachedError(code: .systemError, operation: .run, detail: "the system has no thread to give")
        }
        state.process = ForkWatch.count
        return nil
    }

    private func serve(_ client: Client, _ tasks: RunQueue) {
        // The thread blocks all signals anyway.
        client.blocksSignals = false
        // Nobody could ask for the versions that it has seen.
        client.cacheCAS = false
        client.hasNewSettings = false
        var own = client.state
        var group: [Request] = []
        var changes = 0
        while take(&group, tasks) {
            if group.isEmpty {
                tasks.runSome()
                continue
            }
            client.catchUp()
            if routes.lead(client, since: &changes) { own = client.state }
            let rounds = tasks.rounds
            client.execute(group, meanwhile: tasks.run)
            state.withLock { $0.running = [] }
            if client.isChanged { restore(client, own) }
            if group.isLarge {
                group.tell()
                group = []
            } else {
                // Now the array is ours alone, and can be used again.
                group.removeAll(keepingCapacity: true)
            }
            // Not every group leaves time for the tasks; they get their turn all the same.
            if tasks.rounds == rounds { tasks.run() }
        }
        // From now on its tasks go on elsewhere; the mourners may be among them.
        tasks.resign()
        client.handle.disconnect()
        let mourners = state.withLock { state in
            state.process = nil
            defer { state.mourners = [] }
            return state.mourners
        }
        for mourner in mourners { mourner.wake() }
    }

    /// Undoes what a call has changed.
    private func restore(_ client: Client, _ own: Client.State) {
        do throws(MemcachedError) {
            try client.restore(own)
        } catch {
            // It is tried again after the next call.
            client.onError?(error)
        }
    }

    /// Waits for a group of requests, or else for tasks; false if the thread is to end.
    private func take(_ group: inout [Request], _ tasks: RunQueue) -> Bool {
        let hasWork = state.wait { state -> Bool? in
            if !state.jobs.isEmpty {
                tasks.append(contentsOf: state.jobs)
                state.jobs.removeAll(keepingCapacity: true)
            }
            // Tasks of our own are divided when they are run.
            if state.lanes.take(into: &group, dividing: tasks.rounds == 0) {
                state.running = group
                return true
            }
            if state.isClosing {
                state.isDone = true
                return false
            }
            if !tasks.isEmpty { return true }
            state.isAsleep = true
            return nil
        }
        return hasWork ?? false
    }
}

extension [Request] {
    /// Whether it is better to wake the callers all together.
    ///
    /// To wake a task is to hand it to the threads that tasks run on. From one of these it takes a fraction of the time;
    /// but first that one has to be woken itself.
    var isLarge: Bool { count > 64 }

    /// Wakes the callers, by way of a task.
    fileprivate func tell() {
        guard contains(where: \.isToldLater) else { return }
        // Not for long, and others wait for it.
        Task.detached(priority: .high) { [self] in
            for request in self { request.tell() }
        }
    }
}

// MARK: - Deadlines

/// Ends the requests of a worker whose time is up.
///
/// Not the worker itself, since that is lent out with every call, and counting references to something that is also
/// weakly referenced takes several times as long.
private final class Alarm: Timed {
    private let state: Monitor<Worker.State>

    init(state: Monitor<Worker.State>) { self.state = state }

    func timeHasCome(_ now: Moment) -> Moment? {
        var expired: [Request] = []
        let next = state.withLock { state -> Moment? in
            expired = state.running.filter { $0.expire(now) } + state.lanes.expire(now)
            let running = state.running.lazy.filter { !$0.isFinished }.map(\.deadline).min()
            let next = [running, state.lanes.firstDeadline].compactMap(\.self).min()
            state.isWatched = next != nil
            return next
        }
        for request in expired { request.wake() }
        // Not more often than every millisecond, however close together they are.
        return next.map { max($0, now + .milliseconds(1)) }
    }
}
