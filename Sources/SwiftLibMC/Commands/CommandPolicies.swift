/// What the methods of a cache make of misses and failures.
///
/// Requests and responses know nothing of it: a wrapper sees what has really happened, and the method that the program
/// has called goes by the policies of the client at the bottom, which wrappers pass on.
public struct CommandPolicies: Sendable {
    /// Whether a failure is thrown, or counts as a miss: ``Client/errorPolicy``.
    public var errors: ErrorPolicy
    /// Whether misses and declined writes are results or errors: ``Client/outcomes``.
    public var outcomes: Outcomes
    /// Whether a multi-key call throws when some, but not all, of its servers fail: ``Client/partialFailures``.
    public var partialFailures: PartialFailures
    /// Is given the errors that no call throws: ``Client/onError``.
    public var onError: (@Sendable (MemcachedError) -> Void)?
    /// Among whom computations of `getOrSet` are shared; nil for none.
    var sharing: ComputationScope?

    /// Makes policies; without arguments, those that hide nothing.
    public init(
        errors: ErrorPolicy = .throwing,
        outcomes: Outcomes = .results,
        partialFailures: PartialFailures = .reported,
        onError: (@Sendable (MemcachedError) -> Void)? = nil
    ) {
        self.errors = errors
        self.outcomes = outcomes
        self.partialFailures = partialFailures
        self.onError = onError
    }
}

extension CommandPolicies {
    /// Those that hide nothing, for commands of this library's own.
    static var plain: CommandPolicies { CommandPolicies() }

    /// Those of a cache that puts a prefix before the keys.
    func prefixed(by prefix: String) -> CommandPolicies {
        var policies = self
        policies.sharing = policies.sharing?.prefixed(by: prefix)
        return policies
    }
}

// All of this comes after a miss, a refusal or a failure; a call that succeeds does not ask for policies.

extension CommandPolicies {
    /// Throws an error, unless it counts as a miss; then ``onError`` is given it.
    @inline(never)
    func forgive(_ error: MemcachedError) throws(MemcachedError) {
        guard errors.forgives(error) else { throw error }
        onError?(error)
    }

    /// What a request has come to that has failed altogether; throws where failures are thrown, or the method's result
    /// has no room for one.
    @inline(never)
    func response(
        to request: MemcachedRequest,
        after error: MemcachedError
    ) throws(MemcachedError) -> MemcachedResponse {
        guard request.hasRoomForFailure else { throw error }
        try forgive(error)
        return MemcachedResponse(request.keys.list.mapEach { _ in .unreachable })
    }

    /// Ends a call during which some servers failed: throws if none has answered, or if it is to throw for any; else the
    /// errors go to ``onError``.
    @inline(never)
    func conclude(_ response: MemcachedResponse, of request: MemcachedRequest) throws(MemcachedError) {
        let failures = response.failures
        guard var first = failures.first?.error else { return }
        let isHidden = request.hasRoomForFailure && failures.allSatisfy { errors.forgives($0.error) }
        if !isHidden {
            if response.noServerAnswered { throw first }
            if partialFailures == .throwing, !request.keys.isEmpty {
                first.partialResult = response.partialResult(of: request)
                throw first
            }
        }
        for failure in failures { onError?(failure.error) }
    }

    /// Throws what a single key was missing or declined for, if that is to be thrown.
    @inline(never)
    func miss(_ result: MemcachedResponse.Result, of request: MemcachedRequest) throws(MemcachedError) {
        guard outcomes == .throwing, let code = request.outcome(of: result) else { return }
        throw MemcachedError(outcome: code, request.operation, key: request.keys.list[0].text)
    }
}

extension MemcachedRequest {
    /// Whether a failure can count as a miss, or as not stored.
    fileprivate var hasRoomForFailure: Bool {
        switch action {
        case .fetch, .store, .swap, .extend, .delete, .touch: true
        case .count, .flush, .disconnect, .statistics, .version, .ping, .decode: false
        }
    }

    /// What the result for a single key is as an error; nil if it is no matter of policies.
    fileprivate func outcome(of result: MemcachedResponse.Result) -> MemcachedError.Code? {
        guard keys.list.isOne, !result.isUnreachable else { return nil }
        switch action {
        case .fetch(let reading): return reading.withBytes ? .noValue : nil
        case .store, .extend: return .notStored
        case .swap: return .casFailure
        case .delete, .touch: return .notFound
        case .count, .flush, .disconnect, .statistics, .version, .ping, .decode: return nil
        }
    }
}

extension MemcachedResponse {
    /// What the other servers have done although some failed.
    fileprivate func partialResult(of request: MemcachedRequest) -> PartialResult {
        PartialResult(
            failures: failures.compactMap { failure in failure.server.map { (server: $0, error: failure.error) } },
            failedKeys: results.indices.filter { !results[$0].isPositive }.map { request.keys.list[$0].text },
            items: results.indices.compactMap { item($0, of: request) }
        )
    }
}
