/// Which commands are repeated after a failure, and how often: the same for synchronous and asynchronous caches.
struct RetryRule: Sendable {
    let attempts: Int
    let retryFor: Set<MemcachedError.Code>?
    let doNotRetryFor: Set<MemcachedError.Code>

    private func isWorthRepeating(_ request: MemcachedRequest, after error: MemcachedError) -> Bool {
        if doNotRetryFor.contains(error.code) || request.kind == .nonIdempotentWrite && error.isOutcomeUnknown {
            return false
        }
        return retryFor?.contains(error.code) ?? error.isRetriable
    }

    /// The attempts to carry out one request, of which the first has failed.
    func attempts(at request: MemcachedRequest) -> Attempts {
        Attempts(rule: self, request: request, rest: max(1, attempts) - 1)
    }

    /// Of a request for many keys, only those are sent again whose servers have failed.
    struct Attempts {
        private let rule: RetryRule
        /// The request for the remaining keys.
        private(set) var request: MemcachedRequest
        /// The results so far.
        private(set) var response = MemcachedResponse()
        private var rest: Int
        /// The places of the request's keys in that of the caller; nil for all of them.
        private var places: [Int]?

        fileprivate init(rule: RetryRule, request: MemcachedRequest, rest: Int) {
            self.rule = rule
            self.request = request
            self.rest = rest
        }

        private mutating func repeatOnce() {
            rest -= 1
            request.retry += 1
        }

        /// Takes an error; true if there are no more attempts, but there is a response.
        mutating func isOver(after error: MemcachedError) throws(MemcachedError) -> Bool {
            guard rest > 0, rule.isWorthRepeating(request, after: error) else {
                // Other servers have answered before.
                if places == nil { throw error }
                return true
            }
            repeatOnce()
            return false
        }

        /// Takes a response; true if it is complete, or there are no more attempts.
        mutating func isOver(after new: MemcachedResponse) throws(MemcachedError) -> Bool {
            try new.check(request)
            if let places { response.fill(places, from: new) } else { response = new }
            guard !new.isComplete, rest > 0 else { return true }
            guard new.failures.allSatisfy({ rule.isWorthRepeating(request, after: $0.error) }) else { return true }
            // For a request to all servers, some answers are enough.
            if request.keys.isEmpty, !new.noServerAnswered { return true }
            repeatOnce()
            if request.keys.isEmpty { return false }
            let unreachable = new.results.indices.filter { new.results[$0].isUnreachable }
            places = unreachable.map { places?[$0] ?? $0 }
            request = request.narrowed(to: unreachable)
            return false
        }
    }
}
