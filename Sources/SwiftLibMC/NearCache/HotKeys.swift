/// Finds the keys that are used most, in bounded memory.
///
/// As an observer it counts all commands of a cache:
///
/// ```swift
/// let hot = HotKeys(reportingEvery: .seconds(60)) { keys in
///     for key in keys { print(key.key, key.count) }
/// }
/// let cache = ObservedCommands(client, observer: hot)
/// ```
///
/// Around a ``NearCache`` it counts what the program reads; as the ``Client/observer`` of the client inside, what the
/// servers are asked for. ``note(_:count:)`` counts uses that are not commands. Of `getOrSet` only the value's own key
/// counts: once when it is read, and once when it is stored.
///
/// Counting is by the algorithm "space-saving": a count is never too low. It may be too high by
/// ``HotKey/possibleExcess``, which is at most the number of all uses, divided by the capacity.
public final class HotKeys: CommandObserver {
    private struct State {
        var keys: SpaceSaving
        var nextReport: Moment?
    }

    /// Between reports.
    private let interval: Moment.Distance?
    private let reportedCount: Int
    private let report: (@Sendable ([HotKey]) -> Void)?
    private let seed = UInt64.random(in: .min ... .max)
    private let state: Monitor<State>

    /// Longer ones are refused by every server, and would take more memory than intended.
    private static let longestKey = 250

    /// Makes counters.
    ///
    /// - Parameters:
    ///   - capacity: How many keys to count at most; each takes about 400 bytes.
    ///   - interval: How often to report, and begin counting anew; nil for never.
    ///   - count: How many keys to report.
    ///   - report: Is called with the keys that are used most, in descending order, during the first command after the
    ///     interval, which waits for it.
    public init(
        capacity: Int = 1_000,
        reportingEvery interval: Duration? = nil,
        count: Int = 10,
        report: (@Sendable ([HotKey]) -> Void)? = nil
    ) {
        self.interval = interval.map { Moment.Distance($0) }
        reportedCount = count
        self.report = report
        let nextReport = interval.map { Moment.now + $0 }
        state = Monitor(State(keys: SpaceSaving(capacity: capacity), nextReport: nextReport))
    }

    /// Counts uses of a key.
    public func note<K: CacheKey>(_ key: K, count: Int = 1) {
        key.withKeyBytes { key, _ in note(key, count) }
        reportIfDue()
    }

    /// The keys that are used most, in descending order.
    ///
    /// - Parameter count: How many.
    /// - Returns: The keys, and how many times they were used.
    public func top(_ count: Int = 10) -> [HotKey] { Self.top(count, state.withLock { $0.keys.counters }) }

    /// Forgets all counts.
    public func reset() { state.withLock { $0.keys.removeAll() } }

    /// Counts the keys of a command, as they are on the wire.
    public func ended(_ event: CommandEvent, _ token: (any Sendable)?) {
        defer { reportIfDue() }
        // A `getOrSet` that waits for another one looks again and again.
        if event.operation == .getOrSet, case .fetch(let reading) = event.request.action, !reading.isLookup { return }
        let keys = event.request.keys
        for index in 0..<keys.count where !keys.list[index].isCompanion {
            keys.withKeyBytes(of: index) { key, _ in note(key, 1) }
        }
    }

    private func note(_ key: RawSpan, _ count: Int) {
        guard key.byteCount <= Self.longestKey, count > 0 else { return }
        let hash = key.quickHash(seed)
        state.withLock { $0.keys.note(hash, key, count) }
    }

    private func reportIfDue() {
        guard let interval, let report else { return }
        let now = Moment.now
        let counters: [SpaceSaving.Counter]? = state.withLock { state in
            guard let nextReport = state.nextReport, nextReport <= now else { return nil }
            state.nextReport = now + interval
            defer { state.keys.removeAll() }
            return state.keys.counters
        }
        if let counters { report(Self.top(reportedCount, counters)) }
    }

    private static func top(_ count: Int, _ counters: [SpaceSaving.Counter]) -> [HotKey] {
        counters.sorted { $0.count > $1.count }.prefix(max(0, count)).map { counter in
            HotKey(keyBytes: counter.key, count: counter.count, possibleExcess: counter.error)
        }
    }
}

/// A key that is used much.
public struct HotKey: Hashable, Sendable {
    /// The bytes of the key.
    public let keyBytes: [UInt8]
    /// How many times it was used, at most.
    public let count: Int
    /// By how much the count may be too high.
    public let possibleExcess: Int

    /// The key as text.
    public var key: String { String(decoding: keyBytes, as: UTF8.self) }
}
