import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// A client that chooses the protocol for each command.
@Suite("Both protocols", .timeLimit(.minutes(5)))
struct BothProtocolTests {
    /// A client that has both connections to all of its servers.
    private func warm(_ client: Client) throws -> Client {
        // The first request to each server goes over libmemcached's connection.
        let keys = uniqueKeys(200)
        for _ in 0..<2 { #expect(try client.getMulti(keys, as: String.self).isEmpty) }
        #expect(client.wireProtocol == .automatic)
        return client
    }

    private func client(_ server: MemcachedServer, _ behaviors: Behaviors = .patient) throws -> Client {
        try warm(Client([server.address], protocol: .automatic, behaviors: behaviors))
    }

    /// A client of three servers.
    private func clusterClient(_ behaviors: Behaviors = .patient) throws -> Client {
        try warm(Client(Fleet.threeBinary.addresses, protocol: .automatic, behaviors: behaviors))
    }

    // MARK: - Connections

    @Test func thereAreTwoConnectionsWhenTheyAreNeeded() throws {
        let server = try MemcachedServer.start()
        let proxy = try FaultProxy(to: server.address)
        let client = try Client([proxy.address], protocol: .automatic, behaviors: .patient)
        #expect(try client.set("k", "1"))
        #expect(try client.get("k", as: String.self) == "1")
        #expect(eventually { proxy.openConnectionCount == 1 })
        #expect(try client.getMulti(["k", "l"], as: String.self) == ["k": "1"])
        #expect(eventually { proxy.openConnectionCount == 2 })
        let count = proxy.connectionCount
        for _ in 0..<10 {
            #expect(try client.getMulti(["k", "l"], as: String.self) == ["k": "1"])
            #expect(try client.incr("k") > 1)
            #expect(try client.set("k", "1"))
        }
        #expect(proxy.connectionCount == count)
        client.disconnectAll()
        #expect(eventually { proxy.openConnectionCount == 0 })
        #expect(try client.getMulti(["k", "l"], as: String.self) == ["k": "1"])
    }

    @Test("Values arrive as they are, wherever a read of the connection ends, with and without misses between them")
    func valuesOfManySizes() throws {
        let server = try MemcachedServer.start()
        let client = try client(server)
        let keys = uniqueKeys(700)
        let values = Dictionary(
            uniqueKeysWithValues: keys.enumerated().map { number, key in
                (key, [UInt8](repeating: UInt8(number % 251), count: number * 37 % 2900))
            }
        )
        #expect(try client.setMulti(values).isEmpty)
        let mixed = keys.flatMap { [$0, "\($0):none"] }
        for asked in [keys, mixed, mixed.reversed(), keys + keys] {
            #expect(try client.getMulti(asked, as: [UInt8].self) == values)
            #expect(try client.getsMulti(asked, as: [UInt8].self).mapValues(\.value) == values)
        }
    }

    @Test func aCloneHasItsOwn() throws {
        let server = try MemcachedServer.start()
        let proxy = try FaultProxy(to: server.address)
        do {
            let client = try warm(Client([proxy.address], protocol: .automatic, behaviors: .patient))
            let clone = try warm(client.clone())
            #expect(eventually { proxy.openConnectionCount == 4 })
            _ = (client, clone)
        }
        #expect(eventually { proxy.openConnectionCount == 0 })
    }

    @Test func otherServersGetNewOnes() throws {
        let (one, other) = (try MemcachedServer.start(), try MemcachedServer.start())
        let proxy = try FaultProxy(to: one.address)
        let client = try warm(Client([proxy.address], protocol: .automatic, behaviors: .patient))
        try client.setServers([other.address])
        #expect(eventually { proxy.openConnectionCount == 0 })
        _ = try warm(client)
        #expect(try client.set("k", "1"))
        #expect(try other.client().get("k", as: String.self) == "1")
    }

    /// In a process of its own: a fork takes other tests' connections along.
    @Test(.enabled(if: canFork)) func aForkedChildHasItsOwn() async {
        await #expect(processExitsWith: .success) {
            let server = try MemcachedServer.start()
            let client = try Client([server.address], protocol: .automatic, behaviors: .patient)
            func readAndCount() throws -> Bool {
                for _ in 0..<200 {
                    let values = try client.getMulti(["a", "b"], as: String.self)
                    guard values == ["a": "1", "b": "2"] else { return false }
                    try client.incr("n")
                }
                return true
            }
            try #require(try client.setMulti(["a": "1", "b": "2"]).isEmpty)
            try client.set("n", 0)
            let status = inForkedChild(readAndCount)
            try #require(status == 0)
            try #require(try readAndCount())
            try #require(try client.incr("n") == 401)
        }
    }

