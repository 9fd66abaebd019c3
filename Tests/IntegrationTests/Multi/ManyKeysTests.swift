import SwiftLibMC
import TestSupport
import Testing

/// Calls with very many keys, or with much to carry.
@Suite("Calls with 10,000 keys", .timeLimit(.minutes(5)))
struct ManyKeysTests {
    /// The ones that differ in how much their sockets hold and in who reads when.
    private static let fleets = [Fleet.oneBinary, .oneUnix, .threeUnix, .threeASCII]

    @Test(arguments: fleets)
    func allOperationsAreExact(_ fleet: Fleet) throws {
        let client = try fleet.client()
        let keys = uniqueKeys(10_000)
        #expect(try client.setMulti(keys.enumerated().map { ($1, $0) }) == [])
        #expect(try client.getMultiArray(keys) == Array(0..<10_000))

        let gone = Set(stride(from: 0, to: 10_000, by: 97).map { keys[$0] })
        #expect(try client.deleteMulti(gone))
        #expect(try !client.deleteMulti(keys[0..<10]))
        let left = keys.dropFirst(10).filter { !gone.contains($0) }
        let found: [String: Int] = try client.getMulti(keys)
        #expect(found.count == left.count)
        #expect(left.allSatisfy { found[$0] != nil })

        #expect(Set(try client.addMulti(keys.map { ($0, -1) })) == Set(left))
        let values: [Int?] = try client.getMultiArray(keys)
        #expect(values.filter { $0 == -1 }.count == 10_000 - left.count)
        #expect(try client.deleteMulti(keys))
        #expect(try client.getMulti(keys, as: Int.self) == [:])
    }

    @Test(.hazard(2, 34), arguments: fleets)
    func valuesOfOneKilobyte(_ fleet: Fleet) throws {
        let client = try fleet.client()
        let keys = uniqueKeys(10_000)
        let filling = String(repeating: "x", count: 1000)
        #expect(try client.setMulti(keys.map { ($0, $0 + filling) }) == [])
        let values: [String?] = try client.getMultiArray(keys)
        #expect(zip(keys, values).allSatisfy { $1 == $0 + filling })
        #expect(try client.deleteMulti(keys))
    }

    @Test(.hazard(34), arguments: fleets)
    func longKeys(_ fleet: Fleet) throws {
        let client = try fleet.client()
        let keys = uniqueKeys(10_000).map { $0 + String(repeating: "k", count: 250 - $0.utf8.count) }
        #expect(try client.setMulti(keys.map { ($0, 1) }) == [])
        #expect(try client.getMulti(keys, as: Int.self).count == 10_000)
        #expect(try client.deleteMulti(keys))
    }

    @Test(.hazard(9), arguments: fleets)
    func manyMisses(_ fleet: Fleet) throws {
        let client = try fleet.client()
        let keys = uniqueKeys(10_000)
        try client.set(keys[9_999], 1)
        #expect(try client.getMulti(keys) == [keys[9_999]: 1])
        #expect(try !client.deleteMulti(keys))
        #expect(try client.getMulti(keys, as: Int.self) == [:])
    }

    @Test(arguments: fleets)
    func largeValues(_ fleet: Fleet) throws {
        let client = try fleet.client()
        let keys = uniqueKeys(20)
        let noise = [UInt8].noise(500_000)
        #expect(try client.setMulti(keys.enumerated().map { ($1, Array(noise.dropFirst($0))) }) == [])
        let values: [[UInt8]?] = try client.getMultiArray(keys)
        #expect(values.enumerated().allSatisfy { $1 == Array(noise.dropFirst($0)) })
        #expect(try client.deleteMulti(keys))
    }
}
