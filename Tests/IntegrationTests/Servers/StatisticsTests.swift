import SwiftLibMC
import TestSupport
import Testing

@Suite("Statistics with types", .timeLimit(.minutes(1)))
struct StatisticsTests {
    @Test(arguments: [true, false])
    func tellAboutServersItemsAndMemory(binary: Bool) throws {
        let server = try MemcachedServer.start("-m", "32", "-o", "track_sizes")
        let client = try Client([server.address], binary: binary, behaviors: .patient)
        for index in 0..<5 { try client.set("key-\(index)", "value") }
        _ = try client.get("key-0", as: String.self)
        _ = try client.get("no-such-key", as: String.self)

        let (where_, stats) = try #require(try client.stats().first)
        #expect(where_ == client.servers[0])
        #expect(stats.pid == server.processIdentifier.map { Int($0) })
        #expect(stats.version == (try client.version()[0].version))
        #expect(stats.currItems == 5 && stats.cmdSet == 5)
        #expect(stats.limitMaxbytes == 32 << 20)
        let hits = try #require(stats.getHits)
        #expect(hits >= 1 && stats.getMisses ?? 0 >= 1)
        #expect(stats.hitRatio.map { $0 > 0 && $0 < 1 } == true)
        #expect(stats.uptime.map { $0 < .seconds(600) } == true)
        #expect(stats["curr_items"] == "5" && stats["no such statistic"] == nil)

        let items = try client.statsItems()[0].stats
        #expect(items.values.compactMap(\.number).reduce(0, +) == 5)
        #expect(items.values.allSatisfy { $0.evicted == 0 && $0.age != nil })

        let memory = try client.statsSlabs()[0].stats
        #expect(memory.activeSlabs == memory.slabs.count)
        #expect(memory.totalMalloced.map { $0 > 0 } == true)
        #expect(memory.slabs.keys.sorted() == items.keys.sorted())
        #expect(memory.slabs.values.compactMap(\.usedChunks).reduce(0, +) == 5)

        let settings = try client.statsSettings()[0].stats
        #expect(settings.tcpport == server.port && settings.maxbytes == 32 << 20)
        #expect(settings.casEnabled == true && settings.authEnabledSASL == false && settings.evictions == true)
        #expect(settings.domainSocket == nil && settings.inter == "127.0.0.1")
        #expect(settings.growthFactor == 1.25)

        let sizes = try client.statsSizes()[0].stats
        #expect(sizes.isTracked)
        #expect(sizes.items.values.reduce(0, +) == 5)
    }

    /// A server may say any numbers.
    @Test(arguments: [
        ("\(Int.max)", "1", Double?.some(1)), ("1", "\(Int.max)", 1 / Double(Int.max)), ("0", "\(Int.min)", nil),
        ("-1", "2", nil), ("0", "0", nil), ("99999999999999999999", "1", nil), ("1", "3", 0.25),
    ])
    func haveAHitRatioOfAnyNumbers(hits: String, misses: String, ratio: Double?) {
        #expect(ServerStatistics(values: ["get_hits": hits, "get_misses": misses]).hitRatio == ratio)
    }

    @Test func tellThatSizesAreNotTracked() throws {
        let sizes = try Client.shared().statsSizes()[0].stats
        #expect(!sizes.isTracked && sizes.items.isEmpty)
    }

    @Test func leaveOutServersThatDoNotAnswer() throws {
        let refusing = try RefusingAddress()
        let server = try MemcachedServer.shared(.tcp)
        let client = try Client([refusing.address, server.address], behaviors: .patient)
        let heard = Heard()
        client.onError = heard.handler
        #expect(try client.stats().map(\.server.description) == [server.address])
        #expect(heard.errors.count == 1)
        #expect(heard.errors.first?.server?.description == refusing.address)
    }
}
