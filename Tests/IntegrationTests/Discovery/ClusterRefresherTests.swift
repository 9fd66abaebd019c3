import TestSupport
import Testing

@testable import SwiftLibMC

/// Following the changes of a cluster.
@Suite("Cluster refresher", .timeLimit(.minutes(2)))
struct ClusterRefresherTests {
    private let cluster: MemcachedCluster

    init() throws { cluster = try MemcachedCluster(count: 3) }

    private func text(_ version: Int, _ count: Int) -> String {
        FakeEndpoint.text(version: version, cluster.servers.prefix(count).map(\.address))
    }

    private func addresses(_ count: Int) -> [String] { cluster.servers.prefix(count).map(\.address) }

    private func names(_ client: Client) -> [String] { client.servers.map(\.description) }

    private var patient: Behaviors {
        var behaviors = Behaviors.default
        behaviors.pollTimeout = .seconds(10)
        return behaviors
    }

    @Test func aClientIsMadeOfTheServers() throws {
        let endpoint = try FakeEndpoint(.new, text(1, 2))
        let client = try Client.elastiCache(endpoint: endpoint.address, behaviors: patient)
        #expect(names(client) == addresses(2))
        #expect(client.cluster == nil)
        let key = uniqueKey()
        #expect(try client.set(key, "x"))
        #expect(try client.get(key) == "x")
        #expect(try !client.refreshServers())
    }

    @Test func anEndpointThatFailsMakesNoClient() throws {
        let endpoint = try FakeEndpoint(.new, nil)
        let error = #expect(throws: MemcachedError.self) { try Client.elastiCache(endpoint: endpoint.address) }
        #expect(error?.code == .notSupported)
    }

    @Test func changesAreHeardOf() async throws {
        let endpoint = try FakeEndpoint(.new, text(1, 2))
        let heard = Locked<[Int]>([])
        let refresher = try ClusterRefresher(
            ClusterDiscovery(endpoint: endpoint.address),
            every: .milliseconds(20),
            onChange: { configuration in heard.withLock { $0.append(configuration.version) } }
        )
        #expect(refresher.configuration.version == 1)
        endpoint.change(to: text(2, 3))
        #expect(await eventually { refresher.configuration.version == 2 })
        #expect(refresher.configuration.servers.map(\.description) == addresses(3))
        // A lower one, of an endpoint that was made anew.
        endpoint.change(to: text(1, 1))
        #expect(await eventually { refresher.configuration.version == 1 })
        #expect(await eventually { heard.withLock { $0 } == [2, 1] })
    }

    @Test func failuresLeaveTheLastAnswer() async throws {
        let endpoint = try FakeEndpoint(.new, text(1, 2))
        let errors = Locked<[MemcachedError]>([])
        let refresher = try ClusterRefresher(
            ClusterDiscovery(endpoint: endpoint.address),
            every: .milliseconds(20),
            onError: { error in errors.withLock { $0.append(error) } }
        )
        endpoint.change(to: nil)
        #expect(await eventually { errors.withLock { !$0.isEmpty } })
        #expect(errors.withLock { $0.first?.code } == .notSupported)
        #expect(refresher.configuration.servers.count == 2)
        #expect(throws: MemcachedError.self) { try refresher.refresh() }
        endpoint.change(to: text(2, 3))
        #expect(await eventually { refresher.configuration.servers.count == 3 })
    }

    @Test func askingNowTellsWhetherThereIsNews() throws {
        let endpoint = try FakeEndpoint(.new, text(1, 2))
        let refresher = try ClusterRefresher(ClusterDiscovery(endpoint: endpoint.address), every: .seconds(3600))
        #expect(try !refresher.refresh())
        endpoint.change(to: text(2, 3))
        #expect(try refresher.refresh())
        #expect(try !refresher.refresh())
    }

