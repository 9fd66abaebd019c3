import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// Why there is no connection, and what that says of a write.
@Suite("No connection", .blocking, .timeLimit(.minutes(5)))
struct NoConnectionTests {
    /// A machine without a network: the resolver says "try again".
    @Test(.enabled(if: getuid() == 0, "needs the right to leave the network"))
    func aNameThatCanNotBeLookedUpForTheMomentIsALookupFailure() async {
        await #expect(processExitsWith: .success) {
            alarm(200)
            try leaveTheNetwork()
            for binary in [true, false] {
                for command in Command.keyed {
                    let client = try Client(["cache.example.com:11211"], binary: binary, behaviors: .patient)
                    let error = try #require(throws: MemcachedError.self, "\(command)") { try command.run(client, "k") }
                    try #require(error.code == .hostLookupFailure, "\(command): \(error.debugDescription)")
                    try #require(!error.isOutcomeUnknown && error.isRetriable && !error.isTimeout)
                    try #require(error.detail.hasPrefix("the host name can't be looked up ("), "\(error)")
                    // Libmemcached leaves the server alone now; the cause is still named.
                    let second = try #require(throws: MemcachedError.self) { try command.run(client, "k") }
                    try #require(second.detail.contains("the host name can't be looked up"), "\(command): \(second)")
                }
            }
        }
    }

    @Test func withoutDescriptorsNothingHasBeenSent() async {
        await #expect(processExitsWith: .success) {
            alarm(200)
            let server = try MemcachedServer.start()
            for binary in [true, false] {
                for command in Command.keyed {
                    let client = try Client([server.address], binary: binary, behaviors: .patient)
                    let error = try withoutDescriptors {
                        try #require(throws: MemcachedError.self, "\(command)") { try command.run(client, "k") }
                    }
                    try #require(error.code == .systemError, "\(command): \(error.debugDescription)")
                    try #require(error.systemErrno == EMFILE && !error.isOutcomeUnknown && error.isConnectionFailure)
                    try #require(error.detail.contains("file descriptors"), "\(error)")
                }
            }
        }
    }

    /// memcached says so in words, whatever the protocol, and hangs up.
    @Test(arguments: Route.open)
    func aServerWithTooManyConnectionsIsAConnectionFailure(_ route: Route) throws {
        let server = try MemcachedServer.start(route.options.adding(["-c", "60", "-t", "1"]))
        defer { server.kill() }
        var others: [RawConnection] = []
        while true {
            let other = try RawConnection(to: server.address)
            guard (try? other.send("version\r\n")) != nil else { break }
            guard let reply = try? other.receive(through: "\r\n"), reply.hasPrefix("VERSION") else { break }
            others.append(other)
        }
        for command in Command.keyed {
            let client = try route.client(of: [server.address])
            let error = try #require(throws: MemcachedError.self, "\(command)") { try command.run(client, "k") }
            #expect(error.code == .connectionFailure, "\(command): \(error.debugDescription)")
            #expect(error.isRetriable && !error.isOutcomeUnknown, "\(command): \(error.debugDescription)")
            #expect(error.detail.contains("Too many open connections"), "\(command): \(error.debugDescription)")
        }
        let client = try route.client(of: [server.address])
        #expect(throws: MemcachedError.self) { try client.set("k", 1) }
        others = []
        let isBack = eventually { (try? client.set("k", 1)) == true }
        #expect(isBack)
        #expect(try client.incr("k") == 2)
    }

    @Test(arguments: [true, false])
    func theFirstCauseIsKeptWhileTheServerIsLeftAlone(binary: Bool) throws {
        let nobody = try RefusingAddress()
        let client = try Client([nobody.address], binary: binary, behaviors: Behaviors(retryTimeout: .seconds(30)))
        #expect(throws: MemcachedError.self) { try client.set("k", 1) }
        for command in Command.keyed {
            let error = try #require(throws: MemcachedError.self, "\(command)") { try command.run(client, "k") }
            guard error.code == .serverTemporarilyDisabled else { continue }
            #expect(error.detail.contains("Connection refused"), "\(command): \(error)")
            #expect(error.detail.contains("tried again in 3"), "\(command): \(error)")
            #expect(error.systemErrno == ECONNREFUSED)
        }
    }
}
