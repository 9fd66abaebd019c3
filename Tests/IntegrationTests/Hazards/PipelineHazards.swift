import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// Many writes in flight: each key has its own status, and nothing is lost or damaged in silence.
@Suite("Hazards: pipelines", .blocking, .timeLimit(.minutes(5)))
struct PipelineHazards {
    private static let tooLarge = [UInt8](repeating: 1, count: 1_100_000)

    /// Around the watermarks at which the library would read replies and drop them.
    @Test(
        .hazard(1, 2),
        arguments: [(499, 10), (500, 10), (1000, 10), (7999, 10), (3, 64 << 10), (100, 1000), (10, 900 << 10)]
    )
    func noStatusIsSwallowedAndNoValueLost(count: Int, size: Int) throws {
        let client = try Fleet.oneBinary.client()
        let keys = uniqueKeys(count)
        var pairs = NamedValue.pairs(keys) { _ in size }
        let refused = keys[count / 2]
        pairs[count / 2].1 = Self.tooLarge
        #expect(try client.setMulti(pairs) == [refused])
        let values: [String: [UInt8]] = try client.getMulti(keys)
        #expect(Set(keys).subtracting(values.keys) == [refused])
        #expect(values.allSatisfy { $1.count == size })
        #expect(NamedValue.wrong(values) == [])
        #expect(try client.deleteMulti(values.keys))
    }

