import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// What a server does to keep a call for longer than any wait in it.
enum Hold: String, CaseIterable, Sendable {
    /// A byte every 100 ms.
    case drip
    /// The beginning of a reply, and then nothing.
    case stall
    /// No reply at all.
    case mute
    /// Requests are not even read.
    case unread

    func script(binary: Bool) -> FakeScript {
        switch self {
        case .drip: .dribbling(Self.reply(binary: binary), every: .milliseconds(100))
        case .stall: .stalling(afterSending: Array(Self.reply(binary: binary).prefix(10)))
        case .mute: .silent
        case .unread: .frozen
        }
    }

    /// One that takes long to come, and begins like one to anything.
    private static func reply(binary: Bool) -> [UInt8] {
        if binary { return [0x81, 0x00] + [UInt8](repeating: 0, count: 1000) }
        return Array("VALUE \(String(repeating: "k", count: 200)) 0 100000\r\n".utf8)
            + [UInt8](repeating: 97, count: 1000)
    }
}

/// What a call throws; nil if nothing.
private func failure<R>(_ body: () throws -> R) -> MemcachedError? {
    do { _ = try body() } catch { return error as? MemcachedError }
    return nil
}

@Suite("Command time-out", .blocking, .timeLimit(.minutes(5)))
struct CommandTimeoutTests {
    private static let limit = Duration.milliseconds(400)

    /// A client whose waits alone would take much longer.
    private func makeClient(_ address: String, binary: Bool = true) throws -> Client {
        let client = try Client([address], binary: binary, behaviors: .patient)
        client.commandTimeout = Self.limit
        return client
    }

    @Test(.hazard(29), arguments: Hold.allCases, [true, false])
    func everyCommandEnds(_ hold: Hold, binary: Bool) throws {
        let commands = Command.single.filter { $0.description == $0.operation } + Command.multi + Command.ofServers
        for command in commands {
            let server = try FakeServer(hold.script(binary: binary))
            let client = try makeClient(server.address, binary: binary)
            let start = ContinuousClock.now
            let error = failure { try command.run(client, "k") }
            let time = ContinuousClock.now - start
            #expect(error != nil, "\(command)")
            #expect(time < Self.limit + .seconds(1), "\(command) took \(time)")
            server.stop()
        }
    }

    @Test(arguments: [true, false]) func theErrorSaysWhatAndWhere(binary: Bool) throws {
        let server = try FakeServer(Hold.drip.script(binary: binary))
        let client = try makeClient(server.address, binary: binary)
        let read = try #require(failure { try client.get("key", as: String.self) })
        #expect(read.code == .commandTimeout)
        #expect(read.operation == "get" && read.key == "key")
        #expect(read.server?.description == server.address)
        #expect(read.detail.contains("0.4 seconds"))
        #expect(read.isTimeout && !read.isOutcomeUnknown)
        if binary {
            let write = try #require(failure { try client.set("key", 1) })
            #expect(write.code == .commandTimeout && write.isOutcomeUnknown)
        }
    }

    @Test(arguments: [MemcachedOptions.tcp, .unix], [true, false])
    func theNextCallIsServed(_ options: MemcachedOptions, binary: Bool) throws {
        let server = try MemcachedServer.start(options)
        let client = try makeClient(server.address, binary: binary)
        try client.set("key", "value")
        try server.suspend()
        let start = ContinuousClock.now
        let error = failure { try client.get("key", as: String.self) }
        #expect(error?.code == .commandTimeout)
        #expect(ContinuousClock.now - start < .seconds(3))
        server.resume()
        client.commandTimeout = .seconds(30)
        #expect(try client.get("key", as: String.self) == "value")
    }

