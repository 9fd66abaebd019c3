import Foundation
import TestSupport
import Testing

@testable import SwiftLibMC

/// How long a call goes on after error lines.
@Suite("A flood of error lines ends", .blocking, .timeLimit(.minutes(2)))
struct ErrorLineBudgetTests {
    @Test func eachServerHasTheTimeFromItsFirstLineOn() {
        var none = ErrorLineBudget(limit: .zero)
        // The first line only says when the time begins.
        let answers = [0, 0, 1, 1].map { none.lasts(at: $0, middle: Self.late) }
        #expect(answers == [true, false, true, false])
        var some = ErrorLineBudget(limit: .seconds(1000))
        let others = (0..<100).map { _ in some.lasts(at: 0, middle: Self.late) }
        #expect(others.allSatisfy { $0 })
    }

    @Test func noServerHasMoreThanHalfOfTheCall() {
        var some = ErrorLineBudget(limit: .seconds(1000))
        let answers = [0, 0, 1, 1].map { some.lasts(at: $0, middle: .now) }
        #expect(answers == [true, false, true, false])
    }

    private static var late: Moment { .now + .seconds(1000) }

    /// A proxy that waits for a server before each of its error lines.
    @Test func aCallGivesUpAndReportsAllKeys() throws {
        let pause = Duration.milliseconds(20)
        let line = Array("SERVER_ERROR Connection timed out\r\n".utf8)
        let server = try FakeServer(FakeScript([.request, .pause(pause), .send(line)], repeats: true))
        let client = try Client([server.address], binary: false, behaviors: Behaviors(pollTimeout: .seconds(10)))
        client.handle.errorLineLimit = .milliseconds(200)
        client.partialFailures = .throwing
        let keys = (0..<500).map { "k\($0)" }
        let calls: [(name: String, run: () throws -> Void)] = [
            ("setMulti", { _ = try client.setMulti(keys.map { ($0, 1) }) }),
            ("deleteMulti", { try client.deleteMulti(keys) }),
            ("touchMulti", { _ = try client.touchMulti(keys, time: 1) }),
            ("incrMulti", { try client.incrMulti(keys) }),
            ("getMulti", { _ = try client.getMulti(keys, as: Int.self) }),
            ("items", { _ = try client.items(keys) }),
        ]
        for call in calls {
            let before = server.requests.count
            let error = try #require(throws: MemcachedError.self, "\(call.name)", performing: call.run)
            #expect(error.code == .serverError)
            #expect(error.operation == call.name)
            #expect(error.detail.contains("500 of 500 keys"), "\(error)")
            #expect(server.requests.count - before < 100, "\(call.name)")
        }
    }

    /// In a call's time a proxy may wait for a server behind it less often than there are keys.
    @Test func whatOtherServersHaveDoneIsNotLost() throws {
        let lookAlike = LookAlike { request in
            guard request.line.contains("bad") else { return nil }
            usleep(50_000)
            return "SERVER_ERROR Connection timed out\r\n"
        }
        let server = try FakeServer(lookAlike.script)
        let client = try Client([server.address], binary: false, behaviors: .patient)
        client.commandTimeout = .seconds(4)
        let heard = Heard()
        client.onError = heard.handler
        let good = (0..<20).map { "good\($0)" }
        let bad = (0..<100).map { "bad\($0)" }
        #expect(try client.setMulti((good + bad).map { ($0, 1) }) == bad)
        #expect(lookAlike.count == good.count)
        #expect(try !client.getMulti(good + bad, as: Int.self).isEmpty)
        #expect(try !client.deleteMulti(good + bad))
        #expect(lookAlike.count == 0)
        #expect(heard.codes == [.serverError, .serverError, .serverError])
    }
}
