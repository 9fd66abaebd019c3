internal import Synchronization

/// The computations of `getOrSet` in progress in this process: callers of one key at the same time share one.
///
/// The lock item beside a value does that among processes, as long as its server answers. This does it within the
/// process in any case, and shares errors as well. A computation is shared by all whose calls began before it ended.
///
/// Only the cache that carries out requests knows where a value belongs, not the method: a wrapper may change keys. So
/// a caller that has found nothing asks for the place with a request, ``MemcachedRequest/Action/computation``.
final class SharedComputations: Sendable {
    /// What a caller gets, or throws.
    typealias Outcome = Result<any Sendable, any Error>

    /// What a caller that has found nothing has to do.
    enum Role {
        /// Compute, and then call ``SharedComputations/Call/finish(_:)`` or ``SharedComputations/Call/abandon()``.
        case leader
        /// Take what another caller has computed.
        case shared(Outcome)
        /// Compute it alone, after waiting long enough.
        case alone
    }

    /// The value that is computed.
    fileprivate struct Subject: Hashable {
        let key: [UInt8]
        /// The type that the value is read as: a value of another type can't be shared.
        let type: ObjectIdentifier
    }

    private struct Entry {
        /// How many callers are registered.
        var callers = 0
        /// Whether one of them is computing.
        var isLed = false
        /// When that caller began to compute, after waiting for other processes.
        var computing: Moment?
        var waiters: [Waiter] = []
        /// The last computation, and when it ended.
        var last: (outcome: Outcome, end: UInt64)?
    }

    fileprivate struct State {
        private var entries: [Subject: Entry] = [:]
        /// The deadline that is being watched.
        var watched: Moment?
        /// The process that the callers are in.
        private var process = ForkWatch.count

        /// Ended computations that no caller is registered for: some callers may still be about to register.
        private var ended: [Subject] = []
        private static let mostEnded = 64

        /// Registers a caller.
        mutating func enter(_ subject: Subject) {
            // A forked child has none of its parent's callers.
            if process != ForkWatch.count { self = State() }
            entries[subject, default: Entry()].callers += 1
        }

        mutating func leave(_ subject: Subject) {
            guard var entry = entries[subject] else { return }
            entry.callers -= 1
            entries[subject] = entry.callers > 0 || entry.last != nil ? entry : nil
            if entry.callers == 0, entry.last != nil, !ended.contains(subject) { ended.append(subject) }
            let isQuiet = SharedComputations.callCount.load(ordering: .relaxed) <= 1
            while let first = ended.first, isQuiet || ended.count > Self.mostEnded {
                ended.removeFirst()
                if entries[first]?.callers == 0 { entries[first] = nil }
            }
        }

        /// The role of a caller, if it is known without waiting.
        mutating func role(_ call: Call) -> Role? {
            guard let entry = entries[call.subject] else { return .alone }
            if let last = entry.last, last.end > call.start { return .shared(last.outcome) }
            if entry.isLed { return nil }
            entries[call.subject]?.isLed = true
            return .leader
        }

        mutating func add(_ waiter: Waiter) { entries[waiter.subject]?.waiters.append(waiter) }

        /// Takes a waiter from the list; false if it has a role already.
        mutating func remove(_ waiter: Waiter) -> Bool {
            guard let index = entries[waiter.subject]?.waiters.firstIndex(where: { $0 === waiter }) else {
                return false
            }
            entries[waiter.subject]?.waiters.remove(at: index)
            return true
        }

        /// Ends a computation, and returns the waiters.
        mutating func finish(_ subject: Subject, _ outcome: Outcome) -> [Waiter] {
            guard var entry = entries[subject] else { return [] }
            entry.isLed = false
            entry.computing = nil
            entry.last = (outcome, SharedComputations.clock.add(1, ordering: .relaxed).newValue)
            let waiters = entry.waiters
            entry.waiters = []
            entries[subject] = entry
            return waiters
        }

        /// Ends a computation without an outcome, and returns the waiter that takes over.
        mutating func abandon(_ subject: Subject) -> Waiter? {
            guard var entry = entries[subject] else { return nil }
            entry.isLed = !entry.waiters.isEmpty
            entry.computing = nil
            defer { entries[subject] = entry }
            return entry.waiters.isEmpty ? nil : entry.waiters.removeFirst()
        }

        /// Notes that the computation itself begins.
        mutating func begin(_ subject: Subject) { entries[subject]?.computing = .now }

        /// When a waiter need wait no longer: the caller that computes has had all the time that the waiter allows.
        func end(of waiter: Waiter) -> Moment {
            guard let computing = entries[waiter.subject]?.computing else { return waiter.deadline + waiter.waitLimit }
            return max(waiter.deadline, computing + waiter.waitLimit)
        }

        /// Takes the waiters whose time is up.
        mutating func expire(_ now: Moment) -> [Waiter] {
            let expired = entries.values.flatMap(\.waiters).filter { end(of: $0) <= now }
            return expired.filter { remove($0) }
        }

        /// When the time of the first waiter is up.
        var firstDeadline: Moment? { entries.values.lazy.flatMap(\.waiters).map { end(of: $0) }.min() }
    }