    /// What its closures hold is let go of when the thread has ended.
    @Test(arguments: [true, false])
    func theThreadEndsWithTheRefresher(isStopped: Bool) async throws {
        let endpoint = try FakeEndpoint(.new, text(1, 2))
        var token: Token? = Token()
        weak let held = token
        var refresher: ClusterRefresher? = try ClusterRefresher(
            ClusterDiscovery(endpoint: endpoint.address),
            every: .milliseconds(5),
            onChange: { [token] _ in token?.touch() }
        )
        token = nil
        #expect(await eventually { endpoint.requests.count > 3 })
        #expect(held != nil)
        if isStopped {
            refresher?.stop()
            refresher?.stop()
        }
        refresher = nil
        #expect(await eventually { held == nil })
    }

    private final class Token: Sendable {
        func touch() {}
    }

    @Test func anIntervalIsPositive() throws {
        let discovery = try ClusterDiscovery(endpoint: "127.0.0.1")
        let configuration = ClusterConfiguration(version: 1, servers: [discovery.endpoint])
        for interval in [Duration.zero, .seconds(-1)] {
            let error = #expect(throws: MemcachedError.self) {
                try ClusterRefresher(discovery, startingWith: configuration, every: interval)
            }
            #expect(error?.code == .invalidArguments)
        }
    }

    @Test func aClientAndItsClonesFollow() throws {
        let endpoint = try FakeEndpoint(.new, text(1, 2))
        let client = try Client.elastiCache(
            endpoint: endpoint.address,
            behaviors: patient,
            refreshing: .seconds(3600)
        )
        let early = try client.clone()
        endpoint.change(to: text(2, 3))
        try #require(client.cluster).refresh()
        let late = try client.clone()
        for follower in [client, early, late] {
            #expect(names(follower) == addresses(2))
            #expect(try follower.refreshServers())
            #expect(names(follower) == addresses(3))
            #expect(try !follower.refreshServers())
        }
        let next = try client.clone()
        #expect(names(next) == addresses(3))
        #expect(try !next.refreshServers())
    }

    @Test func poolsFollow() throws {
        let endpoint = try FakeEndpoint(.new, text(1, 2))
        let client = try Client.elastiCache(
            endpoint: endpoint.address,
            behaviors: patient,
            refreshing: .seconds(3600)
        )
        let pool = try ClientPool(cloning: client, size: 2)
        let threads = try ThreadMappedPool(cloning: client)
        #expect(try lentNames(pool, threads) == [addresses(2), addresses(2)])
        endpoint.change(to: text(2, 1))
        try #require(client.cluster).refresh()
        #expect(try lentNames(pool, threads) == [addresses(1), addresses(1)])
    }

    /// In a function of its own, because asynchronous code can't borrow.
    private func lentNames(_ pool: ClientPool, _ threads: ThreadMappedPool) throws -> [[String]] {
        [
            try pool.withClient { $0.servers.map(\.description) },
            try threads.withClient { $0.servers.map(\.description) },
        ]
    }

    /// More than a hundred servers can't be combined with ketama.
    @Test func serversThatAClientCannotHaveAreReported() throws {
        let endpoint = try FakeEndpoint(.new, text(1, 2))
        var behaviors = patient
        behaviors.ketama = true
        let client = try Client.elastiCache(
            endpoint: endpoint.address,
            behaviors: behaviors,
            refreshing: .seconds(3600)
        )
        let errors = Locked<[MemcachedError]>([])
        client.onError = { error in errors.withLock { $0.append(error) } }
        let pool = try ClientPool(cloning: client, size: 1)
        endpoint.change(to: FakeEndpoint.text(version: 2, (1...101).map { "10.0.0.\($0):11211" }))
        try #require(client.cluster).refresh()
        #expect(throws: MemcachedError.self) { try client.refreshServers() }
        #expect(names(client) == addresses(2))
        #expect(try pool.withClient { $0.servers.count } == 2)
        #expect(errors.withLock { $0.count } == 1)
        #expect(try pool.withClient { $0.servers.count } == 2)
        #expect(errors.withLock { $0.count } == 1)
    }
}
