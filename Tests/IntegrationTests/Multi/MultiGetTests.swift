import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// `getMulti`, `getMultiArray`, `getsMulti` and `items`.
@Suite("Reading many items", .timeLimit(.minutes(5)))
struct MultiGetTests {
    @Test(arguments: Fleet.allCases)
    func foundKeysAreInTheResult(_ fleet: Fleet) throws {
        let client = try fleet.client()
        let keys = uniqueKeys(50)
        for (number, key) in keys.enumerated() where !number.isMultiple(of: 5) { try client.set(key, number) }
        let found: [String: Int] = try client.getMulti(keys)
        #expect(found.count == 40)
        for (number, key) in keys.enumerated() {
            #expect(found[key] == (number.isMultiple(of: 5) ? nil : number))
        }
    }

    @Test(arguments: Fleet.allCases)
    func arraysFollowTheOrderOfTheKeys(_ fleet: Fleet) throws {
        let client = try fleet.client()
        let keys = uniqueKeys(50)
        for (number, key) in keys.enumerated() where number % 3 > 0 { try client.set(key, "\(number)") }
        for order in [Array(keys.indices), keys.indices.reversed(), keys.indices.shuffled()] {
            let values: [String?] = try client.getMultiArray(order.map { keys[$0] })
            #expect(values == order.map { $0 % 3 > 0 ? "\($0)" : nil })
        }
    }