    fileprivate let state = Monitor(State())

    /// One caller, from before it looks for the value until it has one.
    struct Call: Sendable {
        fileprivate let computations: SharedComputations
        fileprivate let subject: Subject
        fileprivate let start: UInt64
    }

    /// Counts the ends of computations, to tell which came first, the beginning of a call or the end.
    private static let clock = Atomic<UInt64>(0)
    /// How many calls are in progress in the process.
    private static let callCount = Atomic<Int>(0)

    /// When a call begins; ``endCall()`` has to follow.
    static func beginCall() -> UInt64 {
        callCount.add(1, ordering: .relaxed)
        return clock.load(ordering: .relaxed)
    }

    /// A call has ended.
    static func endCall() { callCount.subtract(1, ordering: .relaxed) }

    /// Where the computation of one key's value is shared.
    struct Place: Sendable {
        fileprivate let computations: SharedComputations
        fileprivate let key: [UInt8]

        /// Registers a caller, which has to ``Call/leave()``.
        ///
        /// - Parameters:
        ///   - type: The type of the values that it shares.
        ///   - start: When its call has begun.
        /// - Returns: The caller.
        func enter(_ type: Any.Type, start: UInt64) -> Call {
            let subject = Subject(key: key, type: ObjectIdentifier(type))
            computations.state.withLock { $0.enter(subject) }
            return Call(computations: computations, subject: subject, start: start)
        }
    }

    /// Answers a request for the place of its key.
    ///
    /// - Parameters:
    ///   - keys: The key.
    ///   - scope: Distinguishes the keys of this cache from the same keys in others that share its computations.
    /// - Returns: The response, which has a ``MemcachedResponse/place``.
    func response(to keys: MemcachedRequest.Keys, scope: [UInt8] = []) -> MemcachedResponse {
        let key = keys.withKeyBytes(of: 0) { key, routing in
            var bytes = scope
            for part in [Array(copying: key), Array(copying: routing)] { bytes += Array("\(part.count):".utf8) + part }
            return bytes
        }
        let place = Place(computations: self, key: key)
        return MemcachedResponse(.one(.found(MemcachedResponse.Value(object: place))))
    }
}

extension MemcachedResponse {
    /// The place that was asked for; nil if the cache shares no computations.
    var place: SharedComputations.Place? {
        guard case .one(.found(let value)) = results else { return nil }
        return value.object as? SharedComputations.Place
    }
}

extension SharedComputations.Call {
    /// The role of the caller; nil while another one computes.
    var roleNow: SharedComputations.Role? { computations.state.withLock { $0.role(self) } }

    /// Waits until the caller has a role.
    ///
    /// - Parameter waitLimit: How long another caller may take to compute.
    /// - Returns: The role; nil if the task has been cancelled.
    func role(waitLimit: Duration) async -> SharedComputations.Role? {
        let (role, waiter) = roleOrWaiter(waitLimit)
        guard let waiter else { return role }
        computations.watch(waiter.deadline)
        return await withTaskCancellationHandler {
            await Suspension.suspend { waiter.suspend($0) }
            return waiter.role ?? nil
        } onCancel: {
            if computations.state.withLock({ $0.remove(waiter) }) { waiter.wake(nil) }
        }
    }

