internal import CPlatform
internal import Synchronization

// The time that a call may take, from its beginning to its end.

extension Handle {
    /// A call that is under way, or a part of one.
    struct Call {
        /// Whether the watchdog sees it.
        let isCounted: Bool
        /// Blocks signals meanwhile.
        let signals: SignalGuard
    }

    /// Begins a call, or a part of one; must be followed by ``endCall(_:)``.
    ///
    /// - Parameter asksAtOnce: Whether libmemcached is asked now; if not, other parts will do so.
    /// - Returns: What the end has to know.
    @inline(__always)
    func startCall(asksAtOnce: Bool = true) -> Call {
        let watch = callWatch
        let marks = watch.marks.load(ordering: .relaxed)
        if marks == CallWatch.unwatched, swiftlibmc_has_one_thread() != 0 {
            return Call(isCounted: false, signals: SignalGuard(isOn: asksAtOnce))
        }
        if _slowPath(marks & CallWatch.ofBeginnings != 0) {
            guard Self.isAlone(marks) else { return startWatchedCall(marks) }
            let keepsSignals = asksAtOnce && marks & CallWatch.letsSignalsIn == 0
            return Call(isCounted: false, signals: SignalGuard(isOn: keepsSignals))
        }
        let number = watch.number.load(ordering: .relaxed)
        if _slowPath(CallWatch.isCall(number)) { return startPart() }
        watch.number.store(number &+ 1, ordering: .releasing)
        return Call(isCounted: true, signals: SignalGuard(isOn: false))
    }

    @inline(__always)
    func endCall(_ call: Call) {
        if call.isCounted {
            let watch = callWatch
            let number = watch.number.load(ordering: .relaxed)
            watch.number.store(number &+ 1, ordering: .releasing)
            if _slowPath(watch.marks.load(ordering: .relaxed) & CallWatch.isBeingEnded != 0) { endLateCall(number) }
        }
        call.signals.end()
    }

    /// Runs a call that has to end by a moment.
    func withCall<R>(until moment: Moment, _ body: () -> R) -> R {
        let isLimited = limitCall(until: moment)
        defer { unlimitCall(isLimited) }
        let call = startCall(asksAtOnce: false)
        defer { endCall(call) }
        return body()
    }

    /// Has the call that begins next end by a moment, if there is one; to be followed by ``unlimitCall(_:)``.
    ///
    /// - Returns: Whether it does: not if there is a call already, of which that one is a part.
    @inline(__always)
    func limitCall(until moment: Moment?) -> Bool {
        guard _slowPath(moment != nil), let moment, !callWatch.isInCall else { return false }
        // A thread that sees the call's number sees this, too.
        callWatch.end.store(moment.nanoseconds, ordering: .relaxed)
        text?.callIsShort = moment < .now + textTimeout
        return true
    }

    @inline(__always)
    func unlimitCall(_ isLimited: Bool) {
        guard _slowPath(isLimited) else { return }
        callWatch.end.store(0, ordering: .relaxed)
        text?.callIsShort = false
    }

    @inline(never)
    private func startWatchedCall(_ marks: UInt8) -> Call {
        let number = callWatch.number.load(ordering: .relaxed)
        if CallWatch.isCall(number) { return startPart() }
        callWatch.number.store(number &+ 1, ordering: .releasing)
        if marks & (CallWatch.unwatched | CallWatch.isBeingEnded) != 0 { watchCalls() }
        return Call(isCounted: true, signals: SignalGuard(isOn: marks & CallWatch.blocksSignals != 0))
    }

    @inline(never)
    private func startPart() -> Call {
        // The rest of the call is not begun.
        if callWatch.isOverdue { needsSettling = true }
        return Call(isCounted: false, signals: SignalGuard(isOn: false))
    }

    /// Whether calls are not watched, because that would give a process with one thread a second one.
    ///
    /// As soon as there are two, the C library's `send`, `recv` and `poll` do more, some 40 instructions for a `get`.
    @inline(__always)
    private static func isAlone(_ marks: UInt8) -> Bool {
        marks & (CallWatch.unwatched | CallWatch.watchesAlways) == CallWatch.unwatched
            && swiftlibmc_has_one_thread() != 0
    }

    /// Whether calls keep signals away.
    var blocksSignals: Bool { blocksSignalsIfSaid ?? Self.isAlone(callWatch.marks.load(ordering: .relaxed)) }

    @inline(never)
    private func endLateCall(_ number: UInt64) {
        Watchdog.shared.waitUntilDone(callWatch)
        if callWatch.overdue.load(ordering: .relaxed) == number { markInDoubt() }
    }

    /// Has the watchdog watch the calls of the present library object.
    func watchCalls() { unsafe Watchdog.shared.add(callWatch, pointer, servers) }

    /// Whether the time of the present call is up.
    var isOverdue: Bool { callWatch.isOverdue }

    /// When the present call, or one that begins now, has to end.
    var endOfCall: Moment {
        let end = callWatch.isInCall ? Watchdog.shared.end(of: callWatch) : nil
        return end ?? .now + commandTimeout
    }

    /// When the call that is under way has to end; nil if there is none.
    var endOfPresentCall: Moment? { callWatch.isInCall ? endOfCall : nil }

    /// The middle of the time that the present call has left.
    var middleOfCall: Moment {
        let now = Moment.now
        return now + (endOfCall - now).half
    }

    /// How long the present call may take for a conversation with a server over a connection that is not
    /// libmemcached's.
    var patience: Patience {
        var patience = Patience(configuration.behaviors)
        patience.end = min(patience.end, endOfCall)
        return patience
    }

    /// So long for a question, if the present call has so much time left.
    func patience(for time: Duration) -> Patience {
        var patience = Patience(time)
        patience.end = min(patience.end, endOfCall)
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

    /// An error of a conversation over a connection that is not libmemcached's; replaced by another one if the call's
    /// time is up.
    func inTime(_ error: MemcachedError, _ operation: Operation, at position: Int) -> MemcachedError {
        // A handle that was given the rest of the time does not know the whole time-out.
        guard error.code == .commandTimeout || error.code == .timeout && endOfCall <= .now else { return error }
        var late = overdue(operation, at: position, key: error.key)
        late.isOutcomeUnknown = error.isOutcomeUnknown
        return late
    }

    /// Why a server is not asked: the call's time is up, or the server keeps timing out; nil if it is.
    func refusal(_ position: Int, _ operation: Operation, key: RawSpan) -> MemcachedError? {
        if isOverdue { return overdue(operation, at: position, key: key.text) }
        return stalls.isClosed(to: position) ? stalled(position, operation, key: key) : nil
    }

    /// An error of a call; replaced by another one if the call's time is up.
    func overdue(_ error: MemcachedError, _ operation: Operation, at position: Int) -> MemcachedError {
        guard _slowPath(isOverdue) else { return error }
        var late = overdue(operation, at: position, key: error.key)
        late.isOutcomeUnknown = error.isOutcomeUnknown
        noteTimeout(position)
        return late
    }
}
