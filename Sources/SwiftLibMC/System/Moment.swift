internal import CPlatform

/// A point in time on the clock that locks and condition variables use: it never jumps.
struct Moment: Comparable, Hashable, Sendable {
    /// Since the system was started.
    let nanoseconds: UInt64

    /// Now.
    static var now: Moment {
        var time = timespec()
        unsafe clock_gettime(swiftlibmc_clock, &time)
        return Moment(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    static func < (one: Moment, other: Moment) -> Bool { one.nanoseconds < other.nanoseconds }

    /// A length of time in the clock's unit: converting a duration to it takes a division of 128 bits.
    struct Distance: Comparable, Sendable {
        let nanoseconds: UInt64

        init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

        /// As long as a duration; 136 years if that is longer, nothing if it is negative.
        init(_ duration: Duration) {
            let (seconds, attoseconds) = duration.components
            // Twice 136 years still fits.
            nanoseconds =
                seconds < 0 || attoseconds < 0
                ? 0 : UInt64(min(seconds, 1 << 32)) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
        }

        static func < (one: Distance, other: Distance) -> Bool { one.nanoseconds < other.nanoseconds }

        var half: Distance { Distance(nanoseconds: nanoseconds / 2) }
    }

    /// How long it is from an earlier moment to a later one; nothing if it is not later, as when the clock was read once
    /// more in between.
    static func - (later: Moment, earlier: Moment) -> Distance {
        Distance(nanoseconds: later > earlier ? later.nanoseconds - earlier.nanoseconds : 0)
    }

    /// A later moment.
    static func + (moment: Moment, distance: Distance) -> Moment {
        Moment(nanoseconds: moment.nanoseconds + distance.nanoseconds)
    }

    /// A later moment; one in the far future if the duration is that long, the same one if it is negative.
    static func + (moment: Moment, duration: Duration) -> Moment { moment + Distance(duration) }
}
