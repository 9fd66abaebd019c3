import SwiftLibMC
import TestSupport
import Testing

/// A real twemproxy before three servers of which one is dead.
@Suite("Twemproxy", .enabled(if: Twemproxy.isInstalled, "\(Twemproxy.hint)"), .timeLimit(.minutes(5)))
struct TwemproxyTests {
    private final class Scene {
        let cluster: MemcachedCluster
        let proxy: Twemproxy
        let client: Client
        let log: ErrorLog
        let keys = uniqueKeys(100)
        var good: [String] = []

        init(hasDead: Bool = true) throws {
            cluster = try MemcachedCluster(count: 3)
            if hasDead { cluster[1].kill() }
            proxy = try Twemproxy(before: cluster.addresses)
            client = try Client([proxy.address], binary: false, behaviors: .patient)
            log = ErrorLog(of: client)
            // One by one, each as it is.
            good = keys.filter { (try? client.set($0, "1")) == true }
        }
    }

    @Test func allKeysOfTheLivingServersWork() throws {
        let scene = try Scene()
        let (client, keys, good) = (scene.client, scene.keys, Set(scene.good))
        #expect(!good.isEmpty && good.count < 100)
        #expect(try Set(client.getMulti(keys, as: String.self).keys) == good)
        #expect(scene.log.take().map(\.code) == [.serverError])
        #expect(try Set(keys).subtracting(client.setMulti(keys.map { ($0, "2") })) == good)
        #expect(try Set(keys).subtracting(client.touchMulti(keys, time: 100)) == good)
        try client.incrMulti(keys)
        #expect(try client.getMulti(Array(good), as: String.self).values.allSatisfy { $0 == "3" })
        #expect(try !client.deleteMulti(keys))
        #expect(try client.getMulti(Array(good), as: String.self).isEmpty)
        #expect(scene.log.take().count == 4)
    }

    @Test("In each process, whoever holds the key of the question before the first store")
    func everySetWorks() throws {
        let scene = try Scene()
        // A client asks with the same key as long as the process lives; so the proxies differ here.
        for number in 0..<3 {
            let cluster = try MemcachedCluster(count: 3)
            cluster[number].kill()
            let proxy = try Twemproxy(before: cluster.addresses)
            let client = try Client([proxy.address], binary: false, behaviors: .patient)
            let stored = scene.keys.filter { (try? client.set($0, "1")) == true }
            #expect(stored.count > 20)
        }
    }

    @Test func eachCallerOfABatchHasItsOwnResult() async throws {
        let scene = try Scene()
        let keys = scene.keys
        let good = Set(scene.good)
        let cache = try AsyncClient(cloning: scene.client, commandTimeout: .seconds(60))
        func succeeding(_ call: @escaping @Sendable (String) async throws -> Bool) async -> Set<String> {
            await withTaskGroup(of: String?.self) { group in
                for key in keys { group.addTask { (try? await call(key)) == true ? key : nil } }
                return await group.reduce(into: []) { if let key = $1 { $0.insert(key) } }
            }
        }
        #expect(await succeeding { try await cache.set($0, "5") } == good)
        #expect(await succeeding { try await cache.get($0, as: String.self) == "5" } == good)
        #expect(await succeeding { try await cache.contains($0) } == good)
        #expect(try await Set(cache.getMulti(keys, as: String.self).keys) == good)
        #expect(await succeeding { try await cache.delete($0) } == good)
        await cache.shutdown()
    }

    @Test func aHealthyOneCarriesEverything() throws {
        let scene = try Scene(hasDead: false)
        let (client, keys) = (scene.client, scene.keys)
        #expect(scene.good == keys)
        #expect(try client.getMulti(keys, as: String.self).count == 100)
        let (value, cas) = try #require(try client.gets(keys[0], as: String.self))
        #expect(try value == "1" && client.cas(keys[0], "2", cas: cas))
        #expect(try client.append(keys[0], "3"))
        #expect(try client.get(keys[0], as: String.self) == "23")
        #expect(try client.incr(keys[0], delta: 7) == 30)
        #expect(try client.touch(keys[1], time: 100))
        #expect(try client.deleteMulti(keys))
        #expect(try client.getMulti(keys, as: String.self).isEmpty)
        #expect(scene.log.take().isEmpty)
    }

    @Test func theBinaryProtocolIsExplained() throws {
        let scene = try Scene(hasDead: false)
        let client = try Client([scene.proxy.address], binary: true)
        for _ in 0..<3 {
            let error = #expect(throws: MemcachedError.self) { try client.get("k", as: String.self) }
            #expect(error?.detail.contains("binary: false") == true, "\(String(describing: error))")
            #expect(error?.isRetriable == false)
        }
    }
}
