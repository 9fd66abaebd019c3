/// Something that wants to be called at a certain time.
protocol TimerClient: AnyObject, Sendable {
    /// Called at that time.
    ///
    /// - Returns: When to call again; nil if that will be requested.
    func timerFired(_ now: Moment) -> Moment?
}

/// The one thread of the process that waits for moments to come: deadlines of calls, clients that have been idle for
/// too long.
///
/// It starts when it is first needed, and ends when there has been nothing to wait for during some seconds.
final class DeadlineTimer: Sendable {
    static let shared = DeadlineTimer()

    private static let linger = Duration.seconds(5)

    private struct Appointment {
        let moment: Moment
        /// Weak: so a pool that is no longer used can be freed before its next appointment.
        weak var client: (any TimerClient)?
    }

    private struct State {
        // There are few: one for each pool and for each thread of an asynchronous client.
        var appointments: [Appointment] = []
        /// The process that the thread runs in, nil if there is none.
        var runningIn: UInt32?

        var soonest: Moment? { appointments.lazy.map(\.moment).min() }

        mutating func takeDue(_ now: Moment) -> [any TimerClient] {
            let due = appointments.filter { $0.moment <= now }
            if !due.isEmpty { appointments.removeAll { $0.moment <= now } }
            return due.compactMap(\.client)
        }
    }

    private let state = Monitor(State())

    private init() {}

    /// Has an object called at a moment.
    func call(_ client: any TimerClient, at moment: Moment) {
        let isFirst = state.withLock { state in
            // A forked child has the appointments, but not the thread.
            if state.runningIn != ForkWatch.count, DedicatedThread.start(name: "mc-time", { self.run() }) {
                state.runningIn = ForkWatch.count
            }
            let isFirst = state.soonest.map { moment < $0 } ?? true
            state.appointments.append(Appointment(moment: moment, client: client))
            return isFirst
        }
        if isFirst { state.wakeOne() }
    }

    // MARK: - The thread

    private enum Step {
        case call([any TimerClient])
        case wait(until: Moment)
    }

    private func run() {
        var horizon = Moment.now + Self.linger
        while let step = nextStep(horizon) {
            switch step {
            case .wait(let moment):
                horizon = moment
            case .call(let due):
                let now = Moment.now
                for client in due {
                    if let next = client.timerFired(now) { call(client, at: next) }
                }
                horizon = Moment.now + Self.linger
            }
        }
    }

    /// What the thread does next; nil if it ends.
    private func nextStep(_ horizon: Moment) -> Step? {
        let step = state.wait(until: horizon) { state -> Step? in
            let due = state.takeDue(.now)
            if !due.isEmpty { return .call(due) }
            return state.soonest.flatMap { $0 == horizon ? nil : .wait(until: $0) }
        }
        if let step { return step }
        return state.withLock { state in
            if let soonest = state.soonest { return .wait(until: soonest) }
            state.runningIn = nil
            return nil
        }
    }
}
