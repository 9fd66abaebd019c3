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
}
