/// A request in progress, whose results other callers want, too.
final class NearFlight: Sendable {
    /// Its outcome.
    enum Outcome {
        /// The result for each of its keys.
        case results([MemcachedResponse.Result])
        case failed(MemcachedError)
        /// Nothing that others could use: they have to ask the server themselves.
        case abandoned
    }

    private struct State {
        var outcome: Outcome?
        /// The tasks that wait.
        var suspensions: [Int: Suspension] = [:]
        var lastTask = 0
        var cancelledTasks: Set<Int> = []
    }

    /// How long a thread waits for another's request: no longer than most servers take to fail.
    static let waitLimit = Duration.seconds(5)

    private let state = Monitor(State())

    /// Wakes the waiting callers.
    func finish(_ outcome: Outcome) {
        let waiting = state.withLock { state in
            state.outcome = outcome
            defer { state.suspensions = [:] }
            return state.suspensions.values
        }
        for suspension in waiting { suspension.resume() }
        state.wakeAll()
    }

    /// Waits, blocking the thread.
    ///
    /// It waits until `deadline` at most: the other caller may need this very thread to continue.
    func outcome(until deadline: Moment) -> Outcome { state.wait(until: deadline) { $0.outcome } ?? .abandoned }

    /// Waits, unless the task is cancelled.
    ///
    /// It needs no deadline of its own, since the request has one, and began earlier.
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
        let isOver = state.withLock { state in
            if state.outcome != nil || state.cancelledTasks.contains(task) { return true }
            state.suspensions[task] = suspension
            return false
        }
        if isOver { suspension.resume() }
    }
}
