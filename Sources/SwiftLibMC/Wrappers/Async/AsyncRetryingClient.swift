/// Carries out the commands of a cache, and repeats those that fail: ``RetryingClient`` for tasks.
///
/// ```swift
/// let cache = AsyncRetryingClient(client, attempts: 3, delay: .milliseconds(50))
/// ```
///
/// It repeats the same commands as ``RetryingClient``. ``AsyncClient/commandTimeout`` limits each attempt.
public struct AsyncRetryingClient: AsyncForwardingCommands {
    /// The cache that is asked.
    public let client: any AsyncMemcachedCommands
    /// How many times a command is tried at most, the first one included.
    public var attempts: Int { rule.attempts }
    /// How long to wait before each further attempt, without blocking a thread.
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
    ///   - delay: How long to wait before each further attempt.
    ///   - retryFor: The errors to try again after; nil for those that are retriable.
    ///   - doNotRetryFor: The errors that go to the caller at once.
    public init(
        _ client: any AsyncMemcachedCommands,
        attempts: Int = 2,
        delay: Duration = .zero,
        retryFor: Set<MemcachedError.Code>? = nil,
        doNotRetryFor: Set<MemcachedError.Code> = []
    ) {
        self.client = client
        self.delay = delay
        rule = RetryRule(attempts: max(1, attempts), retryFor: retryFor, doNotRetryFor: doNotRetryFor)
    }

    /// The same as ``client``.
    public var base: any AsyncMemcachedCommands { client }

    /// Has the cache carry out a request, again if need be; of many keys, only those whose servers have failed are
    /// asked for again.
    ///
    /// - Throws: What the last attempt threw, or `.cancelled`.
    public func execute(_ request: MemcachedRequest) async throws(MemcachedError) -> MemcachedResponse {
        var attempts: RetryRule.Attempts
        do throws(MemcachedError) {
            let response = try await client.execute(request)
            if _fastPath(response.isComplete) { return response }
            attempts = rule.attempts(at: request)
            if try attempts.isOver(after: response) { return response }
        } catch {
            attempts = rule.attempts(at: request)
            if try attempts.isOver(after: error) { return attempts.response }
        }
        while true {
            try await pause(request)
            do throws(MemcachedError) {
                if try attempts.isOver(after: await client.execute(attempts.request)) { return attempts.response }
            } catch {
                if try attempts.isOver(after: error) { return attempts.response }
            }
        }
    }

    private func pause(_ request: MemcachedRequest) async throws(MemcachedError) {
        do {
            if delay > .zero { try await Task.sleep(for: delay) }
        } catch {
            let cancelled = MemcachedError(
                code: .cancelled,
                operation: request.operation,
                detail: "the task was cancelled between two attempts"
            )
            throw request.named(cancelled)
        }
    }
}
