/// Carries out the commands of a cache, and repeats those that fail: pymemcache's `RetryingClient`.
///
/// ```swift
/// let cache = RetryingClient(client, attempts: 3, delay: .milliseconds(50))
/// ```
///
/// Without ``retryFor`` it repeats commands that may succeed later by themselves (``MemcachedError/isRetriable``). A
/// command that has another effect when done twice, such as `incr`, `add` or `append`, is never repeated while it is
/// unknown whether it was carried out (``MemcachedError/isOutcomeUnknown``). Of a command with many keys, only those
/// whose servers failed are asked for again. ``Client/errorPolicy`` applies after the last attempt.
public struct RetryingClient: ForwardingCommands {
    /// The cache that is asked.
    public let client: any MemcachedCommands
    /// How many times a command is tried at most, the first one included.
    public var attempts: Int { rule.attempts }
    /// How long to wait before each further attempt, blocking the thread.
    public let delay: Duration
    /// The errors to try again after; nil for those that are retriable.
    public var retryFor: Set<MemcachedError.Code>? { rule.retryFor }
    /// The errors that go to the caller at once, even if they are in ``retryFor``.
    public var doNotRetryFor: Set<MemcachedError.Code> { rule.doNotRetryFor }

    private let rule: RetryRule

    /// Wraps a cache.
    ///
    /// - Parameters:
    ///   - client: The cache to ask.
    ///   - attempts: How many times to try at most, the first one included; less than 1 counts as 1.
    ///   - delay: How long to wait before each further attempt, blocking the thread.
    ///   - retryFor: The errors to try again after; nil for those that are retriable.
    ///   - doNotRetryFor: The errors that go to the caller at once.
    public init(
        _ client: any MemcachedCommands,
        attempts: Int = 2,
        delay: Duration = .zero,
        retryFor: Set<MemcachedError.Code>? = nil,
        doNotRetryFor: Set<MemcachedError.Code> = []
    ) {
        self.client = client
        self.delay = delay
        rule = RetryRule(attempts: max(1, attempts), retryFor: retryFor, doNotRetryFor: doNotRetryFor)
    }

    /// The cache that is asked.
    public var base: any MemcachedCommands { client }

    /// Has the cache carry out a request, again if need be.
    public func execute(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
        let first: Result<MemcachedResponse, MemcachedError>
        do throws(MemcachedError) {
            let response = try client.execute(request)
            if _fastPath(response.isComplete) { return response }
            first = .success(response)
        } catch {
            first = .failure(error)
        }
        return try execute(request, after: first)
    }

    @inline(never)
    private func execute(
        _ request: MemcachedRequest,
        after first: Result<MemcachedResponse, MemcachedError>
    ) throws(MemcachedError) -> MemcachedResponse {
        var attempts = rule.attempts(at: request)
        var last = first
        while true {
            switch last {
            case .success(let response): if try attempts.isOver(after: response) { return attempts.response }
            case .failure(let error): if try attempts.isOver(after: error) { return attempts.response }
            }
            sleepThread(for: delay)
            last = Result { () throws(MemcachedError) in try client.execute(attempts.request) }
        }
    }
}
