import SwiftLibMC
import TestSupport
import Testing

/// Whether a write that threw may have taken place.
@Suite("Outcome of a failed write", .timeLimit(.minutes(5)))
struct OutcomeTests {
    /// The error of a write to `address`.
    private func failure(
        _ address: String,
        binary: Bool,
        _ write: (Client) throws -> Void = { try $0.set("key", "value") }
    ) throws -> MemcachedError {
        let client = try Client([address], binary: binary, behaviors: Behaviors(pollTimeout: .seconds(5)))
        return try #require(throws: MemcachedError.self) { try write(client) }
    }

    @Test(arguments: [true, false], [true, false])
    func isKnownIfNoConnectionCameAbout(unix: Bool, binary: Bool) throws {
        let refusing = try RefusingAddress(unix: unix)
        let error = try failure(refusing.address, binary: binary)
        #expect(error.isConnectionFailure)
        #expect(!error.isOutcomeUnknown)
    }

    @Test(arguments: [true, false])
    func isKnownIfThereIsNoSuchSocket(binary: Bool) throws {
        #expect(try !failure("/nowhere/memcached.sock", binary: binary).isOutcomeUnknown)
    }

    @Test(arguments: [true, false])
    func isUnknownIfTheConnectionBrokeAfterTheRequest(binary: Bool) throws {
        // In ASCII a new connection is tried out with a delete of the probe key first.
        let trial: [FakeScript.Step] = binary ? [] : [.request, .send(Array("NOT_FOUND\r\n".utf8))]
        let server = try FakeServer(FakeScript(trial + [.receive(10)]))
        let error = try failure(server.address, binary: binary) { _ = try $0.add("key", "value") }
        #expect(error.isConnectionFailure)
        #expect(error.isOutcomeUnknown)
    }

    @Test(arguments: [true, false])
    func staysUnknownIfTheRepetitionIsRefused(binary: Bool) throws {
        let server = try MemcachedServer.start()
        let client = try Client([server.address], binary: binary, behaviors: Behaviors(pollTimeout: .seconds(5)))
        try client.set("key", "value")
        // The kept connection is dead, but the first attempt goes out over it; the second finds nobody.
        server.kill()
        let error = try #require(throws: MemcachedError.self) { try client.set("key", "value") }
        #expect(error.isConnectionFailure)
        #expect(error.isOutcomeUnknown)
    }

    // MARK: - Answers that don't say

    /// A proxy gives up waiting for the server behind it, which may carry the command out all the same.
    @Test(arguments: ["SERVER_ERROR timeout\r\n", "SERVER_ERROR backend failure\r\n", "SERVER_ERROR\r\n"])
    func isUnknownIfAProxyGivesUp(_ answer: String) throws {
        let server = try FakeServer(
            .answering { $0.line.hasPrefix("delete swift") ? Array("NOT_FOUND\r\n".utf8) : Array(answer.utf8) }
        )
        for command in Command.writes + Command.changes {
            let client = try Client([server.address], binary: false, behaviors: .patient)
            let error = try #require(throws: MemcachedError.self, "\(command)") { try command.run(client, "k") }
            #expect(error.code == .serverError, "\(command)")
            #expect(error.isOutcomeUnknown, "\(command)")
        }
    }

    /// Statuses of services in front of memcached: internal error, busy, temporary failure.
    @Test(arguments: [0x84, 0x85, 0x86] as [UInt16])
    func isUnknownIfABinaryAnswerDoesNotSay(_ status: UInt16) throws {
        let server = try FakeServer(
            .answering { request in
                request.key.hasPrefix("swiftlibmc")
                    ? request.binaryReply(status: 1) : request.binaryReply(status: status)
            }
        )
        for command in Command.writes + Command.changes {
            let client = try Client([server.address], behaviors: .patient)
            let error = try #require(throws: MemcachedError.self, "\(command)") { try command.run(client, "k") }
            #expect(error.isOutcomeUnknown, "\(command): \(error.debugDescription)")
        }
    }

    @Test(arguments: [
        "CLIENT_ERROR bad command line format\r\n", "ERROR\r\n", "SERVER_ERROR out of memory storing object\r\n",
        "SERVER_ERROR object too large for cache\r\n",
    ])
    func isKnownIfTheServerRefuses(_ answer: String) throws {
        let server = try FakeServer(
            .answering { $0.line.hasPrefix("delete swift") ? Array("NOT_FOUND\r\n".utf8) : Array(answer.utf8) }
        )
        for command in Command.writes + Command.changes {
            let client = try Client([server.address], binary: false, behaviors: .patient)
            let error = try #require(throws: MemcachedError.self, "\(command)") { try command.run(client, "k") }
            #expect(!error.isOutcomeUnknown, "\(command): \(error.debugDescription)")
        }
    }

    @Test func isRespectedByRetryingClients() throws {
        let server = try FakeServer(
            .answering {
                $0.line.hasPrefix("delete swift")
                    ? Array("NOT_FOUND\r\n".utf8) : Array("SERVER_ERROR backend timed out\r\n".utf8)
            }
        )
        let cache = RetryingClient(try Client([server.address], binary: false, behaviors: .patient), attempts: 5)
        let writes: [(String, () throws -> Void)] = [
            ("incr", { _ = try cache.incr("k") }), ("append", { _ = try cache.append("k", "1") }),
            ("add", { _ = try cache.add("k", 1) }),
        ]
        for (name, write) in writes {
            let before = server.requests.count { $0.line.hasPrefix(name) }
            #expect(throws: MemcachedError.self) { try write() }
            #expect(server.requests.count { $0.line.hasPrefix(name) } == before + 1, "\(name)")
        }
    }

    // MARK: - No connection

    private static let changing = Command.writes + Command.changes + Command.multiChanges

    @Test(arguments: [true, false])
    func isKnownIfNoConnectionCameAboutInTime(binary: Bool) throws {
        let hole = try BlackHole()
        for command in Self.changing {
            let client = try Client(
                [hole.address],
                binary: binary,
                behaviors: Behaviors(connectTimeout: .milliseconds(50), pollTimeout: .seconds(10))
            )
            let error = try #require(throws: MemcachedError.self, "\(command)") { try command.run(client, "k") }
            #expect(error.code == .timeout, "\(command): \(error.debugDescription)")
            #expect(!error.isOutcomeUnknown, "\(command)")
            #expect(error.isRetriable)
            #expect(error.detail == "no connection within 50 ms (connectTimeout)")
        }
    }

    @Test(arguments: [true, false])
    func isUnknownIfNoAnswerCameInTime(binary: Bool) throws {
        let server = try MemcachedServer.start()
        defer { server.kill() }
        for command in Self.changing {
            let client = try Client(
                [server.address],
                binary: binary,
                behaviors: Behaviors(connectTimeout: .seconds(5), pollTimeout: .milliseconds(50))
            )
            _ = try? client.incr("k", initial: 1)
            _ = try? client.set("k", "1")
            try server.whileSuspended {
                let error = try #require(throws: MemcachedError.self, "\(command)") { try command.run(client, "k") }
                #expect(error.code == .timeout, "\(command): \(error.debugDescription)")
                #expect(error.isOutcomeUnknown, "\(command)")
                #expect(error.detail == "no answer within 50 ms (pollTimeout)")
            }
        }
    }
}
