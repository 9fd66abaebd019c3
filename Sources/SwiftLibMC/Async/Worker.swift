/// One thread with a clone of its own, that serves the calls of tasks, and runs tasks that prefer it.
final class Worker: Sendable {
    private let source: CloneSource
    private let routes: Routes
    private let commandTimeout: Duration
    private let refusesOverload: Bool
    private let observer: (any CommandObserver)?
    private let state: Monitor<State>
    private let alarm: Alarm

    fileprivate struct State {
        var queues: FairQueues
        /// Jobs of tasks that prefer this thread, handed over by other threads.
        var jobs: [UnownedJob] = []
        /// The calls that the thread works on.
        var running: [QueuedCall] = []
        /// Whether the thread waits to be woken.
        var isAsleep = false
        var isClosing = false
        /// Whether the thread has finished the queued calls, and runs no more tasks either.
        var isDone = false
        /// Whether the deadline of the oldest call is being watched.
        var isWatched = false
        /// The process that the thread runs in, nil if there is none.
        var process: UInt32?
        /// The callers that wait for the thread to end.
        var shutdownWaiters: [Suspension] = []

        /// Notes that there is something to do; true if the thread has to be woken for it.
        mutating func needsWakeUp() -> Bool {
            defer { isAsleep = false }
            return isAsleep
        }
    }

    /// Makes a worker whose thread starts when it is first needed.
    ///
    /// - Parameters:
    ///   - source: What its client is made of.
    ///   - routes: Where keys live.
    ///   - queueCount: How many servers' keys it serves.
    ///   - commandTimeout: How long a call takes at most.
    ///   - queueLimit: How many calls may wait in each queue.
    ///   - refusesOverload: Whether calls beyond that are refused.
    ///   - observer: Is told of what happens to its client, and of what is done with it when it is lent.
    init(
        source: CloneSource,
        routes: Routes,
        queueCount: Int,
        commandTimeout: Duration,
        queueLimit: Int,
        refusesOverload: Bool,
        observer: (any CommandObserver)?
    ) {
        self.source = source
        self.routes = routes
        self.commandTimeout = commandTimeout
        self.refusesOverload = refusesOverload
        self.observer = observer
        let state = Monitor(State(queues: FairQueues(servers: queueCount, limit: queueLimit)))
        self.state = state
        alarm = Alarm(state: state)
    }

    // MARK: - The callers' side

    /// Whether it has nothing to do.
    var isFree: Bool { state.withLock { $0.running.isEmpty && $0.queues.firstDeadline == nil } }

    /// Whether it has a thread, which it has from its first call on.
    var isRunning: Bool { state.withLock { $0.process == ForkWatch.count } }

    /// Queues a call whose caller sleeps already.
    func enqueue(_ call: QueuedCall, of threads: ClientThreads) {
        var isAsleep = false
        let refusal = state.withLock { state -> MemcachedError? in
            if state.isClosing { return Self.isShutDown(call.operation) }
            if state.process != ForkWatch.count, let failure = startThread(&state, of: threads) {
                return failure
            }
            if refusesOverload, !state.queues.hasRoom(for: call) { return Self.isOverloaded(call.operation) }
            state.queues[call].append(call)
            if !state.isWatched {
                state.isWatched = true
                DeadlineTimer.shared.call(alarm, at: call.deadline)
            }
            isAsleep = state.needsWakeUp()
            return nil
        }
        if let refusal { return call.refuse(refusal) }
        if isAsleep { state.wakeOne() }
    }

    /// Has the thread run the next job of a task; false if there is no thread any more.
    func enqueue(_ job: UnownedJob, of threads: ClientThreads) -> Bool {
        var isAsleep = false
        let hasThread = state.withLock { state in
            if state.isDone { return false }
            if state.process != ForkWatch.count, state.isClosing || startThread(&state, of: threads) != nil {
                return false
            }
            state.jobs.append(job)
            isAsleep = state.needsWakeUp()
            return true
        }
        if isAsleep { state.wakeOne() }
        return hasThread
    }

    /// Ends a call because its task was cancelled.
    func cancel(_ call: QueuedCall) {
        guard call.cancel() else { return }
        state.withLock { state in state.queues[call].abandon() }
    }

    /// Refuses later calls, and ends the thread when it has finished the queued ones.
    func close() {
        let isAsleep = state.withLock { state in
            state.isClosing = true
            return state.needsWakeUp()
        }
        if isAsleep { state.wakeOne() }
    }

    /// Waits until the thread, which has been told to close, has finished the queued calls.
    func end() async {
        await Suspension.suspend { suspension in
            let hasEnded = state.withLock { state in
                let hasEnded = state.process != ForkWatch.count
                if !hasEnded { state.shutdownWaiters.append(suspension) }
                return hasEnded
            }
            if hasEnded { suspension.resume() }
        }
    }

