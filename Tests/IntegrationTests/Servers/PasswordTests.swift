import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// SASL: right, wrong and missing passwords.
@Suite("Passwords", .timeLimit(.minutes(5)))
struct PasswordTests {
    private static let account = SASLAccount()

    private static func client(
        _ address: String? = nil,
        _ username: String? = account.username,
        _ password: String? = account.password
    ) throws -> Client {
        let address = try address ?? MemcachedServer.shared(.sasl).address
        return try Client([address], username: username, password: password, behaviors: .patient)
    }

    /// Credentials that the server refuses, by what is wrong with them.
    enum Mistake: String, CaseIterable, CustomTestStringConvertible {
        case wrongPassword, unknownUser, emptyPassword, noCredentials

        var testDescription: String { rawValue }

        func client(_ address: String? = nil) throws -> Client {
            switch self {
            case .wrongPassword: try PasswordTests.client(address, account.username, "wrong-secret")
            case .unknownUser: try PasswordTests.client(address, "nobody-we-know", account.password)
            case .emptyPassword: try PasswordTests.client(address, account.username, "")
            case .noCredentials: try PasswordTests.client(address, nil, nil)
            }
        }
    }

    @Test func theRightOneOpensTheServer() throws {
        let client = try Self.client()
        #expect(client.isAuthenticated)
        for command in Command.reads + Command.multiReads + Command.writes + Command.multiWrites {
            #expect(throws: Never.self, "\(command)") { try command.run(client, uniqueKey()) }
        }
    }

    @Test(.hazard(25, 50, 59, 60), arguments: Mistake.allCases)
    func everyCommandTellsTheSameFromTheFirstOn(_ mistake: Mistake) throws {
        for command in Command.keyed + Command.ofServers {
            let client = try mistake.client()
            // The first time, and again on the connection that has been refused.
            for round in 1...3 {
                let error = expectFailure(.authFailure, "\(command), round \(round)") {
                    try command.run(client, uniqueKey())
                }
                #expect(error?.isAuthenticationFailure == true)
                #expect(error?.isRetriable == false)
                #expect(error?.isOutcomeUnknown == false)
                #expect(error?.operation == command.operation)
                #expect(error?.server == client.servers[0])
            }
        }
    }

    @Test(.hazard(59, 60), arguments: Mistake.allCases)
    func anyOrderOfCommandsTellsTheSame(_ mistake: Mistake) throws {
        let client = try mistake.client()
        for _ in 0..<3 {
            for command in (Command.keyed + Command.ofServers).shuffled() {
                expectFailure(.authFailure, "\(command)") { try command.run(client, uniqueKey()) }
            }
            #expect(client.ping()[0].error?.code == .authFailure)
        }
    }

    @Test(.hazard(60), arguments: Mistake.allCases)
    func largeValuesAreRefusedLikeSmallOnes(_ mistake: Mistake) throws {
        // The server hangs up while the most of it is still to come.
        let value = [UInt8](repeating: 7, count: 900_000)
        let client = try mistake.client()
        for _ in 1...3 {
            expectFailure(.authFailure) { try client.set(uniqueKey(), value) }
            expectFailure(.authFailure) { try client.add(uniqueKey(), value) }
            expectFailure(.authFailure) { try client.setMulti([uniqueKey(): value, uniqueKey(): value]) }
        }
    }

    @Test(.hazard(59, 63), arguments: Mistake.allCases)
    func clonesTellTheSame(_ mistake: Mistake) throws {
        let client = try mistake.client()
        let fresh = try client.clone()
        expectFailure(.authFailure) { try fresh.incr(uniqueKey()) }
        expectFailure(.authFailure) { try client.get(uniqueKey(), as: Int.self) }
        expectFailure(.authFailure) { try client.clone().get(uniqueKey(), as: Int.self) }
    }

    @Test(.hazard(59), .memcached(.sasl), arguments: Mistake.allCases)
    func itStaysSoWhenTimePassesAndServersRestart(_ mistake: Mistake) async throws {
        let server = try #require(MemcachedServer.current)
        let client = try mistake.client(server.address)
        expectFailure(.authFailure) { try client.set("k", 1) }
        // Past the time for which libmemcached leaves a failed server alone.
        let deadline = ContinuousClock.now + .milliseconds(2500)
        while ContinuousClock.now < deadline {
            expectFailure(.authFailure) { try client.set("k", 1) }
            try await Task.sleep(for: .milliseconds(100))
        }
        try server.restart()
        for command in Command.single { expectFailure(.authFailure, "\(command)") { try command.run(client, "k") } }
    }

    @Test(.hazard(63), .memcached(.sasl)) func theRightOneSurvivesRestartsAndDisconnection() throws {
        let server = try #require(MemcachedServer.current)
        let client = try Self.client(server.address)
        try client.set("k", 1)
        client.disconnectAll()
        #expect(try client.incr("k") == 2)
        try server.restart()
        #expect(try client.get("k", as: Int.self) == nil)
        try server.restart()
        #expect(try client.setMulti(["k": 1]) == [])
        #expect(try client.incr("k") == 2)
    }

    @Test(.hazard(65)) func manyThreadsMayAuthenticateAtOnce() throws {
        let client = try Self.client()
        let keys = uniqueKeys(16)
        try onThreads(keys.count, cloning: client) { number, client in
            for round in 0..<10 {
                let clone = try client.clone()
                try clone.set(keys[number], round)
                #expect(try clone.get(keys[number]) == round)
            }
        }
    }

