internal import Synchronization

/// The present call of a handle, as the watchdog sees it.
///
/// One word says it all, so that a call costs two exchanges of it: when the call has to end, or one of the marks below.
final class CallWatch: Sendable {
    /// There is no call.
    static var idle: UInt64 { 0 }
    /// The call's time is up, and its connections are being shut down.
    static var overdue: UInt64 { 1 }
    /// There is no call, and the watchdog sleeps: whoever begins one has to wake it.
    static var unwatched: UInt64 { 2 }

    let word = Atomic(CallWatch.unwatched)
    /// How long a call may take, in nanoseconds.
    let limit: Atomic<UInt64>
    /// Whether calls keep signals away.
    let blocksSignals = Atomic(false)

    init(limit: UInt64) { self.limit = Atomic(limit) }

    /// When the present call has to end; nil if there is none, or its time is up.
    var end: UInt64? {
        let word = word.load(ordering: .relaxed)
        return word > Self.unwatched ? word : nil
    }

    /// Whether a call is under way, of which the next one is a part.
    @inline(__always)
    var isInCall: Bool {
        let word = word.load(ordering: .relaxed)
        return word != Self.idle && word != Self.unwatched
    }

    @inline(__always)
    var isOverdue: Bool { word.load(ordering: .relaxed) == Self.overdue }

    /// Sees to it that the next call wakes the watchdog.
    func unwatch() -> Bool {
        let (exchanged, word) = word.compareExchange(
            expected: Self.idle,
            desired: Self.unwatched,
            ordering: .acquiringAndReleasing
        )
        return exchanged || word == Self.unwatched
    }
}
