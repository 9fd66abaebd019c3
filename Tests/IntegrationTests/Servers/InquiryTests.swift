import TestSupport
import Testing

@testable import SwiftLibMC

/// What is asked of a server as such: versions, statistics, whether it answers.
@Suite("Questions to servers", .timeLimit(.minutes(5)))
struct InquiryTests {
    /// What came of a question, to be compared.
    enum Answer: Equatable {
        case names(Set<String>)
        case failure(MemcachedError.Code)
    }

    private func answer(_ client: Client, _ group: String?) -> Answer {
        do throws(MemcachedError) {
            // Numbers of connections differ from one question to the next.
            let names = try client.getStats(group)[0].stats.keys.map { name in String(name.drop(while: \.isNumber)) }
            return .names(Set(names))
        } catch {
            return .failure(error.code)
        }
    }

    // MARK: - Groups of statistics

    @Test(.memcached(), arguments: Route.protocols)
    func aTextIsOneCommand(_ route: Route) async throws {
        let address = try #require(MemcachedServer.current).address
        let client = try route.client(of: [address])
        try client.set("victim", 1)
        for text in ["slabs\r\ndelete victim", "slabs\ndelete victim", "slabs\rx", "\n", "a\0b", "\u{7F}", "\u{1B}"] {
            expectFailure(.invalidArguments, "\(text.debugDescription)") { try client.getStats(text) }
            let mock = MockClient()
            expectFailure(.invalidArguments, "\(text.debugDescription)") { try mock.getStats(text) }
        }
        expectFailure(.invalidArguments) { try client.getStats(String(repeating: "x", count: 251)) }
        let asynchronous = try AsyncClient(cloning: client, connections: 1)
        let error = await #expect(throws: MemcachedError.self) {
            try await asynchronous.getStats("slabs\r\ndelete victim")
        }
        #expect(error?.code == .invalidArguments)
        await asynchronous.shutdown()
        #expect(try client.get("victim") == 1)
    }

    @Test(.hazard(77), .memcached())
    func aGroupHasTheSameAnswerInBothProtocols() throws {
        let address = try #require(MemcachedServer.current).address
        let clients = try [true, false].map { try Client([address], binary: $0, behaviors: .patient) }
        try clients[0].set("pre:x", 1)
        for (group, expected) in [
            ("nonsense", .failure(.unknownStatKey)), ("SLABS", .failure(.unknownStatKey)),
            ("resetx", .failure(.unknownStatKey)), ("x noreply", .failure(.unknownStatKey)),
            ("detail", .failure(.clientError)), ("detail maybe", .failure(.clientError)),
            ("cachedump", .failure(.clientError)), ("cachedump 1 10", .names(["pre:x"])),
            ("reset", .names([])), ("detail on", .names([])), ("detail off", .names([])),
            ("sizes_enable", .names(["sizes_status"])), ("sizes_disable", .names(["sizes_status"])),
            ("sizes", .names(["sizes_status"])),
        ] as [(String, Answer)] {
            for client in clients { #expect(answer(client, group) == expected, "\(group), \(client)") }
        }
        for group in [nil, "", "items", "slabs", "settings", "conns", "settings x", "slabs y"] {
            let answers = clients.map { answer($0, group) }
            #expect(answers[0] == answers[1], "\(group ?? "general")")
            if case .names(let names) = answers[0] { #expect(!names.isEmpty) } else { Issue.record("\(answers[0])") }
        }
    }

    /// What servers with passwords, which speak the binary protocol only, say, read as in the text protocol.
    @Test(.memcached(), arguments: [nil, "settings", "detail dump", "sizes_enable", "reset", "nonsense"])
    func theBinaryProtocolItselfGivesTheSame(group: String?) throws {
        let address = try #require(MemcachedServer.current).address
        let client = try Client([address], binary: false, behaviors: .patient)
        _ = try client.getStats("detail on")
        try client.set("pre:x", 1)
        let expected = answer(client, group)
        var connection = try AdminConnection(to: client.servers[0], Patience(.patient), for: .getStats)
        do throws(MemcachedError) {
            #expect(.names(Set(try connection.binaryStatistics(group).keys)) == expected)
        } catch {
            #expect(.failure(error.code) == expected)
        }
    }

    @Test(arguments: Route.protocols)
    func keysThatAreEqualAsTextKeepTheirOwnEntry(_ route: Route) throws {
        let server = try FakeServer(.answering("ITEM caf\u{E9} [1 b; 0 s]\r\nITEM cafe\u{301} [2 b; 0 s]\r\nEND\r\n"))
        let stats = try route.client(of: [server.address]).getStats("cachedump 1 0")[0].stats
        #expect(stats.count == 1)
        #expect(stats.first.map { Array($0.key.utf8) } == Array("caf\u{E9}".utf8))
        #expect(stats.first?.value == "[1 b; 0 s]")
    }

    // MARK: - Servers of other kinds

    @Test(arguments: ["mcrouter 0.41.0", "1.6", "2.0.0-beta3", "Python memcached proxy", "1.6.300"])
    func versionsHaveAnyForm(version: String) throws {
        let server = try FakeServer(
            .answering { request in
                guard request.isBinary else { return Array("VERSION \(version)\r\n".utf8) }
                return request.binaryReply(value: request.opcode == 0x0B ? Array(version.utf8) : [])
            }
        )
        for binary in [true, false] {
            let client = try Client([server.address], binary: binary, behaviors: .patient)
            #expect(try client.version().map(\.version) == [version])
            #expect(client.ping()[0].error == nil)
        }
    }

    @Test(.memcached("-B", "binary"))
    func binaryServersAnswerInBinary() throws {
        let server = try #require(MemcachedServer.current)
        let client = try Client([server.address], behaviors: .patient)
        #expect(client.ping()[0].error == nil)
        #expect(try client.version()[0].version == client.getStats()[0].stats["version"])
        #expect(try client.statsSettings()[0].stats.tcpport == server.port)
        expectFailure(.unknownStatKey) { try client.getStats("nonsense") }
        try client.set("k", 1)
        try client.flushAll()
        #expect(try client.get("k", as: Int.self) == nil)
        let wrong = try Client([server.address], binary: false, behaviors: .patient)
        for command in Command.ofServers {
            let error = expectFailure(.protocolError) { try command.run(wrong, "") }
            #expect(error?.detail.contains("binary protocol only: `binary: true`") == true)
        }
    }

    @Test(.memcached("-B", "ascii"))
    func textServersSayThatTheyAreSuch() throws {
        let address = try #require(MemcachedServer.current).address
        let behaviors = Behaviors(connectTimeout: .seconds(5), pollTimeout: .milliseconds(300))
        let client = try Client([address], binary: true, behaviors: behaviors)
        for command in Command.ofServers {
            let error = expectFailure(.protocolError) { try command.run(client, "") }
            #expect(error?.detail.contains("text protocol only: `binary: false`") == true)
        }
        #expect(client.ping()[0].error?.detail.contains("binary: false") == true)
    }

    @Test func textServersThatWantCredentialsSaySo() throws {
        let refusing = FakeScript.answering("CLIENT_ERROR unauthenticated\r\n")
        for script in [[refusing], [FakeScript.silent, refusing]] {
            for binary in [true, false] where binary || script.count == 1 {
                let behaviors = Behaviors(connectTimeout: .seconds(5), pollTimeout: .milliseconds(300))
                let server = try FakeServer(unix: false, scripts: script)
                let client = try Client([server.address], binary: binary, behaviors: behaviors)
                #expect(client.ping()[0].error?.code == .authFailure)
            }
        }
    }

    @Test(arguments: [true, false])
    func serversWithTooManyConnectionsSaySo(binary: Bool) throws {
        let server = try FakeServer(FakeScript([.send(Array("ERROR Too many open connections\r\n".utf8)), .request]))
        let client = try Client([server.address], binary: binary, behaviors: .patient)
        for command in Command.ofServers {
            let error = expectFailure(.connectionFailure) { try command.run(client, "") }
            #expect(error?.detail.contains("Too many open connections") == true)
            #expect(error?.isRetriable == true && error?.isOutcomeUnknown == false)
        }
        expectFailure(.connectionFailure) { try client.forEachStoredKey { _, _ in } }
        expectFailure(.connectionFailure) { try ClusterDiscovery(endpoint: server.address).servers() }
    }

    // MARK: - Hostile ones

    @Test(.hazard(78), arguments: [true, false])
    func repliesOfAnyLengthAreHarmless(binary: Bool) throws {
        let long = [UInt8](repeating: UInt8(ascii: "9"), count: 5000)
        let version = try FakeServer(
            .answering { request in
                request.isBinary
                    ? request.binaryReply(value: long)
                    : Array("VERSION \(String(decoding: long, as: UTF8.self))\r\n".utf8)
            }
        )
        let client = try Client([version.address], binary: binary, behaviors: .patient)
        #expect(try client.version()[0].version.utf8.count == 5000)

        // A statistic whose name is longer than the whole.
        let statistic = try FakeServer(
            .answering { request in
                guard binary else { return Array("STAT\r\n".utf8) }
                var reply = request.binaryReply(key: "pid", value: [49])
                if request.opcode == 0x10 { reply[2...3] = [0xFF, 0xFF] }
                return reply
            }
        )
        expectFailure(.unknownReadFailure) {
            try Client([statistic.address], binary: binary, behaviors: .patient).getStats()
        }
    }

    @Test(arguments: [true, false])
    func endlessStatisticsAreGivenUp(binary: Bool) throws {
        let value = [UInt8](repeating: UInt8(ascii: "9"), count: 60_000)
        let statistic = FakeScript.Step.answer { request in
            request.isBinary
                ? request.binaryReply(key: "pid", value: value) : Array("STAT pid ".utf8) + value + [13, 10]
        }
        let opening: [FakeScript.Step] = binary ? [.request, .answer { $0.binaryReply() }, .request] : [.request]
        let server = try FakeServer(FakeScript(opening + Array(repeating: statistic, count: 400)))
        let client = try Client([server.address], binary: binary, behaviors: .patient)
        client.commandTimeout = .seconds(60)
        let error = expectFailure(.protocolError) { try client.getStats() }
        #expect(error?.detail.contains("longer than") == true)
    }

    @Test(arguments: [true, false])
    func slowStatisticsEndInTime(binary: Bool) throws {
        let server = try FakeServer(
            .dribbling(Array("STAT a 1\r\nSTAT b 2\r\nSTAT c 3\r\nEND\r\n".utf8), every: .milliseconds(100))
        )
        let behaviors = Behaviors(connectTimeout: .milliseconds(300), pollTimeout: .milliseconds(300))
        let client = try Client([server.address], binary: binary, behaviors: behaviors)
        let start = ContinuousClock.now
        #expect(throws: MemcachedError.self) { try client.getStats() }
        // One byte after the other it would be 3.4 s.
        #expect(ContinuousClock.now - start < .seconds(3))
    }

    @Test(arguments: [true, false])
    func whatServersSayIsNoCommandForATerminal(binary: Bool) throws {
        let text = "SERVER_ERROR \u{1B}[31mred\u{7F}\u{9B}31m\r\n"
        let server = try FakeServer(
            .answering { request in
                request.isBinary
                    ? request.binaryReply(status: 0x84, value: Array(text.dropLast().utf8)) : Array(text.utf8)
            }
        )
        let client = try Client([server.address], binary: binary, behaviors: .patient)
        for command in Command.ofServers + [Command("set") { try $0.set($1, 1) }] + Command.reads {
            let error = #expect(throws: MemcachedError.self, "\(command)") { try command.run(client, "k") }
            let isClean = error?.description.unicodeScalars.allSatisfy { $0.value >= 32 && !(127...159 ~= $0.value) }
            #expect(isClean == true, "\(command)")
        }
        #expect("a\u{1B}[m\n\u{7F}\u{85}é".escapingControls == "a\\u{1b}[m\\u{a}\\u{7f}\\u{85}é")
    }

    /// The words of a server that takes no more connections are part of the error.
    @Test(arguments: [true, false])
    func whatAFullServerSaysIsNoCommandEither(binary: Bool) throws {
        let words = "ERROR Too many open connections \u{1B}]0;x\u{7}\u{9B}31m\u{7F}"
        let server = try FakeServer(.closing(afterSending: Array("\(words)\r\n".utf8)))
        let client = try Client([server.address], binary: binary, behaviors: .patient)
        for command in [Command("set") { try $0.set($1, 1) }] + Command.reads {
            let error = #expect(throws: MemcachedError.self, "\(command)") { try command.run(client, "k") }
            let isClean = error?.description.unicodeScalars.allSatisfy { $0.value >= 32 && !(127...159 ~= $0.value) }
            #expect(isClean == true, "\(command)")
            #expect(
                error?.detail.contains("no more connections (ERROR Too many") == true,
                "\(command): \(error?.detail ?? "")"
            )
        }
    }

    @Test(arguments: [true, false])
    func aFlushWithoutAnswerMayHaveTakenPlace(binary: Bool) throws {
        let server = try FakeServer(
            FakeScript(binary ? [.request, .answer { $0.binaryReply() }, .request, .stall] : [.request, .stall])
        )
        let behaviors = Behaviors(connectTimeout: .milliseconds(300), pollTimeout: .milliseconds(300))
        let client = try Client([server.address], binary: binary, behaviors: behaviors)
        let error = expectFailure(.timeout) { try client.flushAll() }
        #expect(error?.isOutcomeUnknown == true)
    }
}
