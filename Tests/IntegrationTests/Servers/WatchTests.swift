import TestSupport
import Testing

@testable import SwiftLibMC

/// Hearing what happens on a server.
@Suite("Watching", .timeLimit(.minutes(2)))
struct WatchTests {
    /// The lines that come while `body` is run again and again, until one of them is what is waited for.
    private func lines(
        _ events: Set<WatchedEvent>,
        of client: Client,
        until isLast: (String) -> Bool,
        _ body: () throws -> Void
    ) throws -> [String] {
        var lines: [String] = []
        try client.watch(events, on: client.servers[0], pause: .milliseconds(50)) { line in
            guard let line else {
                try body()
                return true
            }
            lines.append(line)
            return !isLast(line)
        }
        return lines
    }

    @Test(.memcached(), arguments: Route.protocols)
    func readsAndStoresAreHeard(_ route: Route) throws {
        let client = try route.client(of: [#require(MemcachedServer.current).address])
        let other = try client.clone()
        let lines = try lines([.fetchers, .mutations], of: client, until: { $0.contains("status=found") }) {
            try other.set("heard", 1)
            _ = try other.get("heard", as: Int.self)
            _ = try other.get("nothing", as: Int.self)
        }
        #expect(lines.contains { $0.contains("type=item_get key=heard status=found") })
        #expect(lines.allSatisfy { $0.hasPrefix("ts=") || $0.hasPrefix("skipped=") })
    }

    @Test(.memcached())
    func onlyWhatWasAskedForIsHeard() throws {
        let client = try Client([#require(MemcachedServer.current).address])
        let other = try client.clone()
        let lines = try lines([.mutations], of: client, until: { $0.contains("key=last") }) {
            _ = try other.get("nothing", as: Int.self)
            try other.set("first", 1)
            try other.set("last", 1)
        }
        #expect(lines.contains { $0.contains("key=first") })
        #expect(!lines.contains { $0.contains("item_get") })
    }

    @Test(.memcached())
    func bodyIsAskedEvenIfNothingHappens() throws {
        let client = try Client([#require(MemcachedServer.current).address])
        var pauses = 0
        try client.watch([.evictions], on: client.servers[0], pause: .milliseconds(10)) { line in
            #expect(line == nil)
            pauses += 1
            return pauses < 3
        }
        #expect(pauses == 3)
    }

    @Test(.memcached())
    func errorsOfTheBodyPassThrough() throws {
        struct Enough: Error {}
        let client = try Client([#require(MemcachedServer.current).address])
        #expect(throws: Enough.self) {
            try client.watch([.evictions], on: client.servers[0], pause: .milliseconds(10)) { _ in throw Enough() }
        }
        try client.set("a", 1)
        #expect(try client.get("a") == 1)
    }

    @Test(.memcached())
    func nothingToWatchIsAMistake() throws {
        let client = try Client([#require(MemcachedServer.current).address])
        expectFailure(.invalidArguments) { try client.watch([], on: client.servers[0]) { _ in false } }
    }

    @Test(.memcached("-W"))
    func aServerThatDoesNotAllowItSaysSo() throws {
        let client = try Client([#require(MemcachedServer.current).address])
        let error = #expect(throws: MemcachedError.self) {
            try client.watch([.mutations], on: client.servers[0]) { _ in false }
        }
        #expect(error?.code == .clientError)
        #expect(error?.detail == "the server refuses: CLIENT_ERROR watch commands not allowed")
    }

    @Test func passwordsRuleItOut() throws {
        let client = try Client(["127.0.0.1"], username: "u", password: "p")
        expectFailure(.notSupported) { try client.watch([.mutations], on: client.servers[0]) { _ in false } }
    }

    @Test func anUnknownEventIsNotSupported() throws {
        let server = try FakeServer(.answering("ERROR\r\n"))
        let client = try Client([server.address])
        let error = #expect(throws: MemcachedError.self) {
            try client.watch([.deletions, .mutations], on: client.servers[0]) { _ in false }
        }
        #expect(error?.code == .notSupported)
        #expect(error?.server == client.servers[0])
        #expect(server.received == Array("watch deletions mutations\r\n".utf8))
    }

    @Test func whatIsHeardIsEscaped() throws {
        let server = try FakeServer(
            FakeScript([.request, .send(Array("OK\r\ntype=\u{1B}[2J\u{9B}x\r\n".utf8)), .stall])
        )
        let client = try Client([server.address])
        var heard: String?
        try client.watch([.mutations], on: client.servers[0]) { line in
            heard = line
            return line == nil
        }
        #expect(heard == #"type=\u{1b}[2J\u{9b}x"#)
    }

    /// Half a line is kept until the rest comes.
    @Test func linesMayComeInPieces() throws {
        let pieces: [FakeScript.Step] = ["OK\r\nts=1 ty", "pe=item_get k", "ey=a\r\n"].flatMap {
            [.send(Array($0.utf8)), .pause(.milliseconds(100))]
        }
        let server = try FakeServer(FakeScript([.request] + pieces + [.stall]))
        let client = try Client([server.address])
        var heard: [String?] = []
        try client.watch([.fetchers], on: client.servers[0], pause: .milliseconds(20)) { line in
            heard.append(line)
            return line == nil
        }
        #expect(heard.last == "ts=1 type=item_get key=a")
        #expect(heard.count > 1)
    }

    @Test func theServersEndIsAnError() throws {
        let server = try FakeServer(FakeScript([.request, .send(Array("OK\r\nts=1\r\n".utf8))]))
        let client = try Client([server.address])
        var count = 0
        expectFailure(.readFailure) {
            try client.watch([.mutations], on: client.servers[0]) { _ in
                count += 1
                return true
            }
        }
        #expect(count == 1)
    }
}
