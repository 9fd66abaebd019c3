/// Carries out the commands of a cache, and tries again what fails: pymemcache's `RetryingClient`.
///
/// ```swift
/// let cache = RetryingClient(client, attempts: 3, delay: .milliseconds(50))
/// ```
///
/// Without ``retryFor`` it repeats what may succeed later by itself (``MemcachedError/isRetriable``). A command that is
/// not the same when done twice, such as `incr`, `add` or `append`, is never repeated while it is unknown whether it
/// was carried out (``MemcachedError/isOutcomeUnknown``).
public struct RetryingClient: ForwardingCommands {
    /// The cache that is asked.
    public let client: any MemcachedCommands
    /// How many times a command is tried at most, the first one included.
    public let attempts: Int
    /// How long to wait before each further attempt, blocking the thread.
    public let delay: Duration
    /// The errors to try again after; nil for those that are retriable.
    public let retryFor: Set<MemcachedError.Code>?
    /// The errors that go to the caller at once, even if they are in ``retryFor``.
    public let doNotRetryFor: Set<MemcachedError.Code>

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
        self.attempts = max(1, attempts)
        self.delay = delay
        self.retryFor = retryFor
        self.doNotRetryFor = doNotRetryFor
    }

    /// Has the cache carry out a command, again if need be.
    public func forward<R>(
        _ kind: CommandKind,
        _ command: (any MemcachedCommands) throws(MemcachedError) -> R
    ) throws(MemcachedError) -> R {
        for _ in 1..<attempts {
            do throws(MemcachedError) {
                return try command(client)
            } catch {
                guard isWorthRepeating(kind, after: error) else { throw error }
                sleepThread(for: delay)
            }
        }
        return try command(client)
    }

    private func isWorthRepeating(_ kind: CommandKind, after error: MemcachedError) -> Bool {
        if doNotRetryFor.contains(error.code) || kind == .changing && error.isOutcomeUnknown { return false }
        return retryFor?.contains(error.code) ?? error.isRetriable
    }
}

/// Blocks the thread for a while.
func sleepThread(for duration: Duration) {
    guard duration > .zero else { return }
    _ = Monitor(()).wait(until: .now + duration) { _ in Never?.none }
}
