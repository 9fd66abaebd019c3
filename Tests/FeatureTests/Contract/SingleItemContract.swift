import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// What single items do, the same with a client, a mock and all wrappers.
@Suite("Contract: single items", .timeLimit(.minutes(2)))
struct SingleItemContract {
    @Test(arguments: Backend.allCases, CommandsContract.all)
    func doesWhatEveryCacheDoes(backend: Backend, contract: CommandsContract) throws {
        let test = try backend.make()
        try contract.check(test.cache, clock: test.clock)
    }

    @Test(arguments: Backend.allCases)
    func gatReadsAndTouches(backend: Backend) throws {
        let cache = try backend.make().cache
        let key = uniqueKey()
        #expect(try cache.gat(key, time: 60, as: String.self) == nil)
        #expect(try cache.add(key, "value", time: 2))
        #expect(try cache.gat(key, time: 60) == "value")
        // Expired from then on.
        #expect(try cache.gat(key, time: .unixTime(1), as: String.self) == nil)
        #expect(try cache.get(key, as: String.self) == nil)
        #expect(try code { _ = try cache.gat(String(repeating: "k", count: 251), time: 60, as: Int.self) } == .badKey)
    }

    /// On a server of its own: in memory that other items have used, memcached may find a sign behind a number and take
    /// it for a negative one.
    @Test(arguments: [Backend.binary, .ascii, .mock])
    func countersWrapAtTheTop(backend: Backend) throws {
        let server = try MemcachedServer.start()
        let client = try Client([server.address], binary: backend == .binary, behaviors: .patient)
        let cache: any MemcachedCommands = backend == .mock ? MockClient() : client
        try cache.set("key", UInt64.max)
        #expect(try cache.incr("key") == 0)
        #expect(try cache.get("key") == 0)
    }

    /// A fallback client takes the version zero for "not in the first cache".
    @Test(arguments: Backend.allCases.filter { !Backend.fallingBack.contains($0) })
    func versionZeroIsNone(backend: Backend) throws {
        let cache = try backend.make().cache
        let key = uniqueKey()
        try cache.set(key, 1)
        #expect(try code { _ = try cache.cas(key, 2, cas: CAS(rawValue: 0)) } == .invalidArguments)
    }

    @Test(arguments: Backend.allCases)
    func tooLargeValuesAreRefused(backend: Backend) throws {
        let cache = try backend.make().cache
        let key = uniqueKey()
        try cache.set(key, "old")
        #expect(try code { try cache.set(key, [UInt8](repeating: 1, count: 1 << 20)) } == .tooBig)
        // The server drops what would be out of date.
        #expect(try !cache.contains(key))
        try cache.set(key, [UInt8](repeating: 1, count: 1_000_000))
        #expect(try code { try cache.append(key, [UInt8](repeating: 1, count: 100_000)) } == .tooBig)
        #expect(try cache.withBytes(key) { $0.byteCount } == 1_000_000)
    }

    /// To the byte.
    @Test(arguments: [Backend.binary, .ascii, .mock])
    func limitOfSizesIsTheServers(backend: Backend) throws {
        let cache = try backend.make().cache
        let key = String(uniqueKey().prefix(20)).padding(toLength: 20, withPad: "x", startingAt: 0)
        let largest = (1 << 20) - 59 - 20
        #expect(try cache.set(key, [UInt8](repeating: 1, count: largest)))
        #expect(try code { try cache.set(key, [UInt8](repeating: 1, count: largest + 1)) } == .tooBig)
        #expect(try cache.set(key, String(repeating: "1", count: largest - 4)))
        #expect(try code { try cache.set(key, String(repeating: "1", count: largest - 3)) } == .tooBig)
    }

    @Test(arguments: Backend.allCases)
    func badKeysAreRefused(backend: Backend) throws {
        let cache = try backend.make().cache
        let long = String(repeating: "k", count: 251)
        for key in Backend.prefixing.contains(backend) ? [long] : ["", long] {
            #expect(try code { _ = try cache.get(key, as: Int.self) } == .badKey)
            #expect(try code { try cache.set(key, 1) } == .badKey)
            #expect(try code { _ = try cache.cas(key, 1, cas: CAS(rawValue: 1)) } == .badKey)
            #expect(try code { try cache.incr(key) } == .badKey)
            #expect(try code { try cache.delete(key) } == .badKey)
            #expect(try code { try cache.touch(key, time: 1) } == .badKey)
            #expect(try code { try cache.append(key, "x") } == .badKey)
            #expect(try code { _ = try cache.getMulti([key], as: Int.self) } == .badKey)
            #expect(try code { _ = try cache.setMulti([key: 1]) } == .badKey)
        }
        let blank = "\(uniqueKey()) \r\n"
        if Backend.textual.contains(backend) {
            #expect(try code { try cache.set(blank, 1) } == .badKey)
        } else {
            #expect(try cache.set(blank, 1))
            #expect(try cache.get(blank) == 1)
        }
    }
}
