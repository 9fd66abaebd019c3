import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// Servers that speak only one of the two protocols, asked in the other one.
@Suite("The other protocol", .timeLimit(.minutes(5)))
struct OtherProtocolTests {
    private static let behaviors = Behaviors(connectTimeout: .milliseconds(500), pollTimeout: .milliseconds(500))

    private func expectHint(
        _ hint: String,
        _ client: Client,
        _ code: MemcachedError.Code = .protocolError,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        var calls: [() throws -> Void] = [
            { _ = try client.get("k", as: String.self) }, { try client.set("k", "1") }, { try client.incr("k") },
            { _ = try client.getMulti(["k", "l", "m"], as: String.self) },
            { _ = try client.setMulti(["k": 1, "l": 2]) },
            { try client.deleteMulti(["k", "l"]) },
        ]
        calls.shuffle()
        for (number, call) in calls.enumerated() {
            let start = ContinuousClock.now
            let error = #expect(throws: MemcachedError.self, sourceLocation: sourceLocation) { try call() }
            let place = "call \(number): \(String(describing: error))"
            #expect(error?.code == code, "\(place)", sourceLocation: sourceLocation)
            #expect(error?.detail.contains(hint) == true, "\(place)", sourceLocation: sourceLocation)
            #expect(error?.isRetriable == false && error?.isOutcomeUnknown == false, sourceLocation: sourceLocation)
            #expect(error?.server == client.servers[0], sourceLocation: sourceLocation)
            // What is known is said at once.
            if number > 0 {
                #expect(ContinuousClock.now - start < .milliseconds(500), "\(place)", sourceLocation: sourceLocation)
            }
        }
    }

    @Test(.memcached("-B", "ascii"), arguments: 0..<3)
    func aServerOfTextOnlySaysWhatToSet(_: Int) throws {
        let server = try #require(MemcachedServer.current)
        try expectHint("binary: false", Client([server.address], binary: true, behaviors: Self.behaviors))
        let right = try Client([server.address], binary: false, behaviors: .patient)
        #expect(try right.set("k", "1"))
    }

    @Test(.memcached("-B", "ascii"))
    func soItDoesWithAPassword() throws {
        let server = try #require(MemcachedServer.current)
        let client = try Client([server.address], username: "user", password: "secret", behaviors: Self.behaviors)
        try expectHint("binary: false", client, .authProblem)
    }

    @Test(.memcached("-B", "binary"), arguments: 0..<3)
    func aServerOfBinaryOnlySaysWhatToSet(_: Int) throws {
        let server = try #require(MemcachedServer.current)
        try expectHint("binary: true", Client([server.address], binary: false, behaviors: Self.behaviors))
    }

    @Test func aProxyThatHangsUpIsNoBrokenConnection() throws {
        let server = try FakeServer(LookAlike().script.hangingUp { $0.isBinary })
        try expectHint("binary: false", Client([server.address], binary: true, behaviors: Self.behaviors))
    }

    @Test("A server that hangs up is not asked each time what is behind it", arguments: Route.protocols)
    func isAskedOnceInAWhile(_ route: Route) throws {
        let server = try FakeServer(.closing(afterReceiving: 1))
        let client = try route.client(of: [server.address], Self.behaviors.merging(.init(retryTimeout: .seconds(60))))
        #expect(throws: MemcachedError.self) { try client.get("k", as: String.self) }
        let first = server.connectionCount
        for _ in 0..<5 { #expect(throws: MemcachedError.self) { try client.get("k", as: String.self) } }
        // A call is sent twice, and whether the server takes connections at all is asked each time.
        #expect(server.connectionCount - first < 5 * (first - 1))
    }

    @Test("Text authentication without credentials is a failure of authentication", arguments: Route.protocols)
    func textAuthentication(_ route: Route) throws {
        let scratch = try ScratchDirectory()
        let file = "\(scratch.path)/passwords"
        try "user:secret\n".write(toFile: file, atomically: false, encoding: .utf8)
        let server = try MemcachedServer.start("-Y", file)
        let client = try Client([server.address], binary: route.isBinary, behaviors: Self.behaviors)
        for _ in 0..<2 {
            for call: () throws -> Void in [
                { _ = try client.get("k", as: String.self) }, { try client.set("k", "1") }, { try client.incr("k") },
                { _ = try client.getMulti(["k", "l"], as: String.self) },
                { _ = try client.setMulti(["k": 1, "l": 2]) },
                { try client.deleteMulti(["k", "l"]) }, { try client.touch("k", time: 9) },
            ] {
                let error = expectFailure(.authFailure) { try call() }
                #expect(error?.detail.contains("-Y") == true)
                #expect(error?.isAuthenticationFailure == true && error?.isRetriable == false)
            }
        }
        #expect(client.ping()[0].error?.code == .authFailure)
    }

    @Test("A server that only hangs is not taken for one of another protocol", arguments: Route.protocols)
    func aHungServerTimesOut(_ route: Route) throws {
        let server = try MemcachedServer.start()
        let client = try route.client(of: [server.address], Self.behaviors)
        #expect(try client.set("k", "1"))
        try server.whileSuspended {
            for _ in 0..<3 { expectFailure(.timeout) { try client.get("k", as: String.self) } }
            expectFailure(.serverTemporarilyDisabled) { try client.get("k", as: String.self) }
        }
    }
}
