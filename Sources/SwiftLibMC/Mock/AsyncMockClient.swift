extension MockClient {
    /// The same cache for asynchronous code: what one stores the other one reads.
    ///
    /// ```swift
    /// let mock = MockClient()
    /// let sessions = Sessions(cache: mock.asynchronous)
    /// ```
    public var asynchronous: AsyncMockClient { AsyncMockClient(mock: self) }
}

/// A ``MockClient`` as an asynchronous cache, for tests of code that uses one.
///
/// Failures, the clock, policies and recorded requests are those of the ``mock``. A call throws `.cancelled` when its
/// task has been cancelled, and yields to other tasks, as a call of an ``AsyncClient`` does.
public struct AsyncMockClient: AsyncMemcachedCommands {
    /// The cache.
    public let mock: MockClient

    /// Makes an asynchronous cache of a mock.
    public init(mock: MockClient) { self.mock = mock }

    /// Carries out a request as a server would, unless it is to fail.
    public func execute(_ request: MemcachedRequest) async throws(MemcachedError) -> MemcachedResponse {
        guard !Task.isCancelled else {
            let error = MemcachedError(code: .cancelled, operation: request.operation, detail: "the task was cancelled")
            throw request.named(error)
        }
        await Task.yield()
        return try mock.execute(request)
    }

    /// The mock's codec.
    public var codec: (any ValueCodec & Sendable)? { mock.formatCodec }

    /// The mock's policies.
    public var policies: CommandPolicies { mock.policies }
}
