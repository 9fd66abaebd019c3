internal import Glibc

/// A point in time on the clock that locks and condition variables go by: it never jumps.
struct Moment: Comparable, Hashable, Sendable {
    /// Since the system was started.
    let nanoseconds: UInt64

    /// Now.
    static var now: Moment {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Moment(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    static func < (one: Moment, other: Moment) -> Bool { one.nanoseconds < other.nanoseconds }

    /// A later moment; one in the far future if the duration is that long, the same one if it is negative.
    static func + (moment: Moment, duration: Duration) -> Moment {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return moment }
        // 146 years are enough, and their double still fits.
        let nanoseconds = UInt64(min(seconds, 1 << 32)) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
        return Moment(nanoseconds: moment.nanoseconds + nanoseconds)
    }

    /// The same moment as C's structure.
    var systemTime: timespec {
        timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    }
}
