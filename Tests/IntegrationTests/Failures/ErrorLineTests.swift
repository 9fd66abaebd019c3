import SwiftLibMC
import TestSupport
import Testing

/// Servers that answer some requests with an error line of the ASCII protocol, as proxies do.
@Suite("Error lines are about one request", .timeLimit(.minutes(5)))
struct ErrorLineTests {
    private static let lines = [
        "SERVER_ERROR Connection refused\r\n", "SERVER_ERROR\r\n", "CLIENT_ERROR no such pool\r\n", "ERROR\r\n",
    ]

    /// A server that can't do anything with keys that begin with "bad", nor with a request that has one among others.
    private static func partial(_ line: String = lines[0]) throws -> FakeServer {
        try .lookAlike { request in request.arguments.contains { $0.hasPrefix("bad") } ? line : nil }
    }

    private static func client(_ server: FakeServer, _ behaviors: Behaviors = .patient) throws -> Client {
        try Client([server.address], binary: false, behaviors: behaviors)
    }

    private static let good = (0..<43).map { "good\($0)" }
    private static let bad = (0..<57).map { "bad\($0)" }
    private static let keys = (good + bad).shuffled()

    @Test(arguments: lines)
    func theOtherKeysAreStoredReadTouchedAndDeleted(_ line: String) throws {
        let (good, bad, keys) = (Self.good, Self.bad, Self.keys)
        let server = try Self.partial(line)
        let client = try Self.client(server)
        let log = ErrorLog(of: client)
        #expect(try Set(client.setMulti(keys.map { ($0, "1") })) == Set(bad))
        #expect(log.take().map(\.operation) == ["setMulti"])
        #expect(try Set(client.addMulti(keys.map { ($0, "1") })) == Set(keys))
        #expect(log.take().map(\.operation) == ["addMulti"])
        #expect(try Set(client.getMulti(keys, as: String.self).keys) == Set(good))
        let reported = log.take()
        #expect(reported.map(\.operation) == ["getMulti"])
        #expect(reported.first?.detail.contains("57 of 100 keys") == true)
        #expect(try client.getMultiArray(keys, as: String.self) == keys.map { good.contains($0) ? "1" : nil })
        #expect(try Set(client.getsMulti(keys, as: String.self).keys) == Set(good))
        #expect(try Set(client.items(keys).keys) == Set(good))
        #expect(log.take().count == 3)
        #expect(try Set(client.touchMulti(keys, time: 100)) == Set(bad))
        try client.incrMulti(keys, delta: 4)
        #expect(log.take().map(\.operation) == ["touchMulti", "incrMulti"])
        #expect(try client.getMulti(good, as: String.self) == Dictionary(uniqueKeysWithValues: good.map { ($0, "5") }))
        #expect(try !client.deleteMulti(keys))
        #expect(log.take().map(\.operation) == ["deleteMulti"])
        #expect(try client.getMulti(good, as: String.self).isEmpty)
        #expect(log.take().isEmpty)
    }

    @Test func whoWantsToHearOfItGetsWhatWasDone() throws {
        let server = try Self.partial()
        let client = try Self.client(server)
        client.partialFailures = .throwing
        let stored = expectFailure(.serverError) { try client.setMulti(Self.keys.map { ($0, "1") }) }
        #expect(Set(stored?.partialResult?.failedKeys ?? []) == Set(Self.bad))
        let read = expectFailure(.serverError) { try client.getMulti(Self.keys, as: String.self) }
        #expect(Set(read?.partialResult?.failedKeys ?? []) == Set(Self.bad))
        #expect(Set(read?.partialResult?.items.map { String(decoding: $0.key, as: UTF8.self) } ?? []) == Set(Self.good))
        #expect(read?.partialResult?.failures.map(\.server) == client.servers)
        let deleted = expectFailure(.serverError) { try client.deleteMulti(Self.keys) }
        #expect(Set(deleted?.partialResult?.failedKeys ?? []) == Set(Self.bad))
    }

    @Test func aCallThrowsIfNoKeyGotAnAnswer() throws {
        let server = try Self.partial()
        let client = try Self.client(server)
        for key in [Self.bad, ["bad"]] {
            expectFailure(.serverError) { try client.getMulti(key, as: String.self) }
            expectFailure(.serverError) { try client.setMulti(key.map { ($0, "1") }) }
            expectFailure(.serverError) { try client.deleteMulti(key) }
            expectFailure(.serverError) { try client.touchMulti(key, time: 9) }
        }
        client.errorPolicy = .missing
        #expect(try client.getMulti(Self.bad, as: String.self).isEmpty)
    }