    /// Waits until the caller has a role, blocking the thread.
    ///
    /// - Parameter waitLimit: How long another caller may take to compute.
    /// - Returns: The role.
    func waitForRole(waitLimit: Duration) -> SharedComputations.Role {
        let (role, waiter) = roleOrWaiter(waitLimit)
        guard let waiter else { return role ?? .alone }
        var deadline = waiter.deadline
        while true {
            if let role = waiter.wait(until: deadline) { return role }
            let (end, isRemoved) = computations.state.withLock { state in
                let end = state.end(of: waiter)
                return (end, end <= .now && state.remove(waiter))
            }
            if isRemoved { return .alone }
            // Otherwise it is about to get a role.
            deadline = max(end, .now + .milliseconds(1))
        }
    }

    private func roleOrWaiter(
        _ waitLimit: Duration
    ) -> (SharedComputations.Role?, SharedComputations.Waiter?) {
        computations.state.withLock { state in
            if let role = state.role(self) { return (role, nil) }
            let waiter = SharedComputations.Waiter(subject, waitLimit: Moment.Distance(waitLimit))
            state.add(waiter)
            return (nil, waiter)
        }
    }

    /// Notes that the caller, which leads, begins to compute.
    func begin() { computations.state.withLock { $0.begin(subject) } }

    /// Gives the others the outcome.
    func finish(_ outcome: SharedComputations.Outcome) {
        let waiters = computations.state.withLock { $0.finish(subject, outcome) }
        for waiter in waiters { waiter.wake(.shared(outcome)) }
    }

    /// Leaves it to another caller to compute.
    func abandon() { computations.state.withLock { $0.abandon(subject) }?.wake(.leader) }

    /// Ends the call.
    func leave() { computations.state.withLock { $0.leave(subject) } }
}

// MARK: - Waiting

extension SharedComputations {
    /// A caller that waits for another one.
    fileprivate final class Waiter: Sendable {
        private struct State {
            /// The inner nil means that the caller waits no longer.
            var role: Role??
            var suspension: Suspension?
        }

        let subject: Subject
        let waitLimit: Moment.Distance
        let deadline: Moment
        private let state = Monitor(State())

        init(_ subject: Subject, waitLimit: Moment.Distance) {
            self.subject = subject
            self.waitLimit = waitLimit
            deadline = .now + waitLimit
        }

        /// The role it has been given.
        var role: Role?? { state.withLock { $0.role } }

        /// Notes which task to wake.
        func suspend(_ suspension: Suspension) {
            let isTold = state.withLock { state in
                if state.role == nil { state.suspension = suspension }
                return state.role != nil
            }
            if isTold { suspension.resume() }
        }

        /// Gives the waiter its role; only for code that has taken it from the list.
        func wake(_ role: Role?) {
            let suspension = state.withLock { state in
                state.role = .some(role)
                return state.suspension
            }
            if let suspension { suspension.resume() } else { state.wakeOne() }
        }

        func wait(until deadline: Moment?) -> Role? { state.wait(until: deadline) { $0.role ?? nil } }
    }
}

extension SharedComputations: TimerClient {
    /// Makes sure that waiters are woken when their time is up.
    fileprivate func watch(_ deadline: Moment) {
        let isFirst = state.withLock { state in
            if let watched = state.watched, watched <= deadline { return false }
            state.watched = deadline
            return true
        }
        if isFirst { DeadlineTimer.shared.call(self, at: deadline) }
    }

    func timerFired(_ now: Moment) -> Moment? {
        let (expired, next) = state.withLock { state in
            let expired = state.expire(now)
            let next = state.firstDeadline
            state.watched = next
            return (expired, next)
        }
        for waiter in expired { waiter.wake(.alone) }
        return next.map { max($0, now + .milliseconds(1)) }
    }
}
