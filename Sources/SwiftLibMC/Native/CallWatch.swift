internal import Synchronization

/// What a handle's calls and the watchdog tell each other; the watchdog touches nothing else of a handle.
///
/// A call counts ``number`` up when it begins and when it ends: two plain stores. It reads no clock. How long it has been
/// under way is for the watchdog to find out, which sees the same odd number each time it looks.
final class CallWatch: Sendable {
    /// Odd during a call, and a number that no other call has.
    let number = Atomic<UInt64>(0)
    /// What the beginning or the end of a call has to look after; usually nothing.
    let marks = Atomic(CallWatch.unwatched)
    /// The number of the last call whose time was up; no call's at first.
    let overdue = Atomic(UInt64.max)
    /// How long a call may take, in nanoseconds.
    let limit: Atomic<UInt64>
    /// When the present call has to end, if its time did not begin with it; else 0.
    let end = Atomic<UInt64>(0)

    /// The watchdog does not look: whoever begins a call has to tell it.
    static var unwatched: UInt8 { 1 }
    /// The present call's connections are being shut down.
    static var isBeingEnded: UInt8 { 2 }
    /// Calls keep signals away, even if they are watched.
    static var blocksSignals: UInt8 { 4 }
    /// Calls don't keep signals away, even if they are not watched.
    static var letsSignalsIn: UInt8 { 8 }
    /// Calls are watched in a process with one thread, too.
    static var watchesAlways: UInt8 { 16 }

    /// Those that a call has to look after when it begins.
    static var ofBeginnings: UInt8 { unwatched | isBeingEnded | blocksSignals }

    init(limit: UInt64) { self.limit = Atomic(limit) }

    @inline(__always)
    static func isCall(_ number: UInt64) -> Bool { number & 1 != 0 }

    /// Whether a call is under way, of which the next one is a part.
    @inline(__always)
    var isInCall: Bool { Self.isCall(number.load(ordering: .relaxed)) }

    /// Whether the time of the present call is up.
    @inline(__always)
    var isOverdue: Bool { overdue.load(ordering: .relaxed) == number.load(ordering: .relaxed) }

    /// Whether it has one of these marks.
    func has(_ mark: UInt8) -> Bool { marks.load(ordering: .relaxed) & mark != 0 }

    func mark(_ mark: UInt8) { marks.bitwiseOr(mark, ordering: .acquiringAndReleasing) }

    func mark(_ mark: UInt8, if isMarked: Bool) { isMarked ? self.mark(mark) : unmark(mark) }

    func unmark(_ mark: UInt8) { marks.bitwiseAnd(~mark, ordering: .acquiringAndReleasing) }
}
