public import SwiftLibMC

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

    /// Starts `count` servers, or uses given ones; all answer when this returns.
    public init(count: Int, _ options: MemcachedOptions = .tcp) throws {
        let given = GivenServers.addresses
        guard options != .tcp || given.isEmpty else {
            guard given.count >= count else {
                throw SystemError("\(GivenServers.variable) names \(given.count) servers, and a test wants \(count)")
            }
            self.servers = try given.prefix(count).map(MemcachedServer.given)
            return
        }
        self.servers = try (0..<count).map { _ in try MemcachedServer.start(options) }
    }

    /// A client of all of them, with the account that they demand.
    public func client(binary: Bool? = nil, behaviors: Behaviors = .default) throws(MemcachedError) -> Client {
        try (servers.first?.options ?? .tcp).client(of: addresses, binary, behaviors)
    }

    /// An asynchronous client of all of them, with the account that they demand.
    public func asyncClient(binary: Bool? = nil, behaviors: Behaviors = .default) throws(MemcachedError) -> AsyncClient
    {
        try AsyncClient(cloning: client(binary: binary, behaviors: behaviors))
    }

    /// One of the servers.
    public subscript(index: Int) -> MemcachedServer { servers[index] }

    /// The server at an address, as a client reports it.
    public func server(at address: String) -> MemcachedServer? {
        servers.first { $0.address == address }
    }
}
