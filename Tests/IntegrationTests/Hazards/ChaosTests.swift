import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// All kinds of operations on several threads, while servers stop, go on, die and come back.
@Suite("Chaos", .blocking, .slow, .timeLimit(.minutes(5)))
struct ChaosTests {
    @Test(.hazard(10, 14, 21, 24, 95, 100)) func inTheBinaryProtocol() async {
        await #expect(processExitsWith: .success) { try Chaos(.binary, .default).run() }
    }

    @Test(.hazard(10, 14, 21, 24, 95, 100)) func inTheASCIIProtocol() async {
        await #expect(processExitsWith: .success) { try Chaos(.text, .default).run() }
    }

    @Test(.hazard(10, 14, 21, 24, 95, 100)) func inBothProtocols() async {
        await #expect(processExitsWith: .success) { try Chaos(.automatic, .default).run() }
    }

    @Test(.hazard(10, 14, 21, 24, 83, 95, 100)) func inBothProtocolsWithFailover() async {
        await #expect(processExitsWith: .success) { try Chaos(.automatic, .failover).run() }
    }

    @Test(.hazard(10, 14, 21, 24, 83, 95, 100)) func withFailover() async {
        await #expect(processExitsWith: .success) { try Chaos(.binary, .failover).run() }
    }
}

/// The servers, those that use them, and the one who torments them.
private final class Chaos: Sendable {
    private static let duration = Duration.seconds(4)
    /// On a busy machine it takes longer until there has been enough of everything.
    private static let longest = Duration.seconds(60)
    private static let patience = Duration.milliseconds(40)
    /// What no call may take: some waits of `patience`, and room for a busy machine.
    private static let limit = Duration.seconds(30)
    private static let threads = 4

    private let servers: [MemcachedServer]
    private let choice: MemcachedProtocol
    private let behaviors: Behaviors
    private let start = ContinuousClock.now
    private let tally = Locked(Tally())

    private struct Tally {
        var successes = 0
        var failures = 0
        var complaints: [String] = []

        var isEnough: Bool { successes > 300 && failures > 0 }
    }

    init(_ choice: MemcachedProtocol, _ behaviors: Behaviors) throws {
        alarm(240)
        servers = try [.tcp, .unix, .tcp].map { try MemcachedServer.start($0) }
        self.choice = choice
        self.behaviors = behaviors.merging(Behaviors(connectTimeout: Self.patience, pollTimeout: Self.patience))
    }

    func run() throws {
        let client = try Client(servers.map(\.address), protocol: choice, behaviors: behaviors)
        let tormentor = TestThread { self.torment() }
        try onThreads(Self.threads, cloning: client) { number, client in
            var user = User(number: number, client: client)
            while !self.isOver { self.note(&user) }
        }
        try tormentor.join()
        let tally = tally.withLock { $0 }
        try #require(tally.complaints.isEmpty, "\(tally.complaints.prefix(10))")
        try #require(tally.isEnough, "\(tally.successes) successes, \(tally.failures) failures")
        // And all is well again.
        try #require(eventually { (try? client.setMulti((0..<100).map { ("last-\($0)", $0) })) == [] })
        try #require(
            eventually { (try? client.getMultiArray((0..<100).map { "last-\($0)" })) == Array(0..<100) }
        )
    }

    private var isOver: Bool {
        let time = ContinuousClock.now - start
        return time > Self.longest || (time > Self.duration && tally.withLock { $0.isEnough })
    }

    private func note(_ user: inout User) {
        let start = ContinuousClock.now
        var complaint: String?
        var isSuccess = true
        do {
            complaint = try user.doSomething()
        } catch let error as MemcachedError {
            isSuccess = false
            // These would say that something was read that nobody has written.
            let impossible: [MemcachedError.Code] = [.notNumeric, .deserialization, .badKey, .authFailure]
            if impossible.contains(error.code) { complaint = error.debugDescription }
        } catch {
            complaint = "\(error)"
        }
        let time = ContinuousClock.now - start
        if time > Self.limit { complaint = "\(user.last) took \(time)" }
        tally.withLock { tally in
            if isSuccess { tally.successes += 1 } else { tally.failures += 1 }
            if let complaint { tally.complaints.append(complaint) }
        }
    }

    private func torment() {
        while !isOver {
            let server = servers[Int.random(in: 0..<servers.count)]
            // Not a wait for something: for so long things are as they are.
            let pause = UInt32.random(in: 1000...80_000)
            if Int.random(in: 0..<3) > 0 {
                try? server.whileSuspended { _ = usleep(pause) }
            } else {
                server.kill()
                usleep(pause)
                try? server.restart()
            }
            usleep(pause * 2)
        }
    }
}

/// One who uses the servers, and looks at what they give.
private struct User {
    let number: Int
    let client: Client
    var last = ""

    /// Does something at random; a complaint, if what came back can't be right.
    mutating func doSomething() throws -> String? {
        let keys = (0..<Int.random(in: 1...60)).map { _ in "key-\(Int.random(in: 0..<200))" }
        let (key, counter) = (keys[0], "counter-\(Int.random(in: 0..<20))")
        let size = [10, 100, 3000, 200_000].randomElement() ?? 10
        func value(_ key: String) -> [UInt8] { NamedValue.make(key, size: size) }
        let kind = Int.random(in: 0..<20)
        last = "operation \(kind)"
        switch kind {
        case 0, 1, 2: return check([key: try client.get(key, as: [UInt8].self)])
        case 3: return check([key: try client.gets(key, as: [UInt8].self)?.value])
        case 4, 5, 6: return check(try client.getMulti(keys, as: [UInt8].self))
        case 7: try client.set(key, value(key))
        case 8: try client.set(key, value(key), noreply: true)
        case 9, 10: _ = try client.setMulti(NamedValue.pairs(Array(Set(keys))) { _ in min(size, 5000) })
        case 11: _ = try client.addMulti(NamedValue.pairs(Array(Set(keys))) { _ in 20 })
        case 12: try client.delete(key, noreply: number.isMultiple(of: 2))
        case 13: try client.deleteMulti(keys)
        case 14: try client.touchMulti(keys, time: 100)
        case 15:
            // A reply to something else would hardly be a small number.
            let count = try client.incr(counter, initial: 1000)
            return 1000..<1_000_000 ~= count ? nil : "\(counter) is \(count)"
        case 16:
            guard let count = try client.get(counter, as: UInt64.self) else { return nil }
            return 1000..<1_000_000 ~= count ? nil : "\(counter) is \(count)"
        case 17: return try client.delete("none-\(key)") ? "what was never stored has been deleted" : nil
        case 18: return try client.touch("none-\(key)", time: 1) ? "what was never stored has been touched" : nil
        default:
            if let (old, token) = try client.gets(key, as: [UInt8].self) {
                _ = try client.cas(key, value(key), cas: token)
                return check([key: old])
            }
            _ = try client.add(key, value(key))
        }
        return nil
    }

    private func check(_ values: [String: [UInt8]?]) -> String? {
        let wrong = NamedValue.wrong(values.compactMapValues { $0 })
        return wrong.isEmpty ? nil : "\(wrong) have other values than theirs"
    }
}
