import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// `setMulti`, `addMulti` and `replaceMulti`.
@Suite("Storing many items", .timeLimit(.minutes(5)))
struct MultiStoreTests {
    private static let huge = [UInt8].noise(1_100_000)

    @Test(.hazard(16), arguments: Fleet.allCases)
    func setStoresAll(_ fleet: Fleet) throws {
        let client = try fleet.client()
        let keys = uniqueKeys(50)
        #expect(try client.setMulti(Dictionary(uniqueKeysWithValues: keys.map { ($0, $0) })) == [])
        #expect(try client.getMultiArray(keys) == keys)
        #expect(try client.setMulti(keys.map { ($0, "again") }) == [])
        #expect(try client.getMultiArray(keys) == keys.map { _ in "again" })
    }

    @Test(.hazard(9, 16), arguments: Fleet.allCases)
    func addGivesTheKeysThatExisted(_ fleet: Fleet) throws {
        let client = try fleet.client()
        let keys = uniqueKeys(30)
        let there = keys.enumerated().filter { $0.offset % 4 == 1 }.map(\.element)
        #expect(try client.setMulti(there.map { ($0, "old") }) == [])
        #expect(Set(try client.addMulti(keys.map { ($0, "new") })) == Set(there))
        for key in keys { #expect(try client.get(key) == (there.contains(key) ? "old" : "new")) }
        #expect(Set(try client.addMulti(Dictionary(uniqueKeysWithValues: keys.map { ($0, 1) }))) == Set(keys))
    }

    @Test(arguments: Fleet.allCases)
    func replaceGivesTheKeysThatDidNotExist(_ fleet: Fleet) throws {
        let client = try fleet.client()
        let keys = uniqueKeys(30)
        let there = keys.enumerated().filter { $0.offset % 4 == 1 }.map(\.element)
        #expect(try client.setMulti(there.map { ($0, "old") }) == [])
        #expect(Set(try client.replaceMulti(keys.map { ($0, "new") })) == Set(keys).subtracting(there))
        for key in keys { #expect(try client.get(key) == (there.contains(key) ? "new" : nil)) }
    }

    @Test(.hazard(5, 7, 9, 16), arguments: Fleet.allCases)
    func valuesThatAreTooLargeFailAlone(_ fleet: Fleet) throws {
        let client = try fleet.client()
        let log = ErrorLog(of: client)
        let keys = uniqueKeys(60)
        for places in [[0], [59], [30], [0, 1, 2], [57, 58, 59], [5, 6, 40]] {
            let tooLarge = Set(places.map { keys[$0] })
            let pairs = keys.map { ($0, tooLarge.contains($0) ? Self.huge : Array($0.utf8)) }
            #expect(Set(try client.setMulti(pairs)) == tooLarge)
            let values: [String: [UInt8]] = try client.getMulti(keys)
            for key in keys { #expect(values[key] == (tooLarge.contains(key) ? nil : Array(key.utf8))) }
        }
        #expect(Set(try client.replaceMulti(keys.prefix(3).map { ($0, Self.huge) })) == Set(keys.prefix(3)))
        #expect(try client.deleteMulti(keys.suffix(10)))
        let fresh = uniqueKeys(3)
        #expect(try client.addMulti([(fresh[0], [1]), (fresh[1], Self.huge), (fresh[2], [3])]) == [fresh[1]])
        #expect(try client.getMultiArray(fresh, as: [UInt8].self) == [[1], nil, [3]])
        // They are no failures of a server.
        #expect(log.take().isEmpty)
    }

    @Test(arguments: Fleet.allCases)
    func onlyValuesThatAreTooLarge(_ fleet: Fleet) throws {
        let client = try fleet.client()
        let keys = uniqueKeys(5)
        #expect(Set(try client.setMulti(keys.map { ($0, Self.huge) })) == Set(keys))
        #expect(try client.setMulti([keys[0]: 1]) == [])
        #expect(try client.getMulti(keys) == [keys[0]: 1])
    }

    @Test(arguments: Fleet.allCases)
    func valuesOfSeveralTypes(_ fleet: Fleet) throws {
        let client = try fleet.client()
        let keys = uniqueKeys(6)
        let mixed: [String: any Encodable] = [
            keys[0]: "text", keys[1]: 2, keys[2]: true, keys[3]: Person.ada, keys[4]: [UInt8]([1, 2]),
            keys[5]: Optional<Int>.none,
        ]
        #expect(try client.setMulti(mixed) == [])
        #expect(try client.get(keys[0]) == "text")
        #expect(try client.get(keys[1]) == 2)
        #expect(try client.get(keys[2]) == true)
        #expect(try client.get(keys[3]) == Person.ada)
        #expect(try client.get(keys[4]) == [1, 2] as [UInt8])
        #expect(try client.get(keys[5], as: Int?.self) == .some(nil))
        #expect(Set(try client.addMulti(mixed)) == Set(keys))
        #expect(try client.deleteMulti(keys.prefix(2)))
        #expect(Set(try client.replaceMulti(mixed)) == Set(keys.prefix(2)))
        #expect(Set(try client.addMulti(mixed)) == Set(keys.dropFirst(2)))
    }

    @Test(arguments: Fleet.allCases)
    func ofEqualKeysTheLastWins(_ fleet: Fleet) throws {
        let client = try fleet.client()
        let keys = uniqueKeys(3)
        let pairs = (0..<30).map { (keys[$0 % 3], $0) }
        #expect(try client.addMulti(pairs) == [])
        #expect(try client.getMultiArray(keys) == [27, 28, 29])
        #expect(try client.setMulti(pairs.reversed()) == [])
        #expect(try client.getMultiArray(keys) == [0, 1, 2])
        #expect(try client.replaceMulti(pairs) == [])
        #expect(try client.getMultiArray(keys) == [27, 28, 29])
    }

    @Test(arguments: Fleet.allCases)
    func failedKeysAreWithoutPrefix(_ fleet: Fleet) throws {
        let client = try fleet.client()
        let prefix = uniqueKey("prefix")
        #expect(try client.setMulti([1: "a", 2: "b"], keyPrefix: prefix) == [])
        #expect(try client.addMulti([2: "x", 3: "c"], keyPrefix: prefix) == [2])
        #expect(try client.replaceMulti([3: "y", 4: "d"], keyPrefix: prefix) == [4])
        #expect(try client.setMulti([5: Self.huge], keyPrefix: prefix) == [5])
        #expect(try client.getMulti(1...5, keyPrefix: prefix) == [1: "a", 2: "b", 3: "y"])
    }

    @Test(arguments: Fleet.allCases)
    func compressionIsForTheWholeCall(_ fleet: Fleet) throws {
        let client = try fleet.client()
        let keys = uniqueKeys(10)
        let long = String(repeating: "memcached", count: 100)
        let pairs = keys.enumerated().map { ($1, $0.isMultiple(of: 2) ? long : "short") }
        #expect(try client.setMulti(pairs, minCompressLen: 100, compressLevel: 9) == [])
        let items = try client.items(keys)
        for (number, key) in keys.enumerated() {
            #expect(items[key]?.flags == (number.isMultiple(of: 2) ? [.text, .zlib] : .text))
            #expect(try client.get(key) == (number.isMultiple(of: 2) ? long : "short"))
        }
        #expect(try client.replaceMulti(pairs, compressLevel: 0) == [])
        #expect(try client.items(keys).values.allSatisfy { $0.flags == .text })
    }

    @Test(arguments: Fleet.allCases)
    func withoutReplyTheyArriveAllTheSame(_ fleet: Fleet) async throws {
        let client = try fleet.client()
        let keys = uniqueKeys(200)
        #expect(try client.setMulti(keys.enumerated().map { ($1, $0) }, noreply: true) == [])
        #expect(try client.getMultiArray(keys) == Array(0..<200))
        _ = try client.addMulti(keys.map { ($0, "no") }, noreply: true)
        _ = try client.replaceMulti([(uniqueKey(), "no")], noreply: true)
        _ = try client.setMulti([(keys[0], Self.huge)], noreply: true)
        #expect(try client.getMultiArray(keys.dropFirst()) == Array(1..<200))
        try client.deleteMulti(keys + [uniqueKey()], noreply: true)
        #expect(try client.getMulti(keys, as: Int.self) == [:])
        #expect(try client.incr(keys[0], initial: 3) == 3)
    }
}
