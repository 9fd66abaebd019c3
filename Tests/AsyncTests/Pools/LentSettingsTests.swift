import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// That what somebody sets on a client that was lent to them is gone when the next one gets it.
@Suite("Settings of lent clients", .enabled(if: MemcachedServer.isInstalled), .timeLimit(.minutes(2)))
struct LentSettingsTests {
    /// What can be set on a client, each as a change and a look at it.
    enum Change: String, CaseIterable, Sendable {
        case compression, format, inflation, length, onError, partialFailures, signals, errorPolicy, outcomes, cacheCAS
        case namespace, timeout, server, servers, selector, cluster

        func make(on client: Client) throws {
            switch self {
            case .compression: client.compression.minLength = 10
            case .format: client.format = .dalli
            case .length: client.maxValueBytes = 1
            case .inflation: client.maxInflatedBytes = 1
            case .onError: client.onError = nil
            case .partialFailures: client.partialFailures = .throwing
            case .signals: client.blocksSignals = true
            case .errorPolicy: client.errorPolicy = .missing
            case .outcomes: client.outcomes = .throwing
            case .cacheCAS: client.cacheCAS.toggle()
            case .namespace: try client.setBehaviors(Behaviors(namespace: "borrower:"))
            case .timeout: try client.setBehaviors(Behaviors(pollTimeout: .seconds(3)))
            case .server: try client.addServer(Server(parsing: "127.0.0.1:1"))
            case .servers: try client.setServers(["127.0.0.1:1"])
            case .selector: try client.setSelector(RendezvousSelector())
            case .cluster: client.cluster = nil
            }
        }
    }

    private struct Look: Equatable, Sendable {
        let texts: [String]

        init(_ client: Client) {
            texts = [
                "\(client.compression)", "\(client.format)", "\(client.maxInflatedBytes)",
                "\(client.maxValueBytes)",
                "\(client.onError == nil)", "\(client.partialFailures)", "\(client.errorPolicy)", "\(client.outcomes)",
                "\(client.cacheCAS)", "\(client.behaviors.pylibmcDictionary.sorted { $0.key < $1.key })",
                "\(client.servers)", "\(client.selector == nil)",
            ]
        }
    }

    private func prototype() throws -> Client {
        let client = try sharedClient(Behaviors.patient.merging(Behaviors(namespace: "pool:")))
        client.onError = { _ in }
        client.compression = Compression(minLength: 5000)
        client.errorPolicy = .missing
        return client
    }

    @Test(arguments: Change.allCases)
    func areThePoolsOwn(change: Change) throws {
        let pool = try ClientPool(cloning: try prototype(), size: 1)
        let key = uniqueKey()
        let (own, first) = try pool.withClient { client in
            try client.set(key, 1)
            return (Look(client), ObjectIdentifier(client))
        }
        struct Failure: Error {}
        for isFailing in [false, true] {
            _ = try? pool.withClient { client in
                try change.make(on: client)
                _ = try? client.get(key, as: Int.self)
                if isFailing { throw Failure() }
            }
            try pool.withClient { client in
                #expect(Look(client) == own)
                let value = try client.get(key, as: Int.self)
                #expect(value == 1)
                #expect(ObjectIdentifier(client) == first)
            }
        }
        try pool.tryWithClient { client in try change.make(on: client) }
        try pool.withClient { client in #expect(Look(client) == own) }
    }

    @Test(arguments: Change.allCases)
    func areTheThreadPoolsOwn(change: Change) throws {
        let pool = try ThreadMappedPool(cloning: try prototype())
        let key = uniqueKey()
        let own = try pool.withClient { client in
            try client.set(key, 1)
            return Look(client)
        }
        try pool.withClient { client in try change.make(on: client) }
        try pool.withClient { client in
            #expect(Look(client) == own)
            let value = try client.get(key, as: Int.self)
            #expect(value == 1)
        }
    }

    @Test(arguments: Change.allCases)
    func areTheAsyncClientsOwn(change: Change) async throws {
        let cache = try AsyncClient(cloning: try prototype(), connections: 1)
        let key = uniqueKey()
        try await cache.set(key, 1)
        let own = try await cache.run { Look($0) }
        try await cache.run { client in try change.make(on: client) }
        #expect(try await cache.run { Look($0) } == own)
        #expect(try await cache.get(key) == 1)
        #expect(try await cache.getMulti([key]) == [key: 1])
        await cache.shutdown()
    }

    @Test func serversOfAnAsyncClientStay() async throws {
        let server = try MemcachedServer.start(.tcp)
        let cache = try AsyncClient(cloning: try sharedClient(), connections: 1)
        try cache.setServers([try Server(parsing: server.address)])
        let key = uniqueKey()
        try await cache.set(key, 1)
        try await cache.run { client in
            client.errorPolicy = .missing
            try client.setServers(["127.0.0.1:1"])
        }
        #expect(try await cache.run { $0.servers.map(\.description) } == [server.address])
        #expect(try await cache.get(key) == 1)
        await cache.shutdown()
    }

    @Test func connectionsStayWhenOnlySettingsChange() throws {
        let server = try MemcachedServer.start(.tcp)
        let pool = try ClientPool(cloning: try Client([server.address], behaviors: .patient), size: 1)
        for _ in 0..<5 {
            try pool.withClient { client in
                client.errorPolicy = .missing
                client.compression.minLength = 100
                try client.set("key", 1)
            }
        }
        #expect(try server.statistics()["total_connections"].flatMap { Int($0) } ?? 99 <= 4)
    }

    @Test func rememberedVersionsAreTheBorrowersOwn() throws {
        let client = try sharedClient()
        client.cacheCAS = true
        let pool = try ClientPool(cloning: client, size: 1)
        let key = uniqueKey()
        try pool.withClient { client in
            try client.set(key, 1)
            _ = try client.gets(key, as: Int.self)
        }
        try client.set(key, 2)
        // Who has seen no version stores whatever there is.
        let isStored = try pool.withClient { client in try client.cas(key, 3) }
        #expect(isStored)
    }

    @Test func commandsThatSetPoliciesAsideLeaveNothing() throws {
        let pool = try ClientPool(cloning: try prototype(), size: 1)
        let key = uniqueKey()
        try pool.withClient { client in _ = try client.update(key, as: Int.self) { ($0 ?? 0) + 1 } }
        try pool.withClient { client in
            #expect(client.errorPolicy == .missing)
            let value = try client.get(key, as: Int.self)
            #expect(value == 1)
        }
    }
}
