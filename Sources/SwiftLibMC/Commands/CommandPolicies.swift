/// What a client does when a server fails.
public enum ErrorPolicy: Hashable, Sendable {
    /// The call throws.
    case throwing
    /// The failure counts as a miss, or as not stored, and ``Client/onError`` is told of it: pymemcache's `ignore_exc`.
    case missing
}

/// How a client reports that a working server has no such item, or another version of it.
public enum Outcomes: Hashable, Sendable {
    /// By nil and false.
    case results
    /// By errors, as memcached2 does: ``MemcachedError/Code/noValue``, ``MemcachedError/Code/notStored``,
    /// ``MemcachedError/Code/casFailure`` and ``MemcachedError/Code/notFound``.
    case throwing
}

/// What a multi-key call does when some of its servers fail.
public enum PartialFailures: Hashable, Sendable {
    /// It gives the results of the others and hands the errors to ``Client/onError``. It throws if all servers failed.
    case reported
    /// It throws if any server failed, with what succeeded in ``MemcachedError/partialResult``.
    case throwing
}

/// How the methods of a cache report misses and failures.
///
/// Policies don't affect requests and responses: a wrapper sees what has really happened, and the method that the
/// program called applies the policies of the innermost client, which wrappers pass on.
public struct CommandPolicies: Sendable {
    /// Whether a failure is thrown, or counts as a miss: ``Client/errorPolicy``.
    public var errors: ErrorPolicy
    /// Whether misses and declined writes are results or errors: ``Client/outcomes``.
    public var outcomes: Outcomes
    /// Whether a multi-key call throws when some, but not all, of its servers fail: ``Client/partialFailures``.
    public var partialFailures: PartialFailures
    /// Is called with the errors that no call throws: ``Client/onError``.
    public var onError: (@Sendable (MemcachedError) -> Void)?

    /// Makes policies; without arguments, ones that hide nothing.
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

// All of this comes after a miss, a refusal or a failure; a call that succeeds does not ask for policies.

extension CommandPolicies {
    /// Throws an error, unless it counts as a miss; then ``onError`` is called with it.
    @inline(never)
    package func forgive(_ error: MemcachedError) throws(MemcachedError) {
        guard errors.forgives(error) else { throw error }
        onError?(error)
    }

    /// The response for a request that has failed altogether; throws if failures are thrown, or the method's result
    /// can't express one.
    @inline(never)
    func response(
        to request: MemcachedRequest,
        after error: MemcachedError
    ) throws(MemcachedError) -> MemcachedResponse {
        guard request.hasRoomForFailure else { throw error }
        try forgive(error)
        return MemcachedResponse(request.keys.list.mapEach { _ in .unreachable })
    }

    /// Ends a call during which some servers failed.
    @inline(never)
    func conclude(_ response: MemcachedResponse, of request: MemcachedRequest) throws(MemcachedError) {
        let isTotal = response.noServerAnswered
        var policies = self
        if !request.hasRoomForFailure { policies.errors = .throwing }
        if request.keys.isEmpty { policies.partialFailures = .reported }
        try policies.conclude(response.failures, isTotal: isTotal) { response.partialResult(of: request) }
    }

    /// Throws if no server has answered, or if any failure has to be thrown; else the errors go to ``onError``.
    func conclude(
        _ failures: [MemcachedResponse.Failure],
        isTotal: Bool,
        _ partialResult: () -> PartialResult?
    ) throws(MemcachedError) {
        let isHidden = failures.allSatisfy { errors.forgives($0.error) }
        if !isHidden, isTotal || partialFailures == .throwing, var first = failures.first?.error {
            first.partialResult = partialResult()
            throw first
        }
        for failure in failures { onError?(failure.error) }
    }

    /// Throws the reason why a single key was missing or declined, if the policies say so.
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
        case .count, .flush, .disconnect, .statistics, .version, .ping, .computation, .location, .decode: false
        }
    }

    /// The result for a single key as an error; nil if policies don't apply to it.
    fileprivate func outcome(of result: MemcachedResponse.Result) -> MemcachedError.Code? {
        guard keys.list.isOne, !result.isUnreachable else { return nil }
        switch action {
        case .fetch(let reading): return reading.withBytes ? .noValue : nil
        case .store, .extend: return .notStored
        case .swap: return .casFailure
        case .delete, .touch: return .notFound
        default: return nil
        }
    }
}

extension MemcachedResponse {
    /// What has been done although some servers failed; nil if nothing was.
    fileprivate func partialResult(of request: MemcachedRequest) -> PartialResult? {
        let failed = results.indices.filter { !results[$0].succeeded }
        if noServerAnswered, failed.count == results.count { return nil }
        return PartialResult(
            failures: failures,
            failedKeys: failed.map { request.keys.list[$0].text },
            items: results.indices.compactMap { item($0, of: request) }
        )
    }
}

extension ErrorPolicy {
    /// Whether an error is to count as a miss.
    ///
    /// Mistakes of the caller don't, nor what a working server says about an item, nor the end of a call that was
    /// cancelled, timed out or refused.
    func forgives(_ error: MemcachedError) -> Bool {
        guard self == .missing else { return false }
        switch error.code {
        case .badKey, .invalidArguments, .serialization, .notNumeric, .notSupported, .casConflict: return false
        case .cancelled, .commandTimeout, .overloaded, .shutdown: return false
        default: return !error.code.isOutcome
        }
    }
}

extension MemcachedError {
    /// What a working server says about an item, as an error.
    init(outcome code: Code, _ operation: Operation, key: String?) {
        let detail =
            switch code {
            case .noValue, .notFound: "no item has this key"
            case .casFailure: "the item has changed since its version was read"
            default: operation == .add ? "the item exists" : "the item does not exist"
            }
        self.init(code: code, operation: operation, detail: detail, key: key)
    }
}
