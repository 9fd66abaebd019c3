/// Spares callers a time-out per call while a server accepts connections but does not answer.
///
/// libmemcached disables a server that refuses connections, but never one that hangs (hazard 32). After
/// ``limit`` time-outs in a row the server is not asked for ``pause``; then one call tries it again.
struct StallGuard {
    private struct Record {
        var timeouts = 0
        /// A request was let through, and no time-out has been reported since.
        var isAsked = false
        var closedUntil: ContinuousClock.Instant?
        var lastTimeout: ContinuousClock.Instant?
        /// Whether that is so short that nobody need hear of it.
        var isBrief = false
    }

    /// Time-outs in a row before a server is left out.
    let limit: Int

    private var records: [Int: Record] = [:]

    /// - Parameter isShort: Whether others take over the keys of a server that is left out.
    init(isShort: Bool = false) { limit = isShort ? 2 : 3 }

    var isEmpty: Bool { records.isEmpty }

    /// Whether this server has timed out, and has not recovered since.
    func knows(_ position: Int) -> Bool { records[position] != nil }

    /// Whether requests to this server should fail at once.
    func isClosed(to position: Int) -> Bool {
        guard let until = records[position]?.closedUntil else { return false }
        return ContinuousClock.now < until
    }

    /// Whether a server is left out for more than a moment.
    func isGivenUp(_ position: Int) -> Bool { records[position]?.isBrief == false && isClosed(to: position) }

    /// Whether a server is left out because it does not answer.
    func isLeftOut(_ position: Int) -> Bool {
        records[position].map { $0.timeouts >= limit } == true && isClosed(to: position)
    }

    /// In how many seconds, rounded up, the first of the servers that are left out is asked again; nil if none is.
    var secondsLeft: Int64? { records.keys.filter(isLeftOut).map(secondsLeft).min() }

    /// In how many seconds, rounded up, a server is asked again.
    func secondsLeft(at position: Int) -> Int64 {
        guard let until = records[position]?.closedUntil else { return 0 }
        return max(0, (until - ContinuousClock.now).roundedUp(to: .seconds))
    }

    /// Whether requests to any server should fail at once.
    var hasClosed: Bool {
        records.values.contains { $0.closedUntil.map { ContinuousClock.now < $0 } ?? false }
    }

    /// Notes that a request is sent.
    ///
    /// If the one before it did not time out, the server has recovered.
    mutating func ask(_ position: Int) {
        guard var record = records[position] else { return }
        if record.isAsked {
            records[position] = nil
        } else {
            record.isAsked = true
            records[position] = record
        }
    }

    /// Notes a time-out.
    mutating func timedOut(_ position: Int, pause: Duration) {
        var record = records[position] ?? Record()
        record.timeouts += 1
        record.isAsked = false
        record.lastTimeout = ContinuousClock.now
        if record.timeouts >= limit { record.closedUntil = ContinuousClock.now + pause }
        records[position] = record
    }

    /// Whether the last request to this server timed out, and the one before it did not.
    func isFirst(_ position: Int) -> Bool { records[position]?.timeouts == 1 }

    /// Whether this server has failed to answer a moment ago.
    func hasJustTimedOut(_ position: Int) -> Bool {
        guard let last = records[position]?.lastTimeout else { return false }
        return ContinuousClock.now < last + .milliseconds(100)
    }

    /// Notes that a server should not be asked for a while.
    mutating func close(to position: Int, pause: Duration, isBrief: Bool = false) {
        records[position] = Record(closedUntil: ContinuousClock.now + pause, isBrief: isBrief)
    }
}
