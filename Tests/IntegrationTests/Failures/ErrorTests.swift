import SwiftLibMC
import TestSupport
import Testing

/// What errors tell, and what they keep to themselves.
@Suite("Errors", .timeLimit(.minutes(5)))
struct ErrorTests {
    private static let key = "the-key"

    @Test(.hazard(57, 93), arguments: [true, false], [true, false])
    func nameOperationServerAndKey(binary: Bool, unix: Bool) throws {
        let nobody = try RefusingAddress(unix: unix)
        for command in Command.keyed {
            let client = try Client([nobody.address], binary: binary)
            let error = #expect(throws: MemcachedError.self, "\(command)") { try command.run(client, Self.key) }
            guard let error else { continue }
            #expect(error.operation == command.operation)
            #expect(error.server == client.servers[0], "\(command)")
            #expect(error.isConnectionFailure, "\(command): \(error.code.rawValue)")
            #expect(error.isRetriable)
            #expect(!error.isTimeout)
            #expect(!error.isAuthenticationFailure)
            #expect(!error.isOutcomeUnknown, "\(command)")
        }
        for command in Command.single {
            let client = try Client([nobody.address], binary: binary)
            let error = #expect(throws: MemcachedError.self) { try command.run(client, Self.key) }
            #expect(error?.key == Self.key, "\(command)")
        }
    }

    @Test(.hazard(93), arguments: [true, false])
    func areOneReadableSentence(binary: Bool) throws {
        let nobody = try RefusingAddress()
        for command in Command.keyed + Command.ofServers {
            let client = try Client([nobody.address], binary: binary)
            let error = #expect(throws: MemcachedError.self) { try command.run(client, Self.key) }
            guard let error else { continue }
            let text = error.description
            #expect(text.hasPrefix("\(command.operation) on \(nobody.address): "), "\(text)")
            // No addresses of memory, no paths of somebody's sources, no second server, no key.
            for strange in ["0x", "->", ".cc", "host:", "\n", Self.key] { #expect(!text.contains(strange), "\(text)") }
        }
    }

    @Test(arguments: [true, false])
    func tellTheSystemsErrorNumber(binary: Bool) throws {
        let client = try Client([try RefusingAddress().address], binary: binary)
        let error = #expect(throws: MemcachedError.self) { try client.set(Self.key, 1) }
        // ECONNREFUSED on Linux.
        #expect(error?.systemErrno == 111)
        #expect(error?.debugDescription.contains("errno 111") == true)
    }

    @Test(arguments: [true, false])
    func sayThatAReplyMakesNoSense(binary: Bool) throws {
        let web = try FakeServer(.http)
        for command in [Command("ping") { client, _ in if let error = client.ping()[0].error { throw error } }]
            + Command.reads
        {
            let client = try Client([web.address], binary: binary)
            let error = expectFailure(.unknownReadFailure, "\(command)") { try command.run(client, Self.key) }
            let protocolName = binary ? "binary" : "ASCII"
            #expect(error?.detail.contains("perhaps this is no memcached") == true, "\(command)")
            #expect(error?.detail.contains("the \(protocolName) protocol (unknown read failure") == true)
            #expect(error?.detail.contains { $0.isNewline } == false)
        }
    }

    @Test func debugDescriptionsHaveTheRest() throws {
        let client = try Route.binaryTCP.client()
        let key = uniqueKey()
        try client.set(key, "secret value")
        let error = expectFailure(.deserialization) { try client.get(key, as: Int.self) }
        let text = try #require(error).debugDescription
        #expect(text.contains(key))
        #expect(text.contains("10001"))
        #expect(text.contains("caused by"))
        #expect(!text.contains("secret value"))
        #expect(error?.description.contains("get of \"\(key)\" on \(client.servers[0]): ") == true)
        #expect(error?.description.contains("secret value") == false)
    }

    @Test func neverShowValues() throws {
        struct Account: Codable { var pin: Int }
        let client = try Route.binaryTCP.client()
        let key = uniqueKey()
        let values = [
            #"{"pin":"hunter2"}"#, #"{"name":"hunter2"}"#, "hunter2", #"["hunter2"]"#, #"{"pin": hunter2}"#,
        ]
        for stored in values {
            try client.set(key, stored)
            let error = expectFailure(.deserialization) { try client.get(key, as: Account.self) }
            var dumped = ""
            dump(error, to: &dumped)
            for text in [error?.description, error?.debugDescription, dumped] {
                #expect(text?.contains("hunter2") == false)
            }
        }
        let error = expectFailure(.serialization) { try client.set(key, ["hunter2": Double.nan]) }
        #expect(error?.debugDescription.contains("hunter2") == false)
    }

    @Test func aTimeOutIsOne() throws {
        let server = try FakeServer(.silent)
        for command in Command.single {
            let client = try Client([server.address], behaviors: Behaviors(pollTimeout: .milliseconds(20)))
            let error = #expect(throws: MemcachedError.self) { try command.run(client, Self.key) }
            #expect(error?.isTimeout == true, "\(command): \(error.debugDescription)")
            #expect(error?.isRetriable == true)
            #expect(error?.server == client.servers[0])
            #expect(error?.key == Self.key)
        }
    }

    @Test func aHostThatDoesNotExistIsNamed() throws {
        // A top-level domain that is reserved for never existing.
        let client = try Client(["no-such-host.invalid:11211"])
        let error = #expect(throws: MemcachedError.self) { try client.get(Self.key, as: Int.self) }
        #expect(error?.isConnectionFailure == true)
        #expect(error?.description.contains("no-such-host.invalid:11211") == true)
    }

    @Test(.hazard(62, 64, 71, 73, 76)) func whatCanNotBeCombinedIsRefusedBeforeAnythingIsConnected() throws {
        let server = try FakeServer(.silent)
        let tcp = server.address
        expectFailure(.noServers) { try Client([String]()) }
        expectFailure(.noServers) { try Client(servers: []) }
        expectFailure(.invalidServer) { try Client([tcp, "host:0"]) }
        expectFailure(.invalidServer) { try Client(servers: [Server(.tcp(host: "", port: 1))]) }
        expectFailure(.invalidArguments) { try Client([tcp, "udp:127.0.0.1:1"]) }
        expectFailure(.invalidArguments) { try Client(["/tmp/socket", "udp:127.0.0.1:1"]) }
        expectFailure(.invalidArguments) { try Client([tcp], username: "user") }
        expectFailure(.invalidArguments) { try Client([tcp], password: "password") }
        expectFailure(.invalidArguments) { try Client([tcp], binary: false, username: "user", password: "password") }
        expectFailure(.invalidArguments) { try Client(["/tmp/socket"], username: "user", password: "password") }
        expectFailure(.invalidArguments) { try Client(["udp:127.0.0.1:1"], username: "user", password: "password") }
        expectFailure(.invalidArguments) { try Client([tcp], username: "", password: "password") }
        expectFailure(.invalidArguments) { try Client([tcp], username: "us\0er", password: "password") }
        expectFailure(.invalidArguments) {
            try Client([tcp], username: String(repeating: "u", count: 100_000), password: "password")
        }
        #expect(server.connectionCount == 0)
    }
}