    @Test("What the server says gets into the error, with operation, key and server")
    func everyErrorHasTheServersWords() throws {
        for command in Command.keyed {
            let server = try FakeServer.lookAlike { request in
                request.arguments.contains("k") ? "SERVER_ERROR the host behind is away\r\n" : nil
            }
            let client = try Self.client(server)
            for round in 1...2 {
                let error = expectFailure(.serverError, "\(command), round \(round)") { try command.run(client, "k") }
                #expect(
                    error?.detail.contains("the host behind is away") == true,
                    "\(command): \(error.debugDescription)"
                )
                #expect(error?.operation == command.operation)
                #expect(error?.key == "k")
                #expect(error?.server == client.servers[0])
            }
        }
    }

    @Test("An item that was not asked for names its server, if there is one only")
    func itemsThatWereNotAskedFor() throws {
        let server = try FakeServer.lookAlike { request in
            request.line.hasPrefix("get") ? "VALUE other 0 1\r\n1\r\nEND\r\n" : nil
        }
        let client = try Self.client(server)
        for command in Command.multiReads {
            let error = expectFailure(.protocolError, "\(command)") { try command.run(client, "k") }
            #expect(error?.server == client.servers[0], "\(command)")
        }
    }

    @Test("One bad key among a thousand costs few requests, a thousand bad ones little more than one each")
    func theNumberOfRequestsIsBounded() throws {
        let server = try Self.partial()
        let client = try Self.client(server)
        client.commandTimeout = .seconds(60)
        var keys = (0..<999).map { "k\($0)" } + ["bad"]
        #expect(try client.getMulti(keys, as: String.self).isEmpty)
        let first = server.requests.count
        #expect(first < 50)
        keys = (0..<1000).map { "bad\($0)" }
        expectFailure(.serverError) { try client.getMulti(keys, as: String.self) }
        #expect(server.requests.count - first < 1200)
    }

    @Test func whatCameBeforeTheErrorLineCounts() throws {
        let server = try FakeServer.lookAlike { request in
            request.line == "get a b c" ? "VALUE a 0 1\r\n1\r\nVALUE b 0 1\r\n2\r\nSERVER_ERROR out of memory\r\n" : nil
        }
        let client = try Self.client(server)
        try client.set("c", "3")
        #expect(try client.getMulti(["a", "b", "c"], as: String.self) == ["a": "1", "b": "2", "c": "3"])
    }

    // MARK: - The question before the first store

    /// What a server may say to the delete of a key that nobody has.
    @Test(arguments: lines + ["DELETED\r\n", "SERVER_ERROR out of memory\r\n"])
    func anyReplyInOrderProvesTheProtocol(_ line: String) throws {
        let server = try FakeServer.lookAlike { $0.line.hasPrefix("delete") ? line : nil }
        let client = try Self.client(server)
        for _ in 0..<3 {
            #expect(try client.set("k", "1"))
            #expect(try client.incr("k") == 2)
            #expect(try client.add("k", "1") == false)
            #expect(client.ping()[0].error == nil)
        }
    }

    private static let nonsense = [
        "END", "OK", "DELETED", "STORED", "TOUCHED", "500 what?", "220 ready", "-ERR what?", "EXISTS", "NOT_STORED",
    ]

    @Test("Replies that make no sense don't, and end no process", arguments: nonsense)
    func nonsenseDoesNot(_ line: String) throws {
        let server = try FakeServer(.answering("\(line)\r\n"))
        let impatient = Behaviors(connectTimeout: .milliseconds(300), pollTimeout: .milliseconds(300))
        let client = try Self.client(server, impatient)
        #expect(throws: MemcachedError.self) { try client.set("k", "1") }
        #expect(throws: MemcachedError.self) { try client.incr("k") }
        #expect(throws: MemcachedError.self) { try client.setMulti([("k", "1"), ("l", "1")]) }
    }

    // MARK: - Lengths

    /// libmemcached believes such a length.
    ///
    /// One of -2 ends the process inside the library, which nobody here can prevent.
    @Test("A length below zero ends no process", .hazard(101), arguments: ["-1", "18446744073709551615"])
    func lengthsBelowZero(_ length: String) async throws {
        let server = try FakeServer.lookAlike { request in
            guard request.line.hasPrefix("get") else { return nil }
            return request.arguments.map { "VALUE \($0) 0 \(length)\r\n\r\n" }.joined() + "END\r\n"
        }
        let impatient = Behaviors(connectTimeout: .seconds(1), pollTimeout: .milliseconds(300))
        let client = try Self.client(server, impatient)
        #expect(throws: MemcachedError.self) { try client.get("k", as: [UInt8].self) }
        #expect(throws: MemcachedError.self) { try client.get("k", as: String.self) }
        #expect(throws: MemcachedError.self) { try client.get("k", as: Int.self) }
        #expect(throws: MemcachedError.self) { try client.gets("k", as: Int.self) }
        #expect(throws: MemcachedError.self) { try client.contains("k") }
        #expect(throws: MemcachedError.self) { try client.withBytes("k") { $0.byteCount } }
        #expect(throws: MemcachedError.self) { try client.getMulti(["k"], as: [UInt8].self) }
        #expect(throws: MemcachedError.self) { try client.getMulti(["k", "l"], as: String.self) }
        #expect(throws: MemcachedError.self) { try client.items(["k", "l"]) }
        let cache = try AsyncClient(cloning: client, commandTimeout: .seconds(60))
        await #expect(throws: MemcachedError.self) { try await cache.get("k", as: [UInt8].self) }
        await #expect(throws: MemcachedError.self) { try await cache.getMulti(["k", "l"], as: String.self) }
    }

    // MARK: - Long lines

    @Test("A request line has at most 16 KB", arguments: [nil, "some-namespace:"])
    func linesAreShort(_ namespace: String?) throws {
        let server = try FakeServer.lookAlike()
        var behaviors = Behaviors.patient
        behaviors.namespace = namespace
        let client = try Self.client(server, behaviors)
        client.commandTimeout = .seconds(60)
        let room = 250 - (namespace?.utf8.count ?? 0)
        let keys = (0..<1000).map { number in
            let digits = String(number)
            return digits + String(repeating: "k", count: number.isMultiple(of: 3) ? room - digits.count : 9)
        }
        #expect(try client.setMulti(keys.map { ($0, "1") }) == [])
        #expect(try client.getMulti(keys, as: String.self).count == 1000)
        #expect(try client.getsMulti(keys, as: String.self).count == 1000)
        let longest = server.requests.map { $0.line.utf8.count + 2 }.max() ?? 0
        #expect(longest <= 16 << 10)
        #expect(longest > 15 << 10)
    }
}
