import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// The types that keys can have.
@Suite("Types of keys", .timeLimit(.minutes(5)))
struct KeyTests {
    /// Runs every operation on a key, and compares with what is stored under its text.
    private func check<K: CacheKey>(_ key: K, isStoredUnder name: [UInt8], _ client: Client) throws {
        try client.set(key, 1)
        #expect(try client.get(name, as: Int.self) == 1)
        #expect(try client.item(key)?.key == name)
        #expect(try client.incr(key) == 2)
        #expect(try client.decr(key) == 1)
        #expect(try client.incr(key, delta: 2, initial: 9) == 3)
        #expect(try client.append(key, "1"))
        #expect(try client.prepend(key, "1"))
        #expect(try client.get(key) == 131)
        #expect(try client.withBytes(key) { $0.byteCount } == 3)
        #expect(try client.contains(key))
        #expect(try client.touch(key, time: 100))
        #expect(try !client.add(key, 1))
        #expect(try client.replace(key, 2))
        #expect(try client.cas(key, 3, cas: try #require(try client.gets(key, as: Int.self)).cas))
        #expect(try client.update(key, as: Int.self) { ($0 ?? 0) + 1 } == 4)
        #expect(try client.getMulti([key]) == [key: 4])
        #expect(try client.getMultiArray([key]) == [4])
        #expect(try client.getsMulti([key], as: Int.self)[key]?.value == 4)
        #expect(try client.items([key])[key]?.key == name)
        #expect(try client.setMulti([key: 5]) == [])
        #expect(try client.addMulti([key: 6]) == [key])
        #expect(try client.replaceMulti([key: 7]) == [])
        try client.incrMulti([key], delta: 3)
        try client.decrMulti([key])
        #expect(try client.touchMulti([key], time: 100) == [])
        #expect(client[key] == 9)
        client[key] = 10
        #expect(try client.get(name, as: Int.self) == 10)
        #expect(try client.deleteMulti([key]))
        #expect(try !client.delete(key))
        #expect(try client.server(for: key) == client.servers[0])
    }

    private enum Name: String, CacheKey {
        case only = "key-of-an-enumeration"
    }

    @Test(arguments: Route.protocols)
    func textBytesAndNumbers(_ route: Route) throws {
        let client = try route.client(.namespace(uniqueKey("ns")))
        try check("text", isStoredUnder: Array("text".utf8), client)
        try check("sub-text".dropFirst(4), isStoredUnder: Array("text".utf8), client)
        try check(Array("bytes".utf8), isStoredUnder: Array("bytes".utf8), client)
        try check(Data("data".utf8), isStoredUnder: Array("data".utf8), client)
        try check(Name.only, isStoredUnder: Array("key-of-an-enumeration".utf8), client)
        try check(GroupedKey(group: "g", key: "grouped"), isStoredUnder: Array("grouped".utf8), client)
        try check(Int.min, isStoredUnder: Array("-9223372036854775808".utf8), client)
        try check(Int8(-8), isStoredUnder: Array("-8".utf8), client)
        try check(Int16(16), isStoredUnder: Array("16".utf8), client)
        try check(Int32(-32), isStoredUnder: Array("-32".utf8), client)
        try check(Int64(64), isStoredUnder: Array("64".utf8), client)
        try check(UInt(0), isStoredUnder: Array("0".utf8), client)
        try check(UInt8(255), isStoredUnder: Array("255".utf8), client)
        try check(UInt16(160), isStoredUnder: Array("160".utf8), client)
        try check(UInt32(320), isStoredUnder: Array("320".utf8), client)
        try check(UInt64.max, isStoredUnder: Array("18446744073709551615".utf8), client)
    }

    @Test(.hazard(42), arguments: Route.protocols)
    func textOfAnyLanguage(_ route: Route) throws {
        let client = try route.client(.namespace(uniqueKey("ns")))
        for key in ["ключ", "鍵", "clé", "🔑", "e\u{301}"] {
            try check(key, isStoredUnder: Array(key.utf8), client)
        }
        // Equal to Swift, but not to memcached, which sees bytes.
        try client.set("\u{E9}", 1)
        #expect(try client.get("e\u{301}", as: Int.self) == nil)
    }

    @Test(.hazard(41), arguments: Route.allCases.filter(\.isBinary))
    func anyByteInTheBinaryProtocol(_ route: Route) throws {
        let client = try route.client(.namespace(uniqueKey("ns")))
        for key in ["with blank", "line\r\nbreak", "tab\t", "\0", "a\0b", "\u{7F}", " ", "get x\r\n"] {
            try check(key, isStoredUnder: Array(key.utf8), client)
        }
        try check([0xFF, 0x00, 0xC3, 0x28] as [UInt8], isStoredUnder: [0xFF, 0x00, 0xC3, 0x28], client)
        let keys = [UInt8].everyByte.map { [$0] }
        #expect(try client.setMulti(keys.map { ($0, Int($0[0])) }) == [])
        let found: [[UInt8]: Int] = try client.getMulti(keys)
        #expect(found.count == 256)
        for (key, value) in found { #expect(Int(key[0]) == value) }
        #expect(try client.deleteMulti(keys))
    }

    @Test func anyByteInPrefixesOfTheBinaryProtocol() throws {
        let client = try Route.binaryTCP.client(.namespace(uniqueKey("ns")))
        for prefix in ["a\0b", "\0", "with blank ", "\r\n"] {
            #expect(try client.setMulti(["one": 1, "two": 2], keyPrefix: prefix) == [])
            #expect(try client.getMulti(["one", "two", "three"], keyPrefix: prefix) == ["one": 1, "two": 2])
            #expect(try client.get("\(prefix)one") == 1)
            try client.incrMulti(["one"], keyPrefix: prefix)
            #expect(try client.touchMulti(["one", "three"], keyPrefix: prefix, time: 100) == ["three"])
            #expect(try client.getMultiArray(["two", "one"], keyPrefix: prefix) == [2, 2])
            #expect(try client.deleteMulti(["one", "two"], keyPrefix: prefix))
            #expect(try client.getMulti(["one", "two"], keyPrefix: prefix, as: Int.self) == [:])
        }
    }
}