    @Test(.hazard(3, 95)) func aServerThatPausesDoesNotEndTheProcess() async {
        await #expect(processExitsWith: .success) {
            alarm(200)
            let server = try MemcachedServer.start()
            let client = try Client([server.address], behaviors: .patient)
            for round in 0..<10 {
                let keys = uniqueKeys(60)
                try server.suspend()
                let isAwake = DispatchSemaphore(value: 0)
                DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(60 + 6 * round)) {
                    server.resume()
                    isAwake.signal()
                }
                try #require(try client.setMulti(NamedValue.pairs(keys) { _ in 3000 }) == [])
                isAwake.wait()
                let values: [String: [UInt8]] = try client.getMulti(keys)
                try #require(values.count == 60 && NamedValue.wrong(values) == [])
            }
        }
    }

    /// A buffer that was sent in part before the time-out would be sent in full after it.
    @Test(.hazard(4, 13), arguments: [MemcachedOptions.tcp, .unix])
    func whatWasSentInPartIsNotSentAgain(_ options: MemcachedOptions) throws {
        let server = try MemcachedServer.start(options.adding(["-m", "256"]))
        let short = try Client([server.address], behaviors: Behaviors(pollTimeout: .milliseconds(100)))
        let patient = try Client([server.address], behaviors: .patient)
        var written: [String] = []
        for round in 0..<6 {
            let keys = uniqueKeys(300)
            // Sizes that divide no buffer, and together more than the kernel's buffers hold.
            let pairs = NamedValue.pairs(keys) { 5000 + round * 7919 + $0 * 101 }
            let large = uniqueKey()
            try server.whileSuspended {
                if round.isMultiple(of: 2) {
                    #expect(throws: MemcachedError.self) { try short.setMulti(pairs) }
                } else {
                    let value = NamedValue.make(large, size: 1_000_000)
                    #expect(throws: MemcachedError.self) { try short.set(large, value) }
                }
            }
            written += keys + [large]
            // A busy machine may not answer within the short time.
            let key = uniqueKey()
            #expect(eventually { (try? short.set(key, NamedValue.make(key, size: 4000))) == true })
            written.append(key)
            let values: [String: [UInt8]] = try patient.getMulti(written)
            #expect(values[key]?.count == 4000)
            #expect(NamedValue.wrong(values) == [], "round \(round)")
        }
    }

    @Test(.hazard(5, 6, 7)) func everyStatusIsThatOfItsKey() throws {
        let client = try Fleet.oneBinary.client()
        client.partialFailures = .throwing
        let keys = uniqueKeys(5000)
        for places in [[0], [4999], [2500], [0, 1, 2500, 4998, 4999]] {
            var pairs = NamedValue.pairs(keys) { _ in 10 }
            for place in places { pairs[place].1 = Self.tooLarge }
            let failed = try client.setMulti(pairs)
            #expect(Set(failed) == Set(places.map { keys[$0] }))
            let values: [String: [UInt8]] = try client.getMulti(keys)
            #expect(values.count == 5000 - places.count && NamedValue.wrong(values) == [])
        }
        // The last round has left five of them without an item.
        #expect(try !client.deleteMulti(keys))
        #expect(try client.getMulti(keys, as: [UInt8].self).isEmpty)
    }

    @Test(.hazard(8)) func aFullServerNamesTheKeysThatItRefused() throws {
        let server = try MemcachedServer.start("-m", "2", "-M")
        let client = try Client([server.address], behaviors: .patient)
        let log = ErrorLog(of: client)
        let keys = uniqueKeys(600)
        let pairs = NamedValue.pairs(keys) { _ in 10_000 }
        let failed = Set(try client.setMulti(pairs))
        let values: [String: [UInt8]] = try client.getMulti(keys)
        #expect(!failed.isEmpty && failed.count < keys.count)
        #expect(Set(values.keys) == Set(keys).subtracting(failed))
        #expect(NamedValue.wrong(values) == [])
        // It is no failure of the server, which goes on with what it has.
        #expect(log.take().isEmpty)
        #expect(try client.deleteMulti(values.keys))
        #expect(try client.setMulti(pairs.prefix(20)) == [])
    }

    /// What was on its way behind the first refusal is not sent again, since an add may not be done twice.
    @Test(.hazard(8)) func aFullServerRefusesToAdd() throws {
        let server = try MemcachedServer.start("-m", "2", "-M")
        let client = try Client([server.address], behaviors: .patient)
        let keys = uniqueKeys(600)
        expectFailure(.memoryAllocationFailure) { try client.addMulti(NamedValue.pairs(keys) { _ in 10_000 }) }
        let values: [String: [UInt8]] = try client.getMulti(keys)
        #expect(values.count < keys.count && NamedValue.wrong(values) == [])
        #expect(try client.addMulti(values.mapValues { _ in 1 }).count == values.count)
    }

    @Test(.hazard(10, 13), arguments: [MemcachedOptions.tcp, .unix])
    func whatWasInFlightToADyingServerIsListed(_ options: MemcachedOptions) throws {
        let cluster = try MemcachedCluster(count: 2, options.adding(["-m", "256"]))
        let client = try Client(cluster.addresses, behaviors: .patient)
        let keys = uniqueKeys(3000)
        let pairs = NamedValue.pairs(keys) { 2000 + $0 % 500 }
        let dying = try keys.filter { try client.server(for: $0).description == cluster[0].address }
        let living = Set(keys).subtracting(dying)
        // Until it dies in the middle, and neither before nor after.
        let isHit = try eventually {
            try cluster[0].restart()
            client.forgetDeadHosts()
            let killer = TestThread {
                _ = eventually { (try? cluster[0].statistics()["curr_items"]) != "0" }
                cluster[0].kill()
            }
            let failed = Set(try client.setMulti(pairs))
            try killer.join()
            #expect(failed.isSubset(of: dying))
            let values: [String: [UInt8]] = try client.getMulti(living)
            #expect(values.count == living.count && NamedValue.wrong(values) == [])
            return !failed.isEmpty
        }
        #expect(isHit)
    }

    /// More would fill the buffers of a unix socket with replies that nobody reads.
    @Test(.hazard(12, 34), .memcached(.unix, "-m", "256"))
    func twoHundredThousandKeysGoInOneCall() throws {
        let client = try Client([try #require(MemcachedServer.current).address], behaviors: .patient)
        client.commandTimeout = .seconds(60)
        let keys = (0..<200_000).map { "key-\($0)" }
        #expect(try client.setMulti(keys.map { ($0, $0) }) == [])
        let values: [String?] = try client.getMultiArray(keys)
        #expect(values.count == keys.count && zip(keys, values).allSatisfy { $0 == $1 })
        #expect(try client.deleteMulti(keys.suffix(10_000)))
    }

    @Test(.hazard(15), arguments: Fleet.allCases)
    func commandsAfterManySetsReadTheirOwnReplies(_ fleet: Fleet) throws {
        let client = try fleet.client()
        let (keys, counter, missing) = (uniqueKeys(100), uniqueKey(), uniqueKey())
        try client.set(counter, 100)
        for round in 1...3 {
            #expect(try client.setMulti(keys.map { ($0, $0) }) == [])
            #expect(try client.incr(counter) == UInt64(100 + round))
            #expect(try client.setMulti(keys.map { ($0, $0) }) == [])
            #expect(try !client.replace(missing, 1))
            #expect(try client.setMulti(keys.map { ($0, $0) }) == [])
            #expect(try !client.touch(missing, time: 1))
            #expect(try client.add(missing, 1))
            #expect(try client.delete(missing))
        }
        #expect(try client.getMultiArray(keys) == keys)
    }
}
