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
        // In ASCII a new connection is tried out with a delete of nobody's key first.
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
}
