import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// Calls for many keys say why a server can't be reached as those for one key do: at once, and with the first cause.
@Suite("The first cause", .timeLimit(.minutes(5)))
struct FirstCauseTests {
    private static let keys = ["a", "b", "c", "d", "e"]

    /// A call that reads.
    enum Read: String, CaseIterable {
        case get, getMulti, getMultiArray, getsMulti, items

        func run(_ client: Client) throws {
            switch self {
            case .get: _ = try client.get("a", as: String.self)
            case .getMulti: _ = try client.getMulti(keys, as: String.self)
            case .getMultiArray: _ = try client.getMultiArray(keys, as: String.self)
            case .getsMulti: _ = try client.getsMulti(keys, as: String.self)
            case .items: _ = try client.items(keys)
            }
        }
    }

    @Test(arguments: Route.protocols, Read.allCases)
    func aRefusedConnectionIsCalledSo(_ route: Route, _ read: Read) throws {
        let dead = try RefusingAddress()
        let client = try route.client(of: [dead.address])
        let error = expectFailure(.connectionFailure) { try read.run(client) }
        #expect(error?.systemErrno == ECONNREFUSED)
        #expect(error?.detail.contains("Connection refused") == true, "\(error?.detail ?? "")")
        #expect(error?.operation == read.rawValue)
    }

    @Test(arguments: Route.protocols, Read.allCases)
    func soIsThatOfAServerThatHasDied(_ route: Route, _ read: Read) throws {
        let server = try MemcachedServer.start()
        let client = try route.client(of: [server.address])
        #expect(try client.getMulti(Self.keys, as: String.self).isEmpty)
        server.kill()
        let error = #expect(throws: MemcachedError.self) { try read.run(client) }
        #expect(error?.code != .serverTemporarilyDisabled, "\(String(describing: error))")
        #expect(error?.isConnectionFailure == true)
    }

    @Test(arguments: Route.protocols, Read.allCases)
    func anAddressThatDoesNotAnswerIsWaitedForOnce(_ route: Route, _ read: Read) throws {
        let hole = try BlackHole()
        let wait = Duration.milliseconds(600)
        let behaviors = Behaviors(connectTimeout: wait, pollTimeout: wait, retryTimeout: .zero)
        let client = try route.client(of: [hole.address], behaviors)
        let start = ContinuousClock.now
        let error = #expect(throws: MemcachedError.self) { try read.run(client) }
        #expect(ContinuousClock.now - start < .milliseconds(1150))
        #expect(error?.code == .timeout, "\(String(describing: error))")
    }

    @Test(arguments: Route.protocols)
    func ofSeveralServersEachHasItsOwn(_ route: Route) throws {
        let dead = try [RefusingAddress(), RefusingAddress(unix: true)]
        let server = try MemcachedServer.start()
        let client = try route.client(of: dead.map(\.address) + [server.address])
        let log = ErrorLog(of: client)
        #expect(try client.getMulti(uniqueKeys(100), as: String.self).isEmpty)
        let errors = log.take()
        #expect(errors.map(\.server) == [client.servers[0], client.servers[1]])
        for error in errors {
            #expect(error.systemErrno == ECONNREFUSED, "\(error.debugDescription)")
            #expect(error.code != .serverTemporarilyDisabled, "\(error.debugDescription)")
        }
    }

    /// Also while they are left alone, and if it was a call for many keys that found out.
    @Test(arguments: Route.protocols)
    func ofSeveralServersEachKeepsItsOwn(_ route: Route) throws {
        let dead = try [RefusingAddress(), RefusingAddress(unix: true)]
        let client = try route.client(of: dead.map(\.address), Behaviors(retryTimeout: .seconds(30)))
        let keys = uniqueKeys(40)
        #expect(throws: MemcachedError.self) { try client.getMulti(keys, as: String.self) }
        for key in keys {
            let calls: [() throws -> Void] = [
                { _ = try client.get(key, as: String.self) }, { try client.set(key, "") },
                { _ = try client.getMulti([key], as: String.self) }, { try client.incr(key) },
            ]
            for call in calls {
                let error = try #require(throws: MemcachedError.self, performing: call)
                #expect(error.detail.contains("Connection refused"), "\(error)")
                #expect(error.systemErrno == ECONNREFUSED && !error.isOutcomeUnknown, "\(error.debugDescription)")
            }
        }
    }

    @Test(.hazard(59), arguments: Read.allCases)
    func aWrongPasswordIsOneFromTheFirstCallOn(_ read: Read) throws {
        let address = try MemcachedServer.shared(.sasl).address
        let client = try Client([address], username: "testuser", password: "wrong-secret", behaviors: .patient)
        // This one first, then in any order.
        for read in [read, read] + Read.allCases.shuffled() {
            let error = expectFailure(.authFailure, "\(read)") { try read.run(client) }
            #expect(error?.isAuthenticationFailure == true && error?.isRetriable == false)
        }
    }
}
