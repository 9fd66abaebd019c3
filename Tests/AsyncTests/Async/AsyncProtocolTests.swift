import SwiftLibMC
import TestSupport
import Testing

/// An asynchronous client whose threads choose the protocol for each command.
@Suite("AsyncClient with both protocols", .timeLimit(.minutes(5)))
struct AsyncProtocolTests {
    @Test func batchesGoAsTextAndEachCallerGetsItsOwn() async throws {
        let server = try MemcachedServer.start()
        let proxy = try FaultProxy(to: server.address)
        let client = try Client([proxy.address], protocol: .automatic, behaviors: .patient)
        let cache = try AsyncClient(cloning: client, commandTimeout: .seconds(120))
        let keys = uniqueKeys(200)
        for round in 0..<10 {
            await withTaskGroup(of: Void.self) { group in
                for (number, key) in keys.enumerated() {
                    group.addTask {
                        do {
                            #expect(try await cache.set(key, "\(number)/\(round)"))
                            #expect(try await cache.get(key, as: String.self) == "\(number)/\(round)")
                            #expect(try await cache.get("\(key)-missing", as: String.self) == nil)
                            let (value, cas) = try #require(try await cache.gets(key, as: String.self))
                            #expect(value == "\(number)/\(round)")
                            #expect(try await cache.cas(key, "0", cas: cas))
                            #expect(try await cache.incr(key) == 1)
                            #expect(try await cache.delete(key))
                            #expect(try await !cache.delete(key))
                        } catch {
                            Issue.record(error)
                        }
                    }
                }
            }
        }
        #expect(proxy.openConnectionCount == 2)
        await cache.shutdown()
        #expect(await eventually { proxy.openConnectionCount == 0 })
    }

    @Test func aServerOfTextOnlyIsServedInText() async throws {
        let server = try MemcachedServer.start("-B", "ascii")
        let client = try Client([server.address], protocol: .automatic, behaviors: .patient)
        let cache = try AsyncClient(cloning: client, commandTimeout: .seconds(120))
        await withTaskGroup(of: Void.self) { group in
            for key in uniqueKeys(50) {
                group.addTask {
                    do {
                        #expect(try await cache.set(key, key))
                        #expect(try await cache.get(key, as: String.self) == key)
                        await #expect(throws: MemcachedError.self) { try await cache.set("\(key)\r\nflush_all", "1") }
                    } catch {
                        Issue.record(error)
                    }
                }
            }
        }
        await cache.shutdown()
    }

    @Test func poolsOfBothWork() throws {
        let server = try MemcachedServer.start()
        let client = try Client([server.address], protocol: .automatic, behaviors: .patient)
        let pool = try ClientPool(cloning: client, size: 2)
        let keys = uniqueKeys(20)
        for _ in 0..<5 {
            #expect(try pool.setMulti(keys.map { ($0, "1") }).isEmpty)
            #expect(try pool.getMulti(keys, as: String.self).count == 20)
            #expect(try pool.incr(keys[0]) == 2)
            #expect(try pool.deleteMulti(keys))
        }
    }
}
