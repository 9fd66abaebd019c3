import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// `append` and `prepend`.
@Suite("Appending", .timeLimit(.minutes(5)))
struct AppendingTests {
    @Test(arguments: Route.allCases)
    func addsAtBothEnds(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, "middle")
        #expect(try client.append(key, " end"))
        #expect(try client.prepend(key, "begin "))
        #expect(try client.get(key) == "begin middle end")
    }

    @Test(.hazard(49), arguments: Route.allCases)
    func doesNothingWithoutAnItem(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        #expect(try !client.append(key, "x"))
        #expect(try !client.prepend(key, "x"))
        #expect(try client.get(key, as: String.self) == nil)
    }

    @Test(arguments: Route.protocols)
    func takesBytesDataAndText(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, [UInt8]([1]))
        try client.append(key, [2, 0] as [UInt8])
        try client.append(key, Data([3]))
        try client.append(key, "é")
        try client.append(key, "")
        #expect(try client.get(key) == [1, 2, 0, 3] + Array("é".utf8))
    }

    @Test(arguments: Route.protocols)
    func keepsFlagsAndExpiration(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, "text", time: 1000)
        // Bytes, which have no flag of their own here.
        try client.append(key, Array("!".utf8))
        #expect(try #require(try client.item(key)).flags == .text)
        #expect(try client.get(key) == "text!")
        #expect(try 900...1000 ~= #require(try route.server.timeToLive(key)))
    }

    @Test(arguments: Route.protocols)
    func neverCompresses(_ route: Route) throws {
        let client = try route.client()
        client.compression = Compression(minLength: 1)
        let key = uniqueKey()
        let long = String(repeating: "a", count: 1000)
        try client.set(key, "-", minCompressLen: 0)
        try client.append(key, long)
        try client.prepend(key, long)
        let item = try #require(try client.item(key))
        #expect(!item.flags.contains(.zlib))
        #expect(item.bytes.count == 2001)
        #expect(try client.get(key) == "\(long)-\(long)")
    }

    @Test(arguments: Route.protocols)
    func numbersGrowToo(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, 4)
        try client.append(key, "2")
        #expect(try client.get(key) == 42)
        #expect(try client.incr(key) == 43)
    }

    /// "Not stored", and then the item is there: somebody has stored it meanwhile.
    @Test(.hazard(45), arguments: Route.protocols)
    func ofManyAppendersWhoAddElseNoneIsToldThatItIsTooBig(_ route: Route) throws {
        let client = try route.client()
        let keys = uniqueKeys(100)
        try onThreads(4, cloning: client) { number, client in
            for key in keys {
                let word = "\(number)"
                if try !client.append(key, word), try !client.add(key, word) {
                    #expect(try client.append(key, word))
                }
            }
        }
        for key in keys { #expect(try client.get(key, as: String.self)?.sorted() == ["0", "1", "2", "3"]) }
    }

    @Test(.hazard(45)) func whatOthersCreatedMeanwhileIsAppendedTo() throws {
        let found = Array("VALUE k 0 1\r\n5\r\nEND\r\n".utf8)
        let server = try FakeServer(
            FakeScript([
                .request, .send(Array("NOT_FOUND\r\n".utf8)), .request, .send(Array("NOT_STORED\r\n".utf8)),
                .request, .send(found), .request, .send(Array("STORED\r\n".utf8)), .stall,
            ])
        )
        let client = try Client([server.address], binary: false, behaviors: .patient)
        #expect(try client.append("k", "1"))
    }

    @Test(.hazard(45)) func whatIsDeclinedForGoodIsNotStored() throws {
        let server = try FakeServer(
            .answering { request in
                switch request.line.prefix(3) {
                case "del": Array("NOT_FOUND\r\n".utf8)
                case "get": Array("VALUE k 0 1\r\n5\r\nEND\r\n".utf8)
                default: Array("NOT_STORED\r\n".utf8)
                }
            }
        )
        let client = try Client([server.address], binary: false, behaviors: .patient)
        for command in [{ try client.append("k", "1") }, { try client.prepend("k", "1") }] as [() throws -> Bool] {
            let error = expectFailure(.notStored) { try command() }
            #expect(error?.isOutcomeUnknown == false)
        }
    }

    @Test(.hazard(45), arguments: Route.protocols)
    func sumsThatAreTooBigForASmallServerAreNamed(_ route: Route) throws {
        let server = try MemcachedServer.start("-I", "2m", "-m", "64")
        defer { server.kill() }
        let client = try route.client(of: [server.address])
        try client.set("k", [UInt8](repeating: 1, count: 1_500_000))
        for command in [{ try client.append("k", $0) }, { try client.prepend("k", $0) }]
            as [([UInt8]) throws -> Bool]
        {
            #expect(try command([1]))
            let error = expectFailure(.tooBig) { try command([UInt8](repeating: 1, count: 700_000)) }
            #expect(error?.detail.contains("sum of 220000") == true, "\(error.debugDescription)")
            #expect(error?.detail.contains("2097152 bytes") == true)
            #expect(error?.key == "k")
        }
        #expect(try client.get("k", as: [UInt8].self)?.count == 1_500_002)
    }
}
