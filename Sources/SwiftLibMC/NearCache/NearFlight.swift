/// A request that is going on, whose results others want, too.
final class NearFlight: Sendable {
    /// What has become of it.
    enum Outcome {
        /// What became of each of its keys.
        case results([MemcachedResponse.Result])
        case failed(MemcachedError)
        /// Nothing that others could use: they have to ask themselves.
        case abandoned
    }

    private struct State {
        var outcome: Outcome?
        /// The tasks that wait.
        var suspensions: [Int: Suspension] = [:]
        var lastTask = 0
        var cancelledTasks: Set<Int> = []
        var isWatched = false

        mutating func takeSuspensions() -> [Suspension] {
            defer { suspensions = [:] }
            return Array(suspensions.values)
        }
    }

    /// How long to wait for another's request: no longer than most servers take to fail.
    static let patience = Duration.seconds(5)

    private let state = Monitor(State())

    /// Tells those who wait.
    func finish(_ outcome: Outcome) {
        let waiting = state.withLock { state in
            state.outcome = outcome
            return state.takeSuspensions()
        }
        for suspension in waiting { suspension.resume() }
        state.wakeAll()
    }

    /// Waits, blocking the thread.
    func outcome(until deadline: Moment) -> Outcome { state.wait(until: deadline) { $0.outcome } ?? .abandoned }

    /// Waits, unless the task is cancelled.
    func outcome() async -> Outcome {
        let task = state.withLock { state in
            state.lastTask += 1
            return state.lastTask
        }
        await withTaskCancellationHandler {
            await Suspension.suspend { suspend(task, $0) }
        } onCancel: {
            let suspension = state.withLock { state in
                state.cancelledTasks.insert(task)
                return state.suspensions.removeValue(forKey: task)
            }
            suspension?.resume()
        }
        return state.withLock { $0.outcome } ?? .abandoned
    }

    private func suspend(_ task: Int, _ suspension: Suspension) {
        let (isOver, isFirst) = state.withLock { state in
            if state.outcome != nil || state.cancelledTasks.contains(task) { return (true, false) }
            state.suspensions[task] = suspension
            defer { state.isWatched = true }
            return (false, !state.isWatched)
        }
        if isOver { suspension.resume() }
        if isFirst { DeadlineTimer.shared.call(self, at: .now + Self.patience) }
    }
}

extension NearFlight: TimerClient {
    func timerFired(_ now: Moment) -> Moment? {
        let waiting = state.withLock { state in
            state.isWatched = false
            return state.takeSuspensions()
        }
        for suspension in waiting { suspension.resume() }
        return nil
    }
}
