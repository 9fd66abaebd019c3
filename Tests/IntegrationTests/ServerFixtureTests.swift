import Foundation
import TestSupport
import Testing

/// Facts about the server fixture itself, which everything else stands on.
@Suite("Server fixture", .enabled(if: MemcachedServer.isInstalled), .timeLimit(.minutes(1)))
struct ServerFixtureTests {
    @Test(arguments: [MemcachedOptions.tcp, .udp, .unix])
    func startsAndAnswersAtOnce(_ options: MemcachedOptions) throws {
        let server = try MemcachedServer.start(options)
        #expect(try server.ask("version").hasPrefix("VERSION 1."))
        #expect(server.processIdentifier != nil)
    }

    @Test func addressSaysHowToReachIt() throws {
        let tcp = try MemcachedServer.start()
        #expect(tcp.address == "127.0.0.1:\(try #require(tcp.port))")
        let udp = try MemcachedServer.start(.udp)
        #expect(udp.address == "udp:127.0.0.1:\(try #require(udp.port))")
        let unix = try MemcachedServer.start(.unix)
        #expect(unix.port == nil)
        #expect(FileManager.default.fileExists(atPath: unix.address))
    }

    @Test func startIsQuick() throws {
        var times: [Duration] = []
        for _ in 0..<5 {
            times.append(try ContinuousClock().measure { _ = try MemcachedServer.start() })
        }
        // The best of five: other tests take their share of the machine.
        #expect(try #require(times.min()) < .milliseconds(200))
    }

    @Test func takesMemcachedsOwnFlags() throws {
        let server = try MemcachedServer.start("-m", "8", "-I", "2m", "-M", "-t", "2")
        let settings = try server.statistics("settings")
        #expect(settings["maxbytes"] == "\(8 << 20)")
        #expect(settings["item_size_max"] == "\(2 << 20)")
        #expect(settings["evictions"] == "off")
        #expect(settings["num_threads"] == "2")
    }

    @Test func refusedFlagsAreReportedInMemcachedsWords() {
        let error = #expect(throws: SystemError.self) { try MemcachedServer.start("--no-such-flag") }
        #expect(error?.description.contains("unrecognized option") == true)
    }

    @Test(arguments: [MemcachedOptions.tcp, .unix])
    func suspendStallsAndResumeGoesOn(_ options: MemcachedOptions) throws {
        let server = try MemcachedServer.start(options)
        let process = try #require(server.processIdentifier)
        try server.suspend()
        #expect(processState(process) == "T")
        #expect(throws: SystemError.self) { try server.ask("version", timeout: .milliseconds(50)) }
        server.resume()
        #expect(processState(process) != "T")
        #expect(try server.ask("version").hasPrefix("VERSION"))
    }

    @Test func suspendAndResumeMayBeRepeated() throws {
        let server = try MemcachedServer.start()
        server.resume()
        for _ in 0..<20 {
            try server.suspend()
            try server.suspend()
            #expect(processState(try #require(server.processIdentifier)) == "T")
            server.resume()
        }
        let answer = try server.whileSuspended { 1 }
        #expect(answer == 1)
        #expect(try server.ask("version").hasPrefix("VERSION"))
    }

    @Test func killResetsConnectionsAndRefusesNewOnes() throws {
        let server = try MemcachedServer.start()
        let connection = try RawConnection(to: server.address)
        try connection.send("version\r\n")
        #expect(try connection.receive(through: "\r\n").hasPrefix("VERSION"))
        server.kill()
        #expect(try connection.receiveAll().isEmpty)
        let error = #expect(throws: SystemError.self) { try server.ask("version") }
        #expect(error?.code == ECONNREFUSED)
        #expect(server.processIdentifier == nil)
        server.kill()
    }

    @Test func aSuspendedServerCanBeKilled() throws {
        let server = try MemcachedServer.start()
        try server.suspend()
        server.kill()
        #expect(server.processIdentifier == nil)
        #expect(throws: SystemError.self) { try server.ask("version") }
    }