    @Test(arguments: Fleet.allCases)
    func everyTypeOfValueComesBack(_ fleet: Fleet) throws {
        let client = try fleet.client()
        let keys = uniqueKeys(20)
        #expect(try client.setMulti(keys.enumerated().map { ($1, [UInt8].noise($0 * 100)) }) == [])
        let bytes: [String: [UInt8]] = try client.getMulti(keys)
        let data: [String: Data] = try client.getMulti(keys)
        #expect(bytes.count == 20)
        for (number, key) in keys.enumerated() {
            #expect(bytes[key] == [UInt8].noise(number * 100))
            #expect(data[key] == Data([UInt8].noise(number * 100)))
        }
        #expect(try client.setMulti(keys.map { ($0, Person(name: $0, age: 1)) }) == [])
        let people = try client.getMulti(keys, as: Person.self)
        for key in keys { #expect(people[key]?.name == key) }
    }

    @Test(arguments: Fleet.allCases)
    func duplicatesCollapse(_ fleet: Fleet) throws {
        let client = try fleet.client()
        let keys = uniqueKeys(9)
        #expect(try client.setMulti(keys.map { ($0, $0) }) == [])
        let missing = uniqueKey()
        let asked = keys + [missing] + keys.reversed() + [missing] + keys
        #expect(try client.getMulti(asked) == Dictionary(uniqueKeysWithValues: keys.map { ($0, $0) }))
        #expect(try client.getMultiArray(asked) == keys + [nil] + keys.reversed() + [nil] + keys)
        #expect(try client.items(asked).count == 9)
        #expect(try client.getsMulti(asked, as: String.self).count == 9)
        #expect(try client.getMulti([missing, missing], as: String.self) == [:])
        // Nothing of it is left over.
        #expect(try client.get(keys[3]) == keys[3])
    }

    @Test(arguments: [true, false])
    func noKeysCostNothing(binary: Bool) throws {
        let server = try FakeServer(.silent)
        let client = try Client([server.address], binary: binary)
        let none: [String] = []
        #expect(try client.getMulti(none, as: Int.self) == [:])
        #expect(try client.getMultiArray(none, keyPrefix: "p", as: String.self) == [])
        #expect(try client.getsMulti(none, as: Int.self).isEmpty)
        #expect(try client.items(none) == [:])
        #expect(try client.setMulti([String: Int]()) == [])
        #expect(try client.setMulti([String: any Encodable]()) == [])
        #expect(try client.addMulti([(String, Int)]()) == [])
        #expect(try client.replaceMulti([String: Int]()) == [])
        #expect(try client.deleteMulti(none))
        #expect(try client.touchMulti(none, time: 1) == [])
        try client.incrMulti(none)
        try client.decrMulti(none)
        #expect(server.connectionCount == 0)
    }

    @Test(.hazard(44), arguments: Fleet.allCases)
    func emptyValuesAreNoMisses(_ fleet: Fleet) throws {
        let client = try fleet.client()
        let keys = uniqueKeys(10)
        #expect(try client.setMulti(keys.map { ($0, "") }) == [])
        #expect(try client.getMultiArray(keys + [uniqueKey()], as: String.self) == keys.map { _ in "" } + [nil])
        #expect(try client.getMulti(keys, as: [UInt8].self).values.allSatisfy(\.isEmpty))
    }

    @Test(arguments: Fleet.allCases)
    func prefixesAreForTheWireOnly(_ fleet: Fleet) throws {
        let client = try fleet.client()
        let prefix = uniqueKey("prefix")
        let keys = (0..<30).map { "\($0)" }
        #expect(try client.setMulti(keys.map { ($0, $0) }, keyPrefix: prefix) == [])
        for key in keys { #expect(try client.get(prefix + key) == key) }
        #expect(try client.getMulti(keys, keyPrefix: prefix) == Dictionary(uniqueKeysWithValues: keys.map { ($0, $0) }))
        #expect(try client.getMultiArray(keys, keyPrefix: prefix) == keys)
        #expect(try client.items(keys, keyPrefix: prefix).count == 30)
        #expect(try client.getsMulti(keys, keyPrefix: prefix, as: String.self)["7"]?.value == "7")
        // Keys that are no text keep their type.
        let numbers: [Int: String] = try client.getMulti(0..<30, keyPrefix: prefix)
        #expect(numbers == Dictionary(uniqueKeysWithValues: (0..<30).map { ($0, "\($0)") }))
        // An empty prefix is none.
        #expect(try client.getMulti([prefix + "1"], keyPrefix: "", as: String.self).count == 1)
    }

    @Test(.hazard(40), arguments: Fleet.allCases)
    func namespacesAreForTheWireOnly(_ fleet: Fleet) throws {
        let namespace = uniqueKey("namespace")
        let client = try fleet.client(.namespace(namespace))
        let keys = (0..<30).map { "\($0)" }
        #expect(try client.setMulti(keys.map { ($0, $0) }) == [])
        #expect(try client.getMulti(keys + ["30"]) == Dictionary(uniqueKeysWithValues: keys.map { ($0, $0) }))
        #expect(try client.getMultiArray(keys, as: String.self) == keys)
        #expect(try client.items(keys)["5"]?.key == Array("5".utf8))
        #expect(try client.setMulti(["x": 1], keyPrefix: "p") == [])
        #expect(try client.getMulti(["x"], keyPrefix: "p") == ["x": 1])
        // On one server, where the namespace does not matter for the place, they can be seen as they are.
        if fleet == .oneBinary || fleet == .oneASCII {
            let plain = try fleet.client()
            #expect(try plain.get("\(namespace)7") == "7")
            #expect(try plain.get("\(namespace)px") == 1)
            #expect(try plain.get("7", as: String.self) == nil)
        }
    }

    @Test(arguments: Fleet.allCases)
    func versionsComeAlong(_ fleet: Fleet) throws {
        let client = try fleet.client()
        let keys = uniqueKeys(20)
        #expect(try client.setMulti(keys.map { ($0, 1) }) == [])
        let found = try client.getsMulti(keys, as: Int.self)
        let items = try client.items(keys)
        for key in keys {
            let version = try #require(try client.gets(key, as: Int.self)).cas
            #expect(version.rawValue != 0)
            #expect(found[key]?.cas == version)
            #expect(items[key]?.cas == version)
        }
    }

    @Test(arguments: Fleet.allCases)
    func compressedValuesAreInflated(_ fleet: Fleet) throws {
        let client = try fleet.client()
        let keys = uniqueKeys(30)
        let values = keys.map { String(repeating: $0, count: 50) }
        for (number, key) in keys.enumerated() {
            try client.set(key, values[number], minCompressLen: number.isMultiple(of: 2) ? 1 : 0)
        }
        #expect(try client.getMultiArray(keys) == values)
        #expect(try client.getMultiArray(keys) == values.map { Array($0.utf8) })
        #expect(try client.getMultiArray(keys) == values.map { Data($0.utf8) })
        let items = try client.items(keys)
        #expect(items[keys[0]]?.flags == [.text, .zlib])
        #expect(items[keys[1]]?.flags == .text)
        #expect(try #require(items[keys[0]]).decode() == values[0])
    }

    @Test(arguments: Fleet.allCases)
    func anySequenceOfKeysWillDo(_ fleet: Fleet) throws {
        let client = try fleet.client(.namespace(uniqueKey("ns")))
        #expect(try client.setMulti((0..<10).map { ($0, $0 * $0) }) == [])
        #expect(try client.getMulti(0..<10, as: Int.self).count == 10)
        #expect(try client.getMulti(Set([1, 2])) == [1: 1, 2: 4])
        #expect(try client.getMultiArray((0..<10).lazy.filter { $0 > 7 }) == [64, 81])
        #expect(try client.getMultiArray(stride(from: 0, to: 10, by: 3)) == [0, 9, 36, 81])
        #expect(try client.deleteMulti(sequence(first: 0) { $0 < 9 ? $0 + 1 : nil }))
    }
}
