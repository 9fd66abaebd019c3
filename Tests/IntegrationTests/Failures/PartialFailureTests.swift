import SwiftLibMC
import TestSupport
import Testing

/// Calls with many keys over three servers of which one is dead.
@Suite("Partial failures", .timeLimit(.minutes(5)))
struct PartialFailureTests {
    /// A client of three servers with 60 items, one of which has just died.
    private final class Scene {
        let cluster: MemcachedCluster
        let client: Client
        let log: ErrorLog
        let keys = uniqueKeys(60)
        let living: [String]
        let dead: [String]
        let deadServer: Server

        init(_ route: Route, connected: Bool = true) throws {
            cluster = try #require(MemcachedCluster.current)
            client = try route.client(of: cluster.addresses)
            log = ErrorLog(of: client)
            if connected { #expect(try client.setMulti(keys.map { ($0, 1) }) == []) }
            deadServer = client.servers[1]
            let (client, deadServer) = (client, deadServer)
            dead = try keys.filter { try client.server(for: $0) == deadServer }
            living = try keys.filter { try client.server(for: $0) != deadServer }
            cluster[1].kill()
        }

        /// Expects that the dead server has been reported, and nothing else.
        func expectReport(_ operation: String, sourceLocation: SourceLocation = #_sourceLocation) {
            let errors = log.take()
            #expect(errors.map(\.server) == [deadServer], sourceLocation: sourceLocation)
            #expect(errors.allSatisfy { $0.isConnectionFailure }, sourceLocation: sourceLocation)
            #expect(errors.map(\.operation) == [operation], sourceLocation: sourceLocation)
        }
    }

    @Test(.hazard(86), .memcachedCluster(count: 3), arguments: Route.protocols, [true, false])
    func readsLeaveOutTheKeysOfTheDeadServer(_ route: Route, connected: Bool) throws {
        let scene = try Scene(route, connected: connected)
        let client = scene.client
        if !connected {
            let present = try client.setMulti(scene.living.map { ($0, 1) })
            #expect(present == [])
        }
        #expect(!scene.dead.isEmpty && !scene.living.isEmpty)
        #expect(try Set(client.getMulti(scene.keys, as: Int.self).keys) == Set(scene.living))
        scene.expectReport("getMulti")
        #expect(try client.getMultiArray(scene.keys) == scene.keys.map { scene.dead.contains($0) ? nil : "1" })
        scene.expectReport("getMultiArray")
        #expect(try Set(client.getsMulti(scene.keys, as: Int.self).keys) == Set(scene.living))
        scene.expectReport("getsMulti")
        #expect(try Set(client.items(scene.keys).keys) == Set(scene.living))
        scene.expectReport("items")
        // Without a key on it, it is not even noticed.
        #expect(try client.getMulti(scene.living, as: Int.self).count == scene.living.count)
        #expect(scene.log.take().isEmpty)
    }

    @Test(.hazard(10), .memcachedCluster(count: 3), arguments: Route.protocols)
    func setListsTheKeysOfTheDeadServer(_ route: Route) throws {
        let scene = try Scene(route)
        for round in 2...4 {
            #expect(try Set(scene.client.setMulti(scene.keys.map { ($0, round) })) == Set(scene.dead))
            scene.expectReport("setMulti")
            #expect(try scene.client.getMultiArray(scene.living) == scene.living.map { _ in round })
        }
    }

    @Test(.memcachedCluster(count: 3), arguments: Route.protocols)
    func addAndReplaceListThemToo(_ route: Route) throws {
        let scene = try Scene(route)
        #expect(try Set(scene.client.replaceMulti(scene.keys.map { ($0, 2) })) == Set(scene.dead))
        scene.expectReport("replaceMulti")
        #expect(try scene.client.getMultiArray(scene.living) == scene.living.map { _ in 2 })
        #expect(try scene.client.deleteMulti(scene.living))
        #expect(try Set(scene.client.addMulti(scene.keys.map { ($0, 3) })) == Set(scene.dead))
        scene.expectReport("addMulti")
        #expect(try scene.client.getMultiArray(scene.living) == scene.living.map { _ in 3 })
    }

    @Test(.memcachedCluster(count: 3), arguments: Route.protocols)
    func deleteIsFalseAndTouchListsThem(_ route: Route) throws {
        let scene = try Scene(route)
        #expect(try Set(scene.client.touchMulti(scene.keys, time: 1000)) == Set(scene.dead))
        scene.expectReport("touchMulti")
        #expect(try !scene.client.deleteMulti(scene.keys))
        scene.expectReport("deleteMulti")
        #expect(try scene.client.getMulti(scene.living, as: Int.self) == [:])
    }