    @Test(arguments: [MemcachedOptions.tcp, .udp, .unix])
    func restartKeepsTheAddressAndForgetsTheItems(_ options: MemcachedOptions) throws {
        let server = try MemcachedServer.start(options)
        let (address, process) = (server.address, server.processIdentifier)
        #expect(try server.ask("set k 0 0 1\r\nx") == "STORED")
        try server.restart()
        #expect(server.address == address)
        #expect(server.processIdentifier != process)
        #expect(try server.ask("get k") == "END")
        server.kill()
        try server.restart()
        #expect(try server.ask("version").hasPrefix("VERSION"))
    }

    @Test func diesWithTheObject() throws {
        var server: MemcachedServer? = try .start(.unix)
        let process = try #require(server?.processIdentifier)
        let socket = try #require(server?.address)
        server = nil
        #expect(processState(process) == nil)
        #expect(!FileManager.default.fileExists(atPath: socket))
    }

    @Test func diesWithACrashedTestProcess() async throws {
        let result = try await #require(processExitsWith: .signal(SIGABRT), observing: [\.standardOutputContent]) {
            let server = try MemcachedServer.start()
            FileHandle.standardOutput.write(Data("\n<\(server.processIdentifier ?? 0)>\n".utf8))
            withExtendedLifetime(server) { abort() }
        }
        let output = String(decoding: result.standardOutputContent, as: UTF8.self)
        let match = try #require(output.firstMatch(of: /<(\d+)>/))
        let process = try #require(Int32(match.1))
        #expect(process > 1)
        // A process that nobody waits for may stay as a zombie.
        #expect(await eventually { processState(process) == nil || processState(process) == "Z" })
    }

    @Test func twentyStartInParallel() async throws {
        let servers = try await withThrowingTaskGroup(of: MemcachedServer.self) { group in
            for _ in 0..<20 {
                group.addTask { try .start("-t", "1") }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(servers.map(\.address)).count == 20)
        for server in servers {
            #expect(try server.ask("version").hasPrefix("VERSION"))
        }
    }

    @Test func leavesNoDescriptorsBehindInTheServer() throws {
        // An inheritable descriptor of this process, as libraries leave them about.
        let descriptor = fcntl(FileHandle.standardError.fileDescriptor, F_DUPFD, 500)
        defer { close(descriptor) }
        let server = try MemcachedServer.start()
        let process = try #require(server.processIdentifier)
        #expect(!FileManager.default.fileExists(atPath: "/proc/\(process)/fd/\(descriptor)"))
    }

    @Test func statisticsCountConnections() throws {
        let server = try MemcachedServer.start()
        let before = try #require(Int(try server.statistics()["curr_connections"] ?? ""))
        let connections = try (0..<3).map { _ in try RawConnection(to: server.address) }
        try withExtendedLifetime(connections) {
            let now = try eventually { Int(try server.statistics()["curr_connections"] ?? "") == before + 3 }
            #expect(now)
        }
    }
}

/// Servers that demand a password.
@Suite("Server fixture with passwords", .enabled(if: MemcachedServer.isInstalled), .timeLimit(.minutes(1)))
struct SASLServerFixtureTests {
    /// A request of the binary protocol without flags and value.
    private func request(_ opcode: UInt8, key: String = "", value: String = "") -> [UInt8] {
        let length = key.utf8.count + value.utf8.count
        let head: [UInt8] = [0x80, opcode, 0, UInt8(key.utf8.count), 0, 0, 0, 0, 0, 0, 0, UInt8(length)]
        return head + [UInt8](repeating: 0, count: 12) + Array(key.utf8) + Array(value.utf8)
    }

    /// Status and body of the reply to a request of the binary protocol.
    private func answer(_ request: [UInt8], on connection: RawConnection) throws -> (status: UInt8, body: String) {
        try connection.send(request)
        let head = try connection.receive(24)
        let body = try connection.receive(Int(head[10]) << 8 + Int(head[11]))
        return (head[7], String(decoding: body, as: UTF8.self))
    }

