public import Testing

/// Runs a suite against a server of its own, or a test, then each of its cases against a new one.
public struct MemcachedTrait: SuiteTrait, TestTrait, TestScoping {
    let options: MemcachedOptions

    /// A suite's tests share the suite's server.
    public var isRecursive: Bool { false }

    /// Starts the server, and stops it after the tests.
    public func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let server = try MemcachedServer.start(options)
        defer { server.kill() }
        try await MemcachedServer.$current.withValue(server, operation: function)
    }
}

/// Runs a suite, or each case of a test, against several servers of its own.
public struct MemcachedClusterTrait: SuiteTrait, TestTrait, TestScoping {
    let count: Int
    let options: MemcachedOptions

    /// A suite's tests share the suite's servers.
    public var isRecursive: Bool { false }

    /// Starts the servers, and stops them after the tests.
    public func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let cluster = try MemcachedCluster(count: count, options)
        defer { cluster.servers.forEach { $0.kill() } }
        try await MemcachedCluster.$current.withValue(cluster, operation: function)
    }
}

extension Trait where Self == MemcachedTrait {
    /// A TCP server with flags of memcached's own, such as `.memcached("-I", "4m")`.
    ///
    /// It is `MemcachedServer.current`.
    public static func memcached(_ arguments: String...) -> Self { Self(options: .tcp.adding(arguments)) }

    /// A server of any kind, such as `.memcached(.unix)` or `.memcached(.sasl, "-m", "8")`.
    ///
    /// It is `MemcachedServer.current`.
    public static func memcached(_ options: MemcachedOptions, _ arguments: String...) -> Self {
        Self(options: options.adding(arguments))
    }
}

extension Trait where Self == MemcachedClusterTrait {
    /// Several servers of one kind, such as `.memcachedCluster(count: 3)`.
    ///
    /// They are `MemcachedCluster.current`.
    public static func memcachedCluster(
        count: Int,
        _ options: MemcachedOptions = .tcp,
        _ arguments: String...
    ) -> Self {
        Self(count: count, options: options.adding(arguments))
    }
}