    @Test(.hazard(61)) func credentialsForAServerThatKnowsNoneAreAClearError() throws {
        let plain = try MemcachedServer.shared(.tcp).address
        for command in Command.keyed + Command.ofServers {
            let client = try Self.client(plain)
            for _ in 1...2 {
                let error = #expect(throws: MemcachedError.self) { try command.run(client, uniqueKey()) }
                #expect(error?.isAuthenticationFailure == true, "\(command): \(error.debugDescription)")
                #expect(error?.isRetriable == false)
                #expect(error?.detail.contains("does not support") == true, "\(command): \(error.debugDescription)")
            }
        }
    }

    @Test func nothingShowsTheCredentials() throws {
        var texts: [String] = []
        func collect(_ value: Any?) {
            var dumped = ""
            dump(value, to: &dumped)
            texts += [dumped, String(describing: value), String(reflecting: value)]
        }
        let plain = try MemcachedServer.shared(.tcp).address
        for address in [nil, plain] {
            let client = try Self.client(address, "user-of-secrets", "wrong-secret")
            client.onError = { _ in }
            collect(client)
            for command in Command.keyed + Command.ofServers {
                collect(#expect(throws: MemcachedError.self) { try command.run(client, "k") })
            }
            collect(client.ping())
            collect(client.behaviors)
            collect(client)
        }
        collect(#expect(throws: MemcachedError.self) { try Self.client(nil, "user-of-secrets", "wrong-\0secret") })
        collect(#expect(throws: MemcachedError.self) { try Self.client("/tmp/s", "user-of-secrets", "wrong-secret") })
        collect(#expect(throws: MemcachedError.self) { try Client(["user-of-secrets:wrong-secret@host:1"]) })
        for text in texts {
            #expect(!text.contains("user-of-secrets"))
            #expect(!text.contains("secret"))
        }
    }

    @Test func inOneOfSeveralServersItConcernsItsKeysOnly() throws {
        let addresses = [try MemcachedServer.shared(.sasl).address, try MemcachedServer.shared(.tcp).address]
        let client = try Client(addresses, behaviors: .patient)
        let log = ErrorLog(of: client)
        let keys = uniqueKeys(40)
        let open = try keys.filter { try client.server(for: $0).description == addresses[1] }
        #expect(try Set(client.setMulti(keys.map { ($0, 1) })) == Set(keys).subtracting(open))
        #expect(log.take().map(\.code) == [.authFailure])
        #expect(try Set(client.getMulti(keys, as: Int.self).keys) == Set(open))
        #expect(log.take().map(\.code) == [.authFailure])
    }
}

/// The ways to prove that one knows the password.
@Suite("Mechanisms of authentication", .timeLimit(.minutes(5)))
struct MechanismTests {
    typealias Mechanism = SASLAccount.Mechanism

    /// Whether Cyrus SASL has the plug-in; Debian packs some of them separately.
    private static func isInstalled(_ mechanism: Mechanism) -> Bool {
        let file =
            switch mechanism {
            case .plain: "libplain.so"
            case .login: "liblogin.so"
            case .cramMD5: "libcrammd5.so"
            case .digestMD5: "libdigestmd5.so"
            case .scramSHA1, .scramSHA256: "libscram.so"
            }
        let library = "/usr/lib"
        let folders = (try? FileManager.default.contentsOfDirectory(atPath: library)) ?? []
        return ([""] + folders).contains {
            FileManager.default.fileExists(atPath: "\(library)/\($0)/sasl2/\(file)")
        }
    }

    @Test(.hazard(66, 67), arguments: Mechanism.allCases.filter(isInstalled))
    func eachTellsRightFromWrong(_ mechanism: Mechanism) throws {
        let account = SASLAccount(mechanisms: [mechanism])
        let server = try MemcachedServer.start(.sasl(account))
        defer { server.kill() }
        let client = try Client([server.address], username: "testuser", password: "testpass", behaviors: .patient)
        try client.set("k", 1)
        #expect(try client.incr("k") == 2)
        #expect(try client.getMulti(["k"]) == ["k": 2])
        #expect(try client.clone().get("k") == 2)
        for (username, password) in [("testuser", "wrong"), ("nobody", "testpass")] {
            let wrong = try Client([server.address], username: username, password: password, behaviors: .patient)
            expectFailure(.authFailure) { try wrong.incr("k") }
            expectFailure(.authFailure) { try wrong.get("k", as: Int.self) }
            expectFailure(.authFailure) { try wrong.set("k", 3) }
        }
        #expect(try client.get("k") == 2)
    }

    @Test func theUsualOnesAreInstalled() {
        let usual: [Mechanism] = [.plain, .cramMD5, .digestMD5, .scramSHA1, .scramSHA256]
        #expect(usual.filter { !Self.isInstalled($0) } == [], "tests of these have been left out")
    }

    @Test(
        .hazard(64),
        arguments: [
            ("user with blanks", "pass word"), ("üser", "pässwörd ✍️"), ("u", "p"), ("quote\"'", "back\\slash\"'"),
            (String(repeating: "u", count: 200), String(repeating: "p", count: 200)),
        ]
    )
    func anyTextMayBeAPassword(username: String, password: String) throws {
        let server = try MemcachedServer.start(.sasl(SASLAccount(username: username, password: password)))
        defer { server.kill() }
        let client = try Client([server.address], username: username, password: password, behaviors: .patient)
        try client.set("k", 1)
        let wrong = try Client([server.address], username: username, password: password + "x", behaviors: .patient)
        expectFailure(.authFailure) { try wrong.set("k", 2) }
    }
}
