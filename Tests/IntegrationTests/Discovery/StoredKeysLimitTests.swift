import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// Servers that never come to the end of their keys.
@Suite("Stored keys: time limit", .blocking, .timeLimit(.minutes(2)))
struct StoredKeysLimitTests {
    private static let limit = Duration.milliseconds(300)
    /// What a busy machine may add.
    private static let margin = Duration.seconds(20)
    private static let line = Array("key=a exp=-1 la=1700000000 cas=2 fetch=no cls=1 size=63\r\n".utf8)

    /// How listing the keys of a server with this script ends.
    private func listing(
        _ script: FakeScript,
        patience: Duration = .seconds(60),
        _ body: (StoredKey) throws -> Void = { _ in }
    ) throws -> MemcachedError {
        let server = try FakeServer(script)
        let client = try Client([server.address])
        let start = ContinuousClock.now
        let error = try #require(
            throws: MemcachedError.self,
            performing: {
                try client.forEachStoredKey(patience: patience, timeLimit: Self.limit) { try body($1) }
            }
        )
        let time = ContinuousClock.now - start
        #expect(time >= Self.limit && time < Self.limit + Self.margin, "\(time)")
        #expect(error.operation == "forEachStoredKey" && error.server?.description == server.address)
        return error
    }

    @Test func anEndlessListIsGivenUp() throws {
        var count = 0
        let error = try listing(Self.endless(Self.line)) { _ in count += 1 }
        #expect(error.code == .commandTimeout)
        #expect(error.detail.contains("(timeLimit)"))
        #expect(count > 100)
    }

    /// In a process of its own, whose memory nobody else uses: of some hundred thousand keys nothing is kept.
    @Test(.enabled(if: !isSanitized)) func nothingOfAListIsKept() async {
        await #expect(processExitsWith: .success) {
            let key = String(repeating: "k", count: 240)
            let server = try FakeServer(
                Self.endless(Array("key=\(key) exp=-1 la=1 cas=2 fetch=no cls=1 size=63\r\n".utf8))
            )
            let client = try Client([server.address])
            var (count, atFirst) = (0, 0)
            _ = try #require(throws: MemcachedError.self) {
                try client.forEachStoredKey(timeLimit: .seconds(3)) { _, _ in
                    count += 1
                    if count == 1000 { atFirst = try residentMemory() }
                }
            }
            try #require(count > 2000)
            try #require(try residentMemory() - atFirst < 12 << 20, "\(count) keys")
        }
    }

    /// As many lines as somebody takes.
    private static func endless(_ line: [UInt8]) -> FakeScript {
        let block = [UInt8](repeatElement(line, count: 200).joined())
        return FakeScript([.request] + Array(repeating: .send(block), count: 300_000))
    }

    /// A byte now and then keeps no wait waiting, and a line comes to its end after each.
    @Test func aDrippingListIsGivenUp() throws {
        let drops = Self.line.flatMap { [FakeScript.Step.pause(.milliseconds(5)), .send([$0])] }
        let steps = repeatElement(drops, count: 100).joined()
        #expect(try listing(FakeScript([.request] + steps)).code == .commandTimeout)
    }

    @Test func soIsOneThatStalls() throws {
        #expect(try listing(.stalling(afterSending: Self.line)).code == .commandTimeout)
    }

    /// The patience for each wait comes first.
    @Test func aWaitEndsBeforeTheWhole() throws {
        let server = try FakeServer(.stalling(afterSending: Self.line))
        let client = try Client([server.address])
        let error = #expect(throws: MemcachedError.self) {
            try client.forEachStoredKey(patience: .milliseconds(100), timeLimit: .seconds(60)) { _, _ in }
        }
        #expect(error?.code == .timeout)
    }

    /// A name's next address is not kept waiting.
    @Test func connectingEndsBeforeAWait() throws {
        let hole = try BlackHole()
        let client = try Client([hole.address], behaviors: Behaviors(connectTimeout: .milliseconds(200)))
        let start = ContinuousClock.now
        let error = #expect(throws: MemcachedError.self) {
            try client.forEachStoredKey(patience: .seconds(60)) { _, _ in }
        }
        #expect(error?.code == .timeout)
        #expect(ContinuousClock.now - start < Self.margin)
    }

    /// What the caller does with a key is the caller's own time.
    @Test func theTimeOfTheBodyDoesNotCount() throws {
        let lines = (0..<4).map { "key=k\($0) exp=-1 la=1700000000 cas=2 fetch=no cls=1 size=63\r\n" }
        let server = try FakeServer(.answering("\(lines.joined())END\r\n"))
        let client = try Client([server.address])
        var count = 0
        try client.forEachStoredKey(timeLimit: .seconds(1)) { _, _ in
            count += 1
            usleep(400_000)
        }
        #expect(count == 4)
    }
}