    // MARK: - Reading

    @Test func everythingThatIsThereIsFoundAsItIs() throws {
        let client = try clusterClient()
        let prefix = uniqueKey()
        var values: [String: [UInt8]] = [:]
        for number in 0..<3000 where number % 3 != 0 {
            values["\(prefix)/é\(number)"] = [UInt8](repeating: UInt8(number % 256), count: number % 500)
        }
        values["\(prefix)/é0"] = Array("\r\nEND\r\nVALUE x 0 1\r\n".utf8)
        values["\(prefix)/é3"] = [UInt8](repeating: 13, count: 900_000)
        #expect(try client.setMulti(values).isEmpty)
        var keys = (0..<3000).map { "\(prefix)/é\($0)" }
        #expect(try client.getMulti(keys, as: [UInt8].self) == values)
        keys.shuffle()
        #expect(try client.getMulti(keys, as: [UInt8].self) == values)
        let doubled = keys + keys.reversed()
        #expect(try client.getMultiArray(doubled, as: [UInt8].self) == doubled.map { values[$0] })
        let items = try client.items(keys)
        #expect(items.count == values.count)
        #expect(try items.values.prefix(50).allSatisfy { item in try client.item(item.key)?.cas == item.cas })
    }

    @Test(arguments: [false, true]) func namespacesAndPrefixesAreAsEver(hashed: Bool) throws {
        var behaviors = Behaviors.namespace("shop:")
        behaviors.hashWithPrefixKey = hashed
        let client = try clusterClient(behaviors)
        let keys = uniqueKeys(100)
        #expect(try client.setMulti(keys.map { ($0, $0) }, keyPrefix: "p-").isEmpty)
        let expected = Dictionary(uniqueKeysWithValues: keys.map { ($0, $0) })
        for _ in 0..<2 { #expect(try client.getMulti(keys, keyPrefix: "p-", as: String.self) == expected) }
        let plain = try Client(Fleet.threeBinary.addresses, behaviors: behaviors)
        #expect(try plain.getMulti(keys, keyPrefix: "p-", as: String.self) == expected)
        #expect(try client.deleteMulti(keys, keyPrefix: "p-"))
        #expect(try plain.getMulti(keys, keyPrefix: "p-", as: String.self).isEmpty)
    }

    @Test func keysThatTextCannotCarryGoInBinary() throws {
        let client = try clusterClient()
        let base = uniqueKey()
        let keys = ["\(base) a", "\(base)\r\nb", "\(base)\0c", "\(base)d"]
        #expect(try client.setMulti(keys.map { ($0, "1") }).isEmpty)
        #expect(try client.getMulti(keys, as: String.self).count == 4)
        for key in keys { #expect(try client.incr(key) == 2) }
        try client.incrMulti(keys)
        #expect(try client.getMulti(keys, as: String.self).values.allSatisfy { $0 == "3" })
        #expect(try client.touchMulti(keys, time: 100).isEmpty)
        #expect(try client.deleteMulti(keys))
        #expect(try client.getMulti(keys, as: String.self).isEmpty)
    }

    @Test func whatWasWrittenWithoutAReplyIsSeen() throws {
        let client = try clusterClient()
        let base = uniqueKey()
        for round in 0..<30 {
            let keys = (0..<40).map { "\(base)/\(round)/\($0)" }
            for key in keys { try client.set(key, [UInt8](repeating: 1, count: 2000), noreply: true) }
            #expect(try client.getMulti(keys, as: [UInt8].self).count == 40)
            try client.set(keys[0], "7", noreply: true)
            #expect(try client.incr(keys[0]) == 8)
            for key in keys { try client.set(key, "7", noreply: true) }
            #expect(try client.deleteMulti(keys))
        }
    }

    @Test func aWriteIsSeenByTheNextRead() throws {
        let client = try clusterClient()
        let keys = uniqueKeys(20)
        for round in 0..<100 {
            #expect(try client.setMulti(keys.map { ($0, "\(round)") }).isEmpty)
            #expect(try client.getMulti(keys, as: String.self).values.allSatisfy { $0 == "\(round)" })
            #expect(try client.set(keys[3], "x"))
            #expect(try client.getMulti(keys, as: String.self)[keys[3]] == "x")
        }
    }

    // MARK: - Counters and writes of many keys

    @Test func countersAreWhatTheyAreInBinary() throws {
        let server = try MemcachedServer.start()
        let client = try client(server)
        #expect(try client.set("n", 10))
        #expect(try client.incr("n") == 11)
        #expect(try client.decr("n", delta: 2) == 9)
        #expect(try client.get("n", as: Int.self) == 9)
        #expect(try client.incr("n", delta: 1 << 40) == 9 + 1 << 40)
        #expect(try client.decr("n", delta: UInt64.max) == 0)
        #expect(try client.incr("n", delta: UInt64.max) == UInt64.max)
        #expect(try client.incr("n") == 0)
        expectFailure(.notFound) { try client.incr("missing") }
        #expect(try client.incr("made", initial: 5) == 5)
        #expect(try client.incr("made", initial: 5) == 6)
        #expect(try client.set("text", "no number"))
        let error = expectFailure(.notNumeric) { try client.incr("text") }
        #expect(error?.key == "text" && error?.isOutcomeUnknown == false)
        #expect(try client.incr("made") == 7)
    }

    @Test func aCounterIsOneRequest() throws {
        let server = try MemcachedServer.start()
        let client = try client(server)
        #expect(try client.set("n", 0))
        #expect(try client.incr("n") == 1)
        let before = try #require(try server.client().getStats().first?.stats["delete_misses"])
        for _ in 0..<20 { try client.incr("n") }
        #expect(try server.client().getStats().first?.stats["delete_misses"] == before)
    }

    @Test func eachKeyOfManyHasItsOwnResult() throws {
        let (client, plain) = (try clusterClient(), try Client(Fleet.threeBinary.addresses, behaviors: .patient))
        let keys = uniqueKeys(3000)
        for share in [0, 2, 1] {
            func fill(_ value: String) throws -> Set<String> {
                let there = keys.enumerated().filter { share != 0 && $0.offset % share == 0 }.map(\.element)
                #expect(try plain.setMulti(there.map { ($0, value) }).isEmpty)
                return Set(there)
            }
            var there = try fill("5")
            #expect(try Set(client.touchMulti(keys, time: 1000)) == Set(keys).subtracting(there))
            #expect(try client.deleteMulti(keys) == (share == 1))
            #expect(try plain.getMulti(keys, as: String.self).isEmpty)
            there = try fill("5")
            let present = keys.filter(there.contains)
            if share == 1 {
                try client.incrMulti(keys, delta: 3)
            } else {
                expectFailure(.notFound) { try client.incrMulti(keys, delta: 3) }
            }
            #expect(try plain.getMulti(present, as: String.self).values.allSatisfy { $0 == "8" })
            #expect(try client.deleteMulti(keys) == (share == 1))
        }
    }

    @Test func addingAndReplacingSayWhatWasThere() throws {
        let client = try clusterClient()
        let keys = uniqueKeys(1000)
        let there = Set(keys.enumerated().filter { $0.offset % 3 == 0 }.map(\.element))
        #expect(try client.setMulti(there.map { ($0, "old") }).isEmpty)
        let replaced = try client.replaceMulti(keys.map { ($0, "a\r\nb") })
        #expect(Set(replaced) == Set(keys).subtracting(there))
        #expect(try Set(client.addMulti(keys.map { ($0, [UInt8](repeating: 7, count: 300)) })) == there)
        let values = try client.getMulti(keys, as: [UInt8].self)
        #expect(values.count == 1000)
        let replacement = Array("a\r\nb".utf8)
        #expect(values.allSatisfy { there.contains($0) ? $1 == replacement : $1 == [UInt8](repeating: 7, count: 300) })
    }

    @Test("A value over the server's limit fails alone", arguments: [10_000, 20_000]) func tooLarge(size: Int) throws {
        let server = try MemcachedServer.start("-I", "8k", "-o", "slab_chunk_max=4096")
        let client = try client(server)
        var values = uniqueKeys(30).map { ($0, "1") }
        values[7].1 = String(repeating: "x", count: size)
        #expect(try client.addMulti(values) == [values[7].0])
        #expect(try client.getMulti(values.map(\.0), as: String.self).count == 29)
    }

    @Test func onlyWhatIsNoNumberFails() throws {
        let server = try MemcachedServer.start()
        let client = try client(server)
        let keys = uniqueKeys(10)
        #expect(try client.setMulti(keys.map { ($0, "1") }).isEmpty)
        #expect(try client.set(keys[4], "word"))
        let error = expectFailure(.notNumeric) { try client.incrMulti(keys) }
        #expect(error?.key == keys[4])
        let values = try client.getMulti(keys, as: String.self)
        #expect(values.values.count { $0 == "2" } == 9 && values[keys[4]] == "word")
    }
}
