internal import Synchronization

/// The state that a handle's calls share with the watchdog, which touches nothing else of a handle.
///
/// A call counts ``number`` up when it begins and when it ends: two plain stores. It reads no clock. The watchdog finds
/// out how long it has been under way, because it sees the same odd number each time it looks.
final class CallWatch: Sendable {
    /// Odd during a call, and different for each call.
    let number = Atomic<UInt64>(0)
    /// What the beginning or the end of a call has to do; usually nothing.
    let marks = Atomic(CallWatch.unwatched)
    /// The number of the last call whose time was up; no call's at first.
    let overdue = Atomic(UInt64.max)
    /// How long a call may take, in nanoseconds.
    let limit: Atomic<UInt64>
    /// When the present call has to end, if its time began before it; else 0.
    let end = Atomic<UInt64>(0)

    /// The watchdog does not look: the next call has to tell it.
    static var unwatched: UInt8 { 1 }
    /// The present call's connections are being shut down.
    static var isBeingEnded: UInt8 { 2 }
    /// Calls keep signals away, even if they are watched.
    static var blocksSignals: UInt8 { 4 }
    /// Calls don't keep signals away, even if they are not watched.
    static var letsSignalsIn: UInt8 { 8 }
    /// Calls are watched in a process with one thread, too.
    static var watchesAlways: UInt8 { 16 }

    /// The marks that the beginning of a call has to heed.
    static var ofBeginnings: UInt8 { unwatched | isBeingEnded | blocksSignals }

    init(limit: UInt64) { self.limit = Atomic(limit) }

    @inline(__always)
    static func isCall(_ number: UInt64) -> Bool { number & 1 != 0 }

    /// Whether a call is under way, so that the next one is a part of it.
    @inline(__always)
    var isInCall: Bool { Self.isCall(number.load(ordering: .relaxed)) }

    /// Whether the time of the present call is up.
    @inline(__always)
    var isOverdue: Bool { overdue.load(ordering: .relaxed) == number.load(ordering: .relaxed) }

    /// Whether it has any of these marks.
    func has(_ mark: UInt8) -> Bool { marks.load(ordering: .relaxed) & mark != 0 }

    func mark(_ mark: UInt8) { marks.bitwiseOr(mark, ordering: .acquiringAndReleasing) }

    func mark(_ mark: UInt8, if isMarked: Bool) { isMarked ? self.mark(mark) : unmark(mark) }

    func unmark(_ mark: UInt8) { marks.bitwiseAnd(~mark, ordering: .acquiringAndReleasing) }
}
