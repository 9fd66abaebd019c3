/// Several servers with the same options.
public final class MemcachedCluster: Sendable {
    /// The servers, in the order in which a client should list them.
    public let servers: [MemcachedServer]

    /// Their addresses, in the same order.
    public var addresses: [String] { servers.map(\.address) }

    /// The servers of the suite or test that has the trait `.memcachedCluster(…)`.
    ///
    /// A task-local value: threads and detached tasks do not see it.
    @TaskLocal public static var current: MemcachedCluster?

    /// Starts `count` servers; all answer when this returns.
    public init(count: Int, _ options: MemcachedOptions = .tcp) throws {
        self.servers = try (0..<count).map { _ in try MemcachedServer.start(options) }
    }

    /// One of the servers.
    public subscript(index: Int) -> MemcachedServer { servers[index] }

    /// The server at an address, as a client reports it.
    public func server(at address: String) -> MemcachedServer? {
        servers.first { $0.address == address }
    }
}
