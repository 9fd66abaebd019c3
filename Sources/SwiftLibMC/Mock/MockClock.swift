#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// The clock by which the items of a ``MockClient`` expire: the system's, or one that a test moves.
///
/// ```swift
/// let clock = MockClock(startingAt: Date())
/// let cache = MockClient(clock: clock)
/// try cache.set("session", "alive", time: .minutes(5))
/// clock.advance(by: .seconds(301))
/// ```
public final class MockClock: Sendable {
    /// Nil for the system's clock.
    private let time: Monitor<Date>?

    /// The system's clock, which can't be moved.
    public static let system = MockClock(time: nil)

    /// Makes a clock that stands still until it is moved.
    public convenience init(startingAt date: Date = Date()) { self.init(time: Monitor(date)) }

    private init(time: Monitor<Date>?) { self.time = time }

    /// The clock's time.
    public var now: Date { time?.withLock { $0 } ?? Date() }

    /// The same in seconds since 1970.
    var seconds: Double { now.timeIntervalSince1970 }

    /// Moves the clock forward, or back if the time is negative; the system's clock stays as it is.
    public func advance(by duration: Duration) {
        let (seconds, attoseconds) = duration.components
        time?.withLock { $0 += Double(seconds) + Double(attoseconds) * 1e-18 }
    }
}
