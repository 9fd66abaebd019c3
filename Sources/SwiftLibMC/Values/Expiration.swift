#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// When an item expires: pylibmc's `time`.
///
/// A number written in its place is seconds from now, and so `time: 60` and `time: 60 * 60` are a minute and an hour.
/// Unlike in pylibmc and in memcached itself, a time of more than 30 days from now and a negative one mean what they
/// say, in both protocols.
///
/// Fractions of a second are rounded up. The protocols hold dates up to 19 January 2038; what is later expires then.
public struct Expiration: Hashable, Sendable {
    @usableFromInline
    enum Moment: Hashable, Sendable {
        case never
        case now
        /// Seconds from when the item is stored, above zero.
        case after(Int64)
        /// Seconds since 1970.
        case at(Int64)
    }

    @usableFromInline let moment: Moment

    @inlinable
    @inline(__always)
    init(_ moment: Moment) { self.moment = moment }

    /// A relative time, where zero is never and a negative number is now.
    private init(seconds: Int64) {
        moment = seconds > 0 ? .after(seconds) : seconds == 0 ? .never : .now
    }
}

// MARK: - Making one

extension Expiration {
    /// The item stays until it is deleted or the server needs its memory.
    @inlinable public static var never: Expiration { Expiration(.never) }

    /// The item expires at once, as if it were deleted.
    @inlinable public static var now: Expiration { Expiration(.now) }

    /// A number of seconds from now.
    ///
    /// Zero is ``never``, as everywhere in memcached; a negative number is ``now``.
    public static func seconds(_ count: Int) -> Expiration { Expiration(seconds: Int64(count)) }

    /// A number of minutes from now; zero is ``never``, a negative number ``now``.
    public static func minutes(_ count: Int) -> Expiration { .seconds(60) * count }

    /// A number of hours from now; zero is ``never``, a negative number ``now``.
    public static func hours(_ count: Int) -> Expiration { .seconds(60 * 60) * count }

    /// A number of days from now; zero is ``never``, a negative number ``now``.
    public static func days(_ count: Int) -> Expiration { .seconds(24 * 60 * 60) * count }

    /// A time from now, rounded up to whole seconds; zero is ``never``, a negative time ``now``.
    public static func duration(_ duration: Duration) -> Expiration {
        // Rounding would turn half a second ago into zero, and so into never.
        duration < .zero ? .now : Expiration(seconds: duration.roundedUp(to: .seconds))
    }

    /// A date, rounded up to whole seconds; a past one is ``now``.
    public static func at(_ date: Date) -> Expiration {
        let seconds = date.timeIntervalSince1970.rounded(.up)
        if let exact = Int64(exactly: seconds) { return Expiration(.at(exact)) }
        return Expiration(.at(seconds > 0 ? .max : .min))
    }

    /// A date in seconds since 1970, as `time(NULL)` gives it; a past one, zero included, is ``now``.
    public static func unixTime(_ seconds: Int) -> Expiration { Expiration(.at(Int64(seconds))) }
}

extension Expiration: ExpressibleByIntegerLiteral {
    /// A number of seconds from now, as ``seconds(_:)`` takes it.
    public init(integerLiteral value: Int) { self = .seconds(value) }
}

// MARK: - Arithmetic

extension Expiration {
    /// A multiple of a time from now, so that `time: 60 * 60` can be written.
    ///
    /// A factor of zero gives ``never`` and a negative one ``now``, as with ``seconds(_:)``. ``never``, ``now`` and
    /// dates stay as they are.
    public static func * (time: Expiration, factor: Int) -> Expiration {
        guard case .after(let seconds) = time.moment else { return time }
        return Expiration(seconds: seconds.saturatingProduct(Int64(factor)))
    }

    /// A multiple of a time from now, with the number in front.
    ///
    /// Of two literals either could be the time, which would be ambiguous if one operator were not preferred.
    @_disfavoredOverload
    public static func * (factor: Int, time: Expiration) -> Expiration { time * factor }
}

// MARK: - On the wire

extension Expiration {
    /// memcached takes numbers up to this one, 30 days, as seconds from now, and larger ones as dates.
    private static let longestRelative: Int64 = 60 * 60 * 24 * 30

    /// The earliest date that memcached takes as one, on 31 January 1970.
    ///
    /// It is past on every server, however wrong its clock or ours may be. Negative numbers would do in the ASCII
    /// protocol only: in the binary one they are far in the future.
    private static let longPast = longestRelative + 1

    /// The latest date that both protocols can hold: of the ASCII protocol a server reads later ones as negative.
    private static let latestDate = Int64(Int32.max)

    /// The number that memcached takes for this time, in both protocols.
    ///
    /// - Parameter now: Seconds since 1970, looked at only where it matters.
    /// - Returns: Zero for never, seconds from now, or a date in seconds since 1970.
    func wireValue(now: @autoclosure () -> Int64 = currentUnixTime()) -> UInt32 {
        if case .never = moment { return 0 }
        return later(now())
    }

    @inline(never)
    private func later(_ now: @autoclosure () -> Int64) -> UInt32 {
        switch moment {
        case .never: return 0
        case .now: return UInt32(Self.longPast)
        case .after(let seconds) where seconds <= Self.longestRelative: return UInt32(seconds)
        case .after(let seconds):
            let now = max(now(), 0)
            return Self.wireValue(date: now.saturatingSum(seconds), now: now)
        case .at(let date): return Self.wireValue(date: date, now: max(now(), 0))
        }
    }

    private static func wireValue(date: Int64, now: Int64) -> UInt32 {
        if date <= now { return UInt32(longPast) }
        if longPast...latestDate ~= date { return UInt32(date) }
        // The wire can't hold the date. Of what it can, the latest date is nearest, or near the end of all dates, 30
        // days from now. With a clock that stands in January 1970 only the time from now is left, too.
        let fromNow = min(date - now, longestRelative)
        return UInt32(date > latestDate && latestDate - now > fromNow ? latestDate : fromNow)
    }

    private static func currentUnixTime() -> Int64 { Int64(Date().timeIntervalSince1970) }
}

// MARK: - As a delay

extension Expiration {
    /// The delay that `flush_all` takes: zero at once, where an expiration's zero is never.
    func flushDelay(now: @autoclosure () -> Int64 = currentUnixTime()) -> UInt32 {
        switch moment {
        case .never, .now: 0
        default: wireValue(now: now())
        }
    }
}
