/// How long one call continues to ask a server that answers with error lines.
///
/// Such a line is about one request, so the next one is still sent. But a proxy may have waited for a server behind it
/// before each of them.
struct ErrorLineBudget {
    private let limit: Duration
    private var ends: [Int: Moment] = [:]

    /// Allows this much time after the first error line of each server.
    init(limit: Duration) { self.limit = limit }

    /// Whether there is still time after an error line from the server at this position.
    ///
    /// It ends at the `middle` of the call's time in any case: if the whole call ran out of time, what it has
    /// received from the server so far would be lost.
    mutating func lasts(at position: Int, middle: @autoclosure () -> Moment) -> Bool {
        let now = Moment.now
        guard let end = ends[position] else {
            ends[position] = min(now + limit, middle())
            return true
        }
        return now < end
    }
}

extension MemcachedError {
    /// Whether a server answered with one of the ASCII protocol's error lines, which says nothing about other keys: a
    /// proxy refuses those of a server that it can't reach.
    var isErrorLine: Bool {
        switch code {
        case .serverError, .clientError, .error, .serverMemoryAllocationFailure: true
        default: false
        }
    }

    /// The same error for another key, which has not been asked for: so nothing has been sent for it.
    func about(_ key: RawSpan) -> MemcachedError {
        var error = self
        error.key = key.text
        error.isOutcomeUnknown = false
        return error
    }
}
