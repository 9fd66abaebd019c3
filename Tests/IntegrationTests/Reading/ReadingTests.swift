import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// `get`, with its default, and `contains`.
@Suite("Reading one item", .timeLimit(.minutes(5)))
struct ReadingTests {
    @Test(arguments: Route.allCases)
    func whatIsStoredComesBack(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, "text ✍️")
        #expect(try client.get(key) == "text ✍️")
        try client.set(key, [UInt8].everyByte)
        #expect(try client.get(key) == [UInt8].everyByte)
        try client.set(key, Data([0, 255, 10]))
        #expect(try client.get(key) == Data([0, 255, 10]))
        try client.set(key, -42)
        #expect(try client.get(key) == -42)
        try client.set(key, true)
        #expect(try client.get(key) == true)
        try client.set(key, 0.1)
        #expect(try client.get(key) == 0.1)
        try client.set(key, Person.ada)
        #expect(try client.get(key) == Person.ada)
    }

    @Test(arguments: Route.allCases)
    func missIsNil(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        #expect(try client.get(key, as: String.self) == nil)
        #expect(try client.get(key, as: [UInt8].self) == nil)
        #expect(try client.get(key, as: Data.self) == nil)
        #expect(try client.get(key, as: Int.self) == nil)
        #expect(try client.get(key, as: Person.self) == nil)
    }

    @Test(arguments: Route.protocols)
    func missGivesTheDefault(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        #expect(try client.get(key, default: "nothing") == "nothing")
        #expect(try client.get(key, as: Int.self, default: 7) == 7)
        try client.set(key, 0)
        #expect(try client.get(key, default: 7) == 0)
    }

    @Test(arguments: Route.protocols)
    func defaultDoesNotHideErrors(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, "no number")
        expectFailure(.deserialization) { try client.get(key, default: 7) }
        expectFailure(.badKey) { try client.get("", default: 7) }
    }

    @Test(.hazard(44), arguments: Route.allCases)
    func emptyValueIsNoMiss(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, "")
        #expect(try client.get(key, as: String.self) == "")
        #expect(try client.get(key, as: [UInt8].self) == [])
        #expect(try client.get(key, as: Data.self) == Data())
        #expect(try client.gets(key, as: String.self)?.value == "")
        #expect(try client.withBytes(key) { $0.byteCount } == 0)
        #expect(try client.item(key)?.bytes == [])
        #expect(try client.contains(key))
        // The next read gets nothing of it.
        #expect(try client.get(uniqueKey(), as: String.self) == nil)
    }

    @Test(arguments: Route.allCases, [1, 1_000, 100_000, 1_000_000])
    func sizesDoNotMatter(_ route: Route, size: Int) throws {
        let client = try route.client()
        let key = uniqueKey()
        let value = [UInt8].noise(size)
        try client.set(key, value)
        #expect(try client.get(key) == value)
        // A short one after a long one.
        try client.set(key, "short")
        #expect(try client.get(key) == "short")
    }

    @Test(arguments: Route.allCases)
    func hitsAndMissesDoNotMixUp(_ route: Route) throws {
        let client = try route.client()
        let keys = uniqueKeys(60)
        for (number, key) in keys.enumerated() where number % 3 != 0 { try client.set(key, number) }
        for round in 0..<4 {
            for (number, key) in keys.enumerated().shuffled() {
                switch (number + round) % 4 {
                case 0: #expect(try client.get(key) == (number % 3 == 0 ? nil : number))
                case 1: #expect(try client.contains(key) == (number % 3 != 0))
                case 2: #expect(try client.gets(key, as: Int.self)?.value == (number % 3 == 0 ? nil : number))
                default: #expect(try client.getMulti([key], as: Int.self) == (number % 3 == 0 ? [:] : [key: number]))
                }
            }
        }
    }

    @Test(arguments: Route.allCases)
    func containsTellsWhetherThereIsAnItem(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        #expect(try !client.contains(key))
        try client.set(key, "x", time: 1000)
        let token = try #require(try client.gets(key, as: String.self)).cas
        #expect(try client.contains(key))
        #expect(try client.gets(key, as: String.self)?.cas == token)
        try client.delete(key)
        #expect(try !client.contains(key))
        // Asking has not made one either.
        #expect(try client.get(key, as: String.self) == nil)
    }

    @Test(arguments: Route.protocols)
    func containsDoesNotCareWhatTheValueIs(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try route.server.plant(key, Array("no zlib stream".utf8), flags: .zlib)
        #expect(try client.contains(key))
    }

    @Test(arguments: Route.allCases)
    func disconnectingIsHarmless(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        client.disconnectAll()
        try client.set(key, 1)
        client.disconnectAll()
        client.disconnectAll()
        #expect(try client.get(key) == 1)
    }
}