    /// As that of a server in a container, whose name for the socket means nothing to the client.
    @Test(arguments: [true, false]) func aUnixSocketMayHaveTwoNames(binary: Bool) throws {
        let server = try MemcachedServer.start(.unix)
        let address = "\(server.address)-here"
        try FileManager.default.moveItem(atPath: server.address, toPath: address)
        defer { try? FileManager.default.removeItem(atPath: address) }
        let client = try makeClient(address, binary: binary)
        try client.set("key", "value")
        try server.suspend()
        defer { server.resume() }
        let start = ContinuousClock.now
        #expect(failure { try client.get("key", as: String.self) }?.code == .commandTimeout)
        #expect(ContinuousClock.now - start < .seconds(3))
    }

    @Test("The time in which a server is asked what it speaks is part of the call's", arguments: Command.multi)
    func askingCounts(_ command: Command) throws {
        let server = try FakeServer(.silent)
        var shortest = Duration.seconds(60)
        // Whatever else the machine does is no fault of the library's.
        for _ in 0..<5 where shortest >= Self.limit + .milliseconds(100) {
            let client = try Client([server.address], behaviors: .patient)
            client.commandTimeout = Self.limit
            let start = ContinuousClock.now
            #expect(failure { try command.run(client, "k") }?.isTimeout == true)
            shortest = min(shortest, ContinuousClock.now - start)
        }
        #expect(shortest < Self.limit + .milliseconds(100), "\(shortest)")
    }

    @Test func aConnectionThatIsBeingMadeIsGivenUp() throws {
        let hole = try BlackHole()
        let client = try makeClient(hole.address)
        let start = ContinuousClock.now
        #expect(failure { try client.get("key", as: String.self) } != nil)
        #expect(ContinuousClock.now - start < .seconds(3))
    }

    @Test func clonesAndPoolsHaveTheSameLimit() throws {
        let server = try FakeServer(.silent)
        let client = try makeClient(server.address)
        #expect(try client.clone().commandTimeout == Self.limit)
        let pool = try ClientPool(cloning: client, size: 1)
        #expect(failure { try pool.get("key", as: String.self) }?.code == .commandTimeout)
        try pool.withClient { client in client.commandTimeout = .seconds(100) }
        #expect(try pool.withClient { client in client.commandTimeout } == Self.limit)
    }

    @Test func anotherListOfServersIsWatchedToo() throws {
        let server = try FakeServer(Hold.drip.script(binary: true))
        let real = try MemcachedServer.start()
        let client = try makeClient(real.address)
        try client.set("key", 1)
        try client.setServers([server.address])
        #expect(failure { try client.get("key", as: String.self) }?.code == .commandTimeout)
        client.disconnectAll()
        #expect(failure { try client.get("key", as: String.self) }?.code == .commandTimeout)
    }

    /// A program with one thread keeps it, unless somebody says how long a call may take.
    @Test(
        .enabled(if: MemcachedServer.isInstalled),
        arguments: ["none", "another thread", "pool", "pool of threads"]
    )
    func programsWithOneThread(_ reason: String) throws {
        try Probe.run("threads", reason, MemcachedServer.shared(.tcp).address)
    }

    @Test(arguments: ["limit", "limit of a clone"]) func programsWithOneThreadAndALimit(_ reason: String) throws {
        let server = try FakeServer(.silent)
        try Probe.run("threads", reason, server.address)
    }

    /// The watchdog is the parent's thread; a child gets its own, and leaves the parent's connections alone.
    @Test(.hazard(98)) func aForkedChildHasItToo() async {
        await #expect(processExitsWith: .success) {
            alarm(100)
            let server = try FakeServer(.silent)
            guard canFork else { return }
            let real = try MemcachedServer.start()
            let (client, kept) = (try Client([server.address], behaviors: .patient), try Client([real.address]))
            client.commandTimeout = .milliseconds(300)
            try kept.set("key", "value")
            let status = inForkedChild {
                failure { try client.get("key", as: String.self) }?.code == .commandTimeout
            }
            try #require(status == 0)
            try #require(try kept.get("key", as: String.self) == "value")
        }
    }
}