    private static func isShutDown(_ operation: Operation) -> MemcachedError {
        MemcachedError(code: .shutdown, operation: operation, detail: "the client has been shut down")
    }

    private static func isOverloaded(_ operation: Operation) -> MemcachedError {
        MemcachedError(code: .overloaded, operation: operation, detail: "too many calls are waiting already")
    }

    // MARK: - The thread

    /// Starts the thread at the first call, and in a forked child, which has none of its parent's threads.
    ///
    /// The thread keeps `threads` alive until it ends.
    private func startThread(_ state: inout State, of threads: ClientThreads) -> MemcachedError? {
        // In a child: the queued calls belong to tasks that only run in the parent.
        state.queues.forget()
        state.jobs = []
        state.running = []
        state.isAsleep = false
        state.isWatched = false
        state.process = nil
        let client: Transfer<Client>
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
        client.commandTimeout = commandTimeout
        client.handle.sparesBrokenServers = true
        // No caller could ask for the versions that it has seen.
        client.cacheCAS = false
        client.observer = observer
        client.hasNewSettings = false
        var own = client.state
        var group: [QueuedCall] = []
        var changes = 0
        while take(&group, tasks) {
            if group.isEmpty {
                tasks.runSome()
                continue
            }
            client.applyServerChanges()
            if routes.applyServerChanges(to: client, since: &changes) { own = client.state }
            let rounds = tasks.rounds
            let end = group.lazy.map(\.deadline).max() ?? .now
            client.handle.withCall(until: end) { client.execute(group, meanwhile: tasks.run) }
            if client.isObserved { client.tellObserverOfServers() }
            state.withLock { $0.running = [] }
            if client.isChanged { restore(client, own) }
            if group.isLarge {
                group.resumeAnswered()
                group = []
            } else {
                // Now nothing else refers to the array, and it can be used again.
                group.removeAll(keepingCapacity: true)
            }
            // Not every group leaves time for the tasks; they get their turn all the same.
            if tasks.rounds == rounds { tasks.run() }
        }
        // From now on its tasks continue elsewhere; the shutdownWaiters may be among them.
        tasks.detach()
        let call = client.handle.startCall()
        client.handle.disconnect()
        client.handle.endCall(call)
        let shutdownWaiters = state.withLock { state in
            state.process = nil
            defer { state.shutdownWaiters = [] }
            return state.shutdownWaiters
        }
        for waiter in shutdownWaiters { waiter.resume() }
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

    /// Waits for a group of calls, or else for tasks; false if the thread is to end.
    private func take(_ group: inout [QueuedCall], _ tasks: RunQueue) -> Bool {
        let hasWork = state.wait { state -> Bool? in
            if !state.jobs.isEmpty {
                tasks.append(contentsOf: state.jobs)
                state.jobs.removeAll(keepingCapacity: true)
            }
            // With tasks on this thread, the group need not be divided: their jobs are divided when they are run.
            if state.queues.take(into: &group, dividing: tasks.rounds == 0) {
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

extension [QueuedCall] {
    /// Whether it is better to wake the callers all together.
    ///
    /// To wake a task is to hand it to the threads that tasks run on. From one of those threads it takes a fraction of
    /// the time; but that thread has to be woken first.
    var isLarge: Bool { count > 64 }

    /// Wakes the callers from a task.
    fileprivate func resumeAnswered() {
        guard contains(where: \.isResumedLater) else { return }
        // It does not take long, and others wait for it.
        Task.detached(priority: .high) { [self] in
            for call in self { call.resumeIfAnswered() }
        }
    }
}

// MARK: - Deadlines

/// Ends the calls of a worker whose time is up.
///
/// Not the worker itself, since that is lent out with every call, and counting references to something that is also
/// weakly referenced takes several times as long.
private final class Alarm: TimerClient {
    private let state: Monitor<Worker.State>

    init(state: Monitor<Worker.State>) { self.state = state }

    func timerFired(_ now: Moment) -> Moment? {
        var expired: [QueuedCall] = []
        let next = state.withLock { state -> Moment? in
            expired = state.running.filter { $0.expire(now) } + state.queues.expire(now)
            let running = state.running.lazy.filter { !$0.isFinished }.map(\.deadline).min()
            let next = [running, state.queues.firstDeadline].compactMap(\.self).min()
            state.isWatched = next != nil
            return next
        }
        for call in expired { call.resume() }
        // Not more often than every millisecond, however close together they are.
        return next.map { max($0, now + .milliseconds(1)) }
    }
}
