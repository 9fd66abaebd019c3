import SwiftLibMC
import TestSupport
import Testing

/// Clients without credentials at servers that want some, where the refusal is lost.
///
/// A server that refuses a request hangs up; if more is under way then, the system may drop the refusal.
@Suite("Lost refusals", .timeLimit(.minutes(5)))
struct LostRefusalTests {
    /// Calls that send more than one small request.
    private static let large = [
        Command("getMulti") { _ = try $0.getMulti(many($1), as: Int.self) },
        Command("getMultiArray") { _ = try $0.getMultiArray(many($1), as: Int.self) },
        Command("items") { _ = try $0.items(many($1)) },
        Command("setMulti") { _ = try $0.setMulti(many($1).map { ($0, 1) }) },
        Command("addMulti") { _ = try $0.addMulti(many($1).map { ($0, 1) }) },
        Command("deleteMulti") { try $0.deleteMulti(many($1)) },
        Command("touchMulti") { try $0.touchMulti(many($1), time: 100) },
        Command("incrMulti") { try $0.incrMulti(many($1)) },
        Command("set", " of a large value") { try $0.set($1, value) },
        Command("add", " of a large value") { _ = try $0.add($1, value) },
        Command("append", " of a large value") { try $0.append($1, value) },
        Command("cas", " of a large value") { _ = try $0.cas($1, value, cas: CAS(rawValue: 1)) },
    ]

    private static let value = [UInt8](repeating: 7, count: 900_000)

    private static func many(_ key: String) -> [String] { (0..<50).map { "\(key)-\($0)" } }

    @Test(.hazard(60), arguments: [false, true])
    func areAskedForAgain(unix: Bool) throws {
        for command in Self.large + Command.keyed {
            let server = try FakeServer(unix: unix, scripts: [.wantingPassword])
            let client = try Client([server.address], behaviors: .patient)
            for round in 1...2 {
                let error = expectFailure(.authFailure, "\(command), round \(round)") { try command.run(client, "k") }
                #expect(error?.detail.contains("user name") == true)
                #expect(error?.isOutcomeUnknown == false)
                #expect(error?.systemErrno == nil)
                #expect(error?.operation == command.operation)
                #expect(error?.server == client.servers[0])
            }
        }
    }

    @Test(.hazard(60, 83)) func areAskedForAgainWithFailover() throws {
        for command in Self.large {
            let servers = try (0..<2).map { _ in try FakeServer(.wantingPassword) }
            let client = try Client(servers.map(\.address), behaviors: .failover.merging(.patient))
            expectFailure(.authFailure, "\(command)") { try command.run(client, "k") }
        }
    }

    @Test(.hazard(60)) func mayTurnUpAtTheSecondAttempt() throws {
        for command in [Self.large[0], Self.large[3]] + Command.single {
            let server = try FakeServer(.resetting, .wantingPassword)
            let client = try Client([server.address], behaviors: .patient)
            let error = expectFailure(.authFailure, "\(command)") { try command.run(client, "k") }
            #expect(error?.isOutcomeUnknown == false)
        }
    }

    @Test(.hazard(60)) func areFoundOutByWritesThatWaitForNoReply() async throws {
        let server = try FakeServer(.wantingPassword)
        let client = try Client([server.address], behaviors: .patient)
        var error: MemcachedError?
        for _ in 0..<10_000 where error == nil {
            do { try client.set("k", 1, noreply: true) } catch let failure { error = failure }
            await Task.yield()
        }
        #expect(error?.code == .authFailure, "\(error.debugDescription)")
    }

    @Test(arguments: [false, true])
    func areNotImaginedWhereAServerJustHangsUp(unix: Bool) throws {
        for (name, script) in [("resets", FakeScript.resetting), ("closes", .closing(afterReceiving: 1))] {
            for command in Self.large + Command.keyed {
                let server = try FakeServer(unix: unix, scripts: [script])
                let client = try Client([server.address], behaviors: .patient)
                let error = #expect(throws: MemcachedError.self, "\(command), \(name)") { try command.run(client, "k") }
                #expect(error?.isConnectionFailure == true, "\(command), \(name): \(error.debugDescription)")
                // The question which protocol it speaks, three attempts at most, two looks whether it is full, and a
                // question in each protocol.
                #expect(server.connectionCount <= 9, "\(command), \(name)")
            }
        }
    }

    @Test func costNothingWhereTheSecondAttemptHelps() throws {
        let miss = FakeScript.answering { $0.binaryReply(status: 1) }
        let server = try FakeServer(.resetting, miss)
        let client = try Client([server.address], binary: true, behaviors: .patient)
        #expect(try client.get("k", as: Int.self) == nil)
        #expect(server.connectionCount == 2)
    }

    @Test func areNotAskedForAfterATimeOut() throws {
        for command in [Self.large[0], Self.large[3], Command.reads[0], Command.writes[0]] {
            let server = try FakeServer(.resetting, .silent)
            let client = try Client(
                [server.address],
                binary: true,
                behaviors: Behaviors(pollTimeout: .milliseconds(50))
            )
            let error = #expect(throws: MemcachedError.self) { try command.run(client, "k") }
            #expect(error?.isTimeout == true || error?.isConnectionFailure == true)
            // On a busy machine the first attempt may be too late already, and then there is a question in text.
            #expect(server.connectionCount <= 3, "\(command)")
        }
    }

    @Test func areNotAskedForWithCredentialsOrInASCII() throws {
        for (binary, name) in [(true, "user"), (false, nil)] {
            let server = try FakeServer(.resetting)
            let client = try Client(
                [server.address],
                binary: binary,
                username: name,
                password: name,
                behaviors: .patient
            )
            let error = #expect(throws: MemcachedError.self) { try client.get("k", as: Int.self) }
            #expect(error?.code != .authFailure)
            // Two attempts, two looks whether the server is full, and one whether it speaks the other protocol.
            #expect(server.connectionCount <= 5)
        }
    }
}