    @Test(.memcachedCluster(count: 3), arguments: Route.protocols)
    func countersOfTheOthersGoOn(_ route: Route) throws {
        let scene = try Scene(route)
        try scene.client.incrMulti(scene.keys, delta: 5)
        scene.expectReport("incrMulti")
        try scene.client.decrMulti(scene.keys, delta: 2)
        scene.expectReport("decrMulti")
        #expect(try scene.client.getMultiArray(scene.living) == scene.living.map { _ in 4 })
        // A missing one is an error of its own beside it.
        try scene.client.delete(scene.living[0])
        let error = expectFailure(.notFound) { try scene.client.incrMulti(scene.keys) }
        #expect(error?.partialResult?.failedKeys == [scene.living[0]])
    }

    @Test(.memcachedCluster(count: 3), arguments: Route.protocols)
    func inThrowingModeAnyFailureThrows(_ route: Route) throws {
        let scene = try Scene(route)
        let client = scene.client
        client.partialFailures = .throwing
        let calls: [(String, () throws -> Void)] = [
            ("getMulti", { _ = try client.getMulti(scene.keys, as: Int.self) }),
            ("getMulti", { _ = try client.getMulti(scene.keys, as: String.self) }),
            ("getMultiArray", { _ = try client.getMultiArray(scene.keys, as: [UInt8].self) }),
            ("getsMulti", { _ = try client.getsMulti(scene.keys, as: Int.self) }),
            ("items", { _ = try client.items(scene.keys) }),
            ("setMulti", { _ = try client.setMulti(scene.keys.map { ($0, 2) }) }),
            ("replaceMulti", { _ = try client.replaceMulti(scene.keys.map { ($0, 3) }) }),
            ("touchMulti", { try client.touchMulti(scene.keys, time: 1000) }),
            ("incrMulti", { try client.incrMulti(scene.keys) }),
            ("deleteMulti", { try client.deleteMulti(scene.keys) }),
        ]
        for (operation, call) in calls {
            let error = #expect(throws: MemcachedError.self) { try call() }
            #expect(error?.operation == operation)
            #expect(error?.isConnectionFailure == true)
            #expect(error?.server == scene.deadServer)
            let result = try #require(error?.partialResult)
            #expect(Set(result.failedKeys) == Set(scene.dead), "\(operation)")
            #expect(result.failures.map(\.server) == [scene.deadServer])
        }
        #expect(scene.log.take().isEmpty)
        // All of them have done their work on the others.
        client.partialFailures = .reported
        #expect(try client.getMulti(scene.keys, as: Int.self) == [:])
    }

    @Test(.memcachedCluster(count: 3), arguments: Route.protocols)
    func inThrowingModeTheItemsThatWereReadAreInTheError(_ route: Route) throws {
        let scene = try Scene(route)
        scene.client.partialFailures = .throwing
        let calls: [() throws -> Void] = [
            { _ = try scene.client.getMulti(scene.keys, as: Int.self) },
            { _ = try scene.client.getMulti(scene.keys, as: String.self) },
            { _ = try scene.client.getMultiArray(scene.keys, as: [UInt8].self) },
            { _ = try scene.client.items(scene.keys) },
        ]
        for (number, call) in calls.enumerated() {
            let error = #expect(throws: MemcachedError.self) { try call() }
            let items = try #require(error?.partialResult).items
            #expect(Set(items.map(\.key)) == Set(scene.living.map { Array($0.utf8) }), "call \(number)")
            for item in items { #expect(try scene.client.decode(item) == 1) }
        }
    }

    @Test(.memcachedCluster(count: 3), arguments: Route.protocols)
    func ifAllServersAreDeadTheCallThrows(_ route: Route) throws {
        let scene = try Scene(route)
        for server in scene.cluster.servers { server.kill() }
        for command in Command.multi {
            let error = #expect(throws: MemcachedError.self) { try command.run(scene.client, scene.keys[0]) }
            #expect(error?.isConnectionFailure == true, "\(command)")
            #expect(error?.operation == command.operation)
        }
        let error = #expect(throws: MemcachedError.self) { try scene.client.getMulti(scene.keys, as: Int.self) }
        #expect(error?.operation == "getMulti")
        #expect(throws: MemcachedError.self) { try scene.client.setMulti(scene.keys.map { ($0, 1) }) }
    }

    @Test(.memcachedCluster(count: 3), arguments: Route.protocols)
    func theServerIsUsedAgainOnceItIsBack(_ route: Route) async throws {
        let scene = try Scene(route)
        #expect(try !scene.client.setMulti(scene.keys.map { ($0, 2) }).isEmpty)
        try scene.cluster[1].restart()
        #expect(try await eventually { try scene.client.setMulti(scene.keys.map { ($0, 3) }).isEmpty })
        #expect(try scene.client.getMultiArray(scene.keys) == scene.keys.map { _ in 3 })
        _ = scene.log.take()
        #expect(try scene.client.deleteMulti(scene.keys))
        #expect(scene.log.take().isEmpty)
    }
}
