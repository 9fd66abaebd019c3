internal import CLibMemcached
internal import Glibc
internal import Synchronization

// The time that a call may take, from its beginning to its end.

extension Handle {
    /// Begins a call, or a part of one; must be followed by ``endCall(_:)``.
    ///
    /// - Returns: Whether it is a whole call.
    @inline(__always)
    func startCall() -> Bool {
        let watch = watch
        if _slowPath(watch.isInCall) { return startPart() }
        let end = Moment.coarse.nanoseconds &+ watch.limit.load(ordering: .relaxed)
        let before = watch.word.exchange(end, ordering: .acquiringAndReleasing)
        if _slowPath(before != CallWatch.idle || watch.blocksSignals.load(ordering: .relaxed)) { wakeWatchdog(end) }
        return true
    }

    /// Begins a call that has to end at a moment.
    func startCall(until moment: Moment) -> Bool {
        if watch.isInCall { return startPart() }
        let before = watch.word.exchange(max(moment.nanoseconds, 3), ordering: .acquiringAndReleasing)
        if before != CallWatch.idle || blocksSignals { wakeWatchdog(moment.nanoseconds) }
        return true
    }

    @inline(__always)
    func endCall(_ isWhole: Bool) {
        guard isWhole else { return }
        let watch = watch
        let before = watch.word.exchange(CallWatch.idle, ordering: .acquiringAndReleasing)
        if _slowPath(before == CallWatch.overdue || watch.blocksSignals.load(ordering: .relaxed)) { leave(before) }
    }

    @inline(never)
    private func startPart() -> Bool {
        // What is left of the call is not begun.
        if isOverdue { needsCare = true }
        return false
    }

    @inline(never)
    private func wakeWatchdog(_ end: UInt64) {
        if blocksSignals { signals = SignalGuard() }
        Watchdog.shared.wake(at: Moment(nanoseconds: end))
    }

    @inline(never)
    private func leave(_ word: UInt64) {
        signals?.end()
        signals = nil
        guard word == CallWatch.overdue else { return }
        Watchdog.shared.letGo()
        doubt()
    }

    /// Whether the time of the present call is up.
    var isOverdue: Bool { watch.isOverdue }

    /// What is left of the time for the present call, or for one that begins now.
    var timeLeft: Moment.Distance {
        guard watch.isInCall else { return Moment.Distance(commandTimeout) }
        let (now, end) = (Moment.now, Moment(nanoseconds: watch.end ?? 0))
        return now < end ? end - now : Moment.Distance(.zero)
    }

    /// How long the present call has for a conversation with a server that is not libmemcached's.
    var patience: Patience {
        var patience = Patience(configuration.behaviors)
        patience.end = min(patience.end, .now + timeLeft)
        return patience
    }

    /// The error for a call whose time is up.
    func overdue(_ operation: Operation, at position: Int, key: String? = nil) -> MemcachedError {
        MemcachedError(
            code: .commandTimeout,
            operation: operation,
            detail: "not done within \(commandTimeout) (commandTimeout)",
            key: key,
            server: servers[position]
        )
    }

    /// Why a server is not asked: the call's time is up, or the server keeps timing out; nil if it is.
    func refusal(_ position: Int, _ operation: Operation, key: RawSpan) -> MemcachedError? {
        if isOverdue { return overdue(operation, at: position, key: key.text) }
        return stalls.isClosed(to: position) ? stalled(position, operation, key: key) : nil
    }

    /// An error of a call, which is another one if its time is up.
    func overdue(_ error: MemcachedError, _ operation: Operation, at position: Int) -> MemcachedError {
        guard _slowPath(isOverdue) else { return error }
        var late = overdue(operation, at: position, key: error.key)
        late.isOutcomeUnknown = error.isOutcomeUnknown
        noteTimeout(position)
        return late
    }
}
