import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// What single items do, the same with a client, a mock and all wrappers.
@Suite("Contract of asynchronous caches: single items", .timeLimit(.minutes(2)))
struct AsyncSingleItemContract {
    private struct Point: Codable, Equatable {
        var x: Int
        var y: Double
    }

    @Test(arguments: AsyncBackend.allCases, AsyncCommandsContract.all)
    func doesWhatEveryCacheDoes(backend: AsyncBackend, contract: AsyncCommandsContract) async throws {
        let test = try backend.make()
        try await contract.check(test.cache, clock: test.clock)
    }

    @Test(arguments: AsyncBackend.allCases)
    func gatReadsAndTouches(backend: AsyncBackend) async throws {
        let cache = try backend.make().cache
        let key = uniqueKey()
        #expect(try await cache.gat(key, time: 60, as: String.self) == nil)
        #expect(try await cache.add(key, "value", time: 2))
        #expect(try await cache.gat(key, time: 60) == "value")
        // Expired from then on.
        #expect(try await cache.gat(key, time: .unixTime(1), as: String.self) == nil)
        #expect(try await cache.get(key, as: String.self) == nil)
        #expect(
            try await code { _ = try await cache.gat(String(repeating: "k", count: 251), time: 60, as: Int.self) }
                == .badKey
        )
    }

    @Test(arguments: AsyncBackend.allCases)
    func tooLargeValuesAreRefused(backend: AsyncBackend) async throws {
        let cache = try backend.make().cache
        let key = uniqueKey()
        try await cache.set(key, "old")
        #expect(try await code { try await cache.set(key, [UInt8](repeating: 1, count: 1 << 20)) } == .tooBig)
        // The server drops what would be out of date.
        #expect(try await !cache.contains(key))
        try await cache.set(key, [UInt8](repeating: 1, count: 1_000_000))
        #expect(try await code { try await cache.append(key, [UInt8](repeating: 1, count: 100_000)) } == .tooBig)
        #expect(try await cache.withBytes(key) { $0.byteCount } == 1_000_000)
    }

    @Test(arguments: AsyncBackend.allCases)
    func badKeysAreRefused(backend: AsyncBackend) async throws {
        let cache = try backend.make().cache
        let long = String(repeating: "k", count: 251)
        for key in AsyncBackend.prefixing.contains(backend) ? [long] : ["", long] {
            #expect(try await code { _ = try await cache.get(key, as: Int.self) } == .badKey)
            #expect(try await code { try await cache.set(key, 1) } == .badKey)
            #expect(try await code { _ = try await cache.cas(key, 1, cas: CAS(rawValue: 1)) } == .badKey)
            #expect(try await code { try await cache.incr(key) } == .badKey)
            #expect(try await code { try await cache.delete(key) } == .badKey)
            #expect(try await code { try await cache.touch(key, time: 1) } == .badKey)
            #expect(try await code { try await cache.append(key, "x") } == .badKey)
            #expect(try await code { _ = try await cache.getMulti([key], as: Int.self) } == .badKey)
            #expect(try await code { _ = try await cache.setMulti([key: 1]) } == .badKey)
        }
        let blank = "\(uniqueKey()) \r\n"
        if AsyncBackend.textual.contains(backend) {
            #expect(try await code { try await cache.set(blank, 1) } == .badKey)
        } else {
            #expect(try await cache.set(blank, 1))
            #expect(try await cache.get(blank) == 1)
        }
    }

    /// A call that goes through something else than the sync contracts do.
    @Test(arguments: AsyncBackend.allCases)
    func errorsOfValuesNameTheServer(backend: AsyncBackend) async throws {
        let cache = try backend.make().cache
        for key in uniqueKeys(6) {
            try await cache.set(key, "text")
            let reads: [() async throws -> Void] = [
                { _ = try await cache.get(key, as: Int.self) },
                { _ = try await cache.gets(key, as: Point.self) },
                { _ = try await cache.getMulti([key], as: Int.self) },
                { _ = try await cache.getMultiArray([key], as: Point.self) },
                { _ = try await cache.getsMulti([key], as: Int.self) },
                { _ = try await cache.update(key, as: Int.self) { $0 } },
                { _ = try await cache.cached(key) { 1 } },
            ]
            var servers: Set<Server> = []
            for read in reads {
                let error = try await failure(of: read)
                #expect(error.code == .deserialization && error.key == key)
                servers.insert(try #require(error.server))
            }
            #expect(servers.count == 1)
            if backend == .hooked { #expect(try servers == [Client.sharedPair().server(for: key)]) }
        }
        let corrupt = MemcachedRequest.Value.bytes(Payload(bytes: [1, 2, 3], flags: [.text, .zlib]))
        let key = uniqueKey()
        _ = try await cache.execute(.one(key, .store(.one(corrupt), .always, .init()), for: .set))
        #expect(try await failure { _ = try await cache.get(key, as: String.self) }.server != nil)
        #expect(try await failure { _ = try await cache.get(key, as: [UInt8].self) }.server != nil)
        #expect(try await failure { _ = try await cache.withBytes(key) { $0.byteCount } }.server != nil)
    }
}