    private static let get: UInt8 = 0x00
    private static let listMechanisms: UInt8 = 0x20
    private static let authenticate: UInt8 = 0x21
    private static let keyNotFound: UInt8 = 0x01
    private static let authenticationError: UInt8 = 0x20

    @Test func demandsAuthentication() throws {
        let connection = try RawConnection(to: try MemcachedServer.shared(.sasl).address)
        #expect(try answer(request(Self.get, key: "k"), on: connection).status == Self.authenticationError)
    }

    @Test func takesTheRightPasswordAndNoOther() throws {
        let account = SASLAccount(username: "ann", password: "a b\"c'ü")
        let server = try MemcachedServer.start(.sasl(account))
        let wrong = try RawConnection(to: server.address)
        let refused = request(Self.authenticate, key: "PLAIN", value: "\0ann\0wrong")
        #expect(try answer(refused, on: wrong).status == Self.authenticationError)
        let right = try RawConnection(to: server.address)
        let accepted = request(Self.authenticate, key: "PLAIN", value: "\0ann\0\(account.password)")
        #expect(try answer(accepted, on: right).status == 0)
        #expect(try answer(request(Self.get, key: "k"), on: right).status == Self.keyNotFound)
    }

    @Test(arguments: SASLAccount.Mechanism.allCases)
    func offersTheMechanismAskedFor(_ mechanism: SASLAccount.Mechanism) throws {
        let server = try MemcachedServer.start(.sasl(SASLAccount(mechanisms: [mechanism])))
        let connection = try RawConnection(to: server.address)
        let offered = try answer(request(Self.listMechanisms), on: connection).body
        #expect(offered.split(separator: " ") == [Substring(mechanism.rawValue)])
    }

    @Test func asciiIsNotAnswered() throws {
        let server = try MemcachedServer.shared(.sasl)
        #expect(throws: SystemError.self) { try server.ask("version", timeout: .milliseconds(50)) }
    }
}

/// What the traits give.
@Suite(
    "Server traits",
    .enabled(if: MemcachedServer.isInstalled),
    .timeLimit(.minutes(1)),
    .memcached(.unix, "-m", "8")
)
struct ServerTraitTests {
    @Test func aSuiteHasAServer() throws {
        let server = try #require(MemcachedServer.current)
        #expect(server.options == .unix.adding(["-m", "8"]))
        #expect(try server.ask("version").hasPrefix("VERSION"))
    }

    @Test(.memcached("-C"), arguments: 1...3)
    func aTestMayHaveOneOfItsOwn(_ number: Int) throws {
        let server = try #require(MemcachedServer.current)
        #expect(try server.ask("add once 0 0 1\r\nx") == "STORED", "each case has a new one")
    }

    @Suite struct Nested {
        @Test func theServerOfTheOuterSuiteIsSeen() throws {
            #expect(MemcachedServer.current?.options.transport == .unix)
        }
    }

    @Test(.memcachedCluster(count: 3)) func aClusterHasServersThatDifferAndAnswer() throws {
        let cluster = try #require(MemcachedCluster.current)
        #expect(Set(cluster.addresses).count == 3)
        for address in cluster.addresses {
            #expect(try cluster.server(at: address)?.ask("version").hasPrefix("VERSION") == true)
        }
        cluster[1].kill()
        #expect(try cluster[0].ask("version").hasPrefix("VERSION"))
    }

    @Test(arguments: [MemcachedOptions.tcp, .unix, .sasl])
    func equalOptionsShareAServer(_ options: MemcachedOptions) throws {
        let server = try MemcachedServer.shared(options)
        #expect(try MemcachedServer.shared(options) === server)
        #expect(server.options == options)
        #expect(server.processIdentifier != nil)
    }
}
