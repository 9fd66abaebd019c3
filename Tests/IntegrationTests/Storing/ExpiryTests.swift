import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// When items expire.
///
/// What is far ahead is read off the server, which tells how many seconds an item has left; what is near is waited for,
/// by all tests at the same time.
@Suite("Expiry", .timeLimit(.minutes(5)))
struct ExpiryTests {
    /// Calls that take a time, each storing `1` under a fresh key.
    static let writers = [
        Writer("set") { try $0.set($1, 1, time: $2) },
        Writer("add") { _ = try $0.add($1, 1, time: $2) },
        Writer("replace") { client, key, time in
            try client.set(key, 0)
            _ = try client.replace(key, 1, time: time)
        },
        Writer("cas") { client, key, time in
            try client.set(key, 0)
            _ = try client.cas(key, 1, cas: try #require(try client.item(key)).cas, time: time)
        },
        Writer("update") { client, key, time in try client.update(key, as: Int.self, time: time) { _ in 1 } },
        Writer("update of an item") { client, key, time in
            try client.set(key, 0)
            try client.update(key, as: Int.self, time: time) { _ in 1 }
        },
        Writer("incr") { try $0.incr($1, initial: 1, time: $2) },
        Writer("decr") { try $0.decr($1, initial: 1, time: $2) },
        Writer("touch") { client, key, time in
            try client.set(key, 1)
            try client.touch(key, time: time)
        },
        Writer("setMulti") { _ = try $0.setMulti([$1: 1], time: $2) },
        Writer("setMulti of several types") { _ = try $0.setMulti([$1: 1] as [String: any Encodable], time: $2) },
        Writer("setMulti of pairs") { _ = try $0.setMulti([($1, 1)], time: $2) },
        Writer("addMulti") { _ = try $0.addMulti([$1: 1], time: $2) },
        Writer("replaceMulti") { client, key, time in
            try client.set(key, 0)
            _ = try client.replaceMulti([key: 1], time: time)
        },
        Writer("touchMulti") { client, key, time in
            try client.set(key, 1)
            try client.touchMulti([key], time: time)
        },
        Writer("set without reply") { try $0.set($1, 1, time: $2, noreply: true) },
    ]

    struct Writer: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let write: @Sendable (Client, String, Expiration) throws -> Void

        init(_ name: String, _ write: @escaping @Sendable (Client, String, Expiration) throws -> Void) {
            testDescription = name
            self.write = write
        }
    }

    @Test(arguments: writers, Route.protocols)
    func everyWriteHeedsTheTime(_ writer: Writer, _ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try writer.write(client, key, 1000)
        #expect(try client.get(key) == 1)
        #expect(try 900...1000 ~= #require(try route.server.timeToLive(key)))
    }

    @Test(.hazard(56), arguments: writers, Route.protocols)
    func thirtyDaysAreNoLimit(_ writer: Writer, _ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try writer.write(client, key, .days(31))
        #expect(try client.get(key) == 1)
        #expect(try (31 * 86400 - 100)...(31 * 86400 + 3) ~= #require(try route.server.timeToLive(key)))
    }

    @Test(.hazard(56), arguments: writers, Route.protocols)
    func aNegativeTimeIsNow(_ writer: Writer, _ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try writer.write(client, key, -1)
        #expect(try client.get(key, as: Int.self) == nil)
    }

    @Test(arguments: writers, Route.protocols)
    func zeroIsNever(_ writer: Writer, _ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try writer.write(client, key, 0)
        #expect(try client.get(key) == 1)
        #expect(try route.server.timeToLive(key) == -1)
    }

    @Test(arguments: writers, Route.protocols)
    func itemsAreGoneWhenTheTimeIsOver(_ writer: Writer, _ route: Route) async throws {
        let client = try route.client()
        let key = uniqueKey()
        try writer.write(client, key, 2)
        // memcached's clock ticks once a second, so that a second may have to do for this.
        #expect(try client.contains(key))
        #expect(try await eventually { try client.get(key, as: Int.self) == nil })
        #expect(try !client.contains(key))
        #expect(try client.getMulti([key], as: Int.self) == [:])
        #expect(try client.add(key, 2))
    }

    @Test(arguments: Route.protocols)
    func everyWayToSayATime(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        // The server's clock may be a second or two behind when dates are turned into seconds.
        func left(_ time: Expiration) throws -> Int? {
            try client.set(key, 1, time: time)
            return try route.server.timeToLive(key)
        }
        let day = 86400
        #expect(try left(.never) == -1)
        #expect(try left(.now) == nil)
        #expect(try left(.seconds(0)) == -1)
        #expect(try left(.seconds(-5)) == nil)
        #expect(try 50...60 ~= #require(try left(.minutes(1))))
        #expect(try 3500...3600 ~= #require(try left(60 * 60)))
        #expect(try 7100...7200 ~= #require(try left(.hours(2))))
        #expect(try (30 * day - 100)...(30 * day) ~= #require(try left(.days(30))))
        #expect(try (365 * day - 100)...(365 * day + 3) ~= #require(try left(.days(365))))
        #expect(try 9...10 ~= #require(try left(.duration(.milliseconds(9_500)))))
        #expect(try 900...1003 ~= #require(try left(.at(Date(timeIntervalSinceNow: 1000)))))
        #expect(try left(.at(Date(timeIntervalSinceNow: -1000))) == nil)
        #expect(try 900...1003 ~= #require(try left(.unixTime(Int(Date().timeIntervalSince1970) + 1000))))
        #expect(try left(.unixTime(1)) == nil)
        #expect(try #require(try left(.days(1_000_000))) > 365 * day)
        #expect(try #require(try left(.seconds(.max))) > 365 * day)
        #expect(try left(.seconds(.min)) == nil)
    }

    @Test(arguments: Route.protocols)
    func incrementsKeepTheTime(_ route: Route) throws {
        let client = try route.client()
        let key = uniqueKey()
        try client.set(key, 1, time: 1000)
        try client.incr(key)
        // The time given with a start is for counters that are created.
        try client.incr(key, initial: 0, time: 5)
        #expect(try 900...1000 ~= #require(try route.server.timeToLive(key)))
    }
}
