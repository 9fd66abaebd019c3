public import Testing

/// Runs each case of a test on a thread of its own.
public struct BlockingTrait: SuiteTrait, TestTrait, TestScoping {
    /// Each test needs its own thread.
    public var isRecursive: Bool { true }

    /// Runs the test on the thread.
    public func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let executor = ThreadExecutor()
        try await withTaskExecutorPreference(executor) { try await function() }
    }
}

extension Trait where Self == BlockingTrait {
    /// For tests that wait in a `Client` or a pool, for servers that are slow or don't answer: Swift has only a thread
    /// for each of the machine's cores, and other tests would wait with them.
    public static var blocking: Self { Self() }
}
