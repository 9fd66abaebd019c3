import SwiftLibMC
import TestSupport
import Testing

/// `deleteMulti`, `touchMulti`, `incrMulti` and `decrMulti`.
@Suite("Changing many items", .timeLimit(.minutes(5)))
struct MultiChangeTests {
    @Test(.hazard(9, 16), arguments: Fleet.allCases)
    func deleteTellsWhetherAllWereThere(_ fleet: Fleet) throws {
        let client = try fleet.client()
        let keys = uniqueKeys(40)
        #expect(try client.setMulti(keys.map { ($0, 1) }) == [])
        #expect(try client.deleteMulti(keys))
        #expect(try client.getMulti(keys, as: Int.self) == [:])
        #expect(try !client.deleteMulti(keys))
        for missing in [0, 20, 39] {
            #expect(try client.setMulti(keys.map { ($0, 1) }) == [])
            try client.delete(keys[missing])
            #expect(try !client.deleteMulti(keys))
            // The others have gone all the same.
            #expect(try client.getMulti(keys, as: Int.self) == [:])
        }
        #expect(try client.get(keys[0], as: Int.self) == nil)
    }

    @Test(arguments: Fleet.allCases)
    func aKeyGivenTwiceIsDeletedOnce(_ fleet: Fleet) throws {
        let client = try fleet.client()
        let keys = uniqueKeys(5)
        #expect(try client.setMulti(keys.map { ($0, 1) }) == [])
        #expect(try client.deleteMulti(keys + keys))
    }

    @Test(arguments: Fleet.allCases)
    func touchGivesTheKeysThatAreMissing(_ fleet: Fleet) throws {
        let client = try fleet.client()
        let keys = uniqueKeys(20)
        let there = keys.enumerated().filter { $0.offset % 3 == 0 }.map(\.element)
        #expect(try client.setMulti(there.map { ($0, 1) }) == [])
        #expect(try client.touchMulti(keys, time: 1000) == keys.filter { !there.contains($0) })
        #expect(try client.touchMulti(there + there, time: .now) == [])
        #expect(try client.getMulti(keys, as: Int.self) == [:])
        #expect(try client.touchMulti(there, time: 1000) == there)
    }

    @Test(arguments: Fleet.allCases)
    func countersGoUpAndDown(_ fleet: Fleet) throws {
        let client = try fleet.client()
        let keys = uniqueKeys(20)
        #expect(try client.setMulti(keys.enumerated().map { ($1, $0) }) == [])
        try client.incrMulti(keys)
        #expect(try client.getMultiArray(keys) == (0..<20).map { $0 + 1 })
        try client.incrMulti(keys, delta: 1 << 40)
        try client.decrMulti(keys, delta: UInt64(1) << 40)
        #expect(try client.getMultiArray(keys) == (0..<20).map { $0 + 1 })
        try client.decrMulti(keys, delta: 11)
        #expect(try client.getMultiArray(keys) == (0..<20).map { max(0, $0 - 10) })
    }

    @Test(arguments: Fleet.allCases)
    func missingCountersAreNamedAfterTheRestIsDone(_ fleet: Fleet) throws {
        let client = try fleet.client()
        let keys = uniqueKeys(20)
        let missing = [keys[0], keys[7], keys[19]]
        #expect(try client.setMulti(keys.filter { !missing.contains($0) }.map { ($0, 5) }) == [])
        let error = expectFailure(.notFound) { try client.incrMulti(keys) }
        #expect(error?.partialResult?.failedKeys == missing)
        #expect(error?.operation == "incrMulti")
        for key in keys { #expect(try client.get(key) == (missing.contains(key) ? nil : 6)) }
        let down = expectFailure(.notFound) { try client.decrMulti(keys, delta: 2) }
        #expect(down?.partialResult?.failedKeys == missing)
        for key in keys { #expect(try client.get(key) == (missing.contains(key) ? nil : 4)) }
    }

    @Test(arguments: Fleet.allCases)
    func aValueThatIsNoNumberIsNamedAfterTheRestIsDone(_ fleet: Fleet) throws {
        let client = try fleet.client()
        let keys = uniqueKeys(10)
        #expect(try client.setMulti(keys.map { ($0, 5) }) == [])
        try client.set(keys[4], "text")
        let error = expectFailure(.notNumeric) { try client.incrMulti(keys) }
        #expect(error?.key == keys[4])
        for key in keys where key != keys[4] { #expect(try client.get(key) == 6) }
        #expect(try client.get(keys[4]) == "text")
    }

    @Test(arguments: Fleet.allCases)
    func prefixesAreForTheWireOnly(_ fleet: Fleet) throws {
        let client = try fleet.client()
        let prefix = uniqueKey("prefix")
        #expect(try client.setMulti(["a": 1, "b": 2], keyPrefix: prefix) == [])
        try client.incrMulti(["a", "b"], keyPrefix: prefix, delta: 10)
        try client.decrMulti(["a"], keyPrefix: prefix)
        #expect(try client.get("\(prefix)a") == 10)
        #expect(try client.get("\(prefix)b") == 12)
        #expect(try client.touchMulti(["b", "c"], keyPrefix: prefix, time: 100) == ["c"])
        let error = expectFailure(.notFound) { try client.incrMulti(["a", "c"], keyPrefix: prefix) }
        #expect(error?.key == "c")
        #expect(error?.partialResult?.failedKeys == ["c"])
        #expect(try client.deleteMulti(["a", "b"], keyPrefix: prefix))
        #expect(try !client.contains("\(prefix)a"))
    }

    @Test(arguments: Fleet.allCases)
    func aKeyGivenTwiceCountsTwice(_ fleet: Fleet) throws {
        let client = try fleet.client()
        let key = uniqueKey()
        try client.set(key, 0)
        try client.incrMulti([key, key, key])
        #expect(try client.get(key) == 3)
    }
}
