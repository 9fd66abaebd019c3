import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// Servers in whose place, while a client lives, there is one that speaks something else.
@Suite("Replaced servers", .blocking, .timeLimit(.minutes(5)))
struct ReplacedServerTests {
    private static let behaviors = Behaviors(
        connectTimeout: .milliseconds(500),
        pollTimeout: .milliseconds(500),
        retryTimeout: .seconds(1)
    )
    private static let command = "\r\nset kept 0 0 1\r\n2\r\n"

    /// A server at an address, and the next ones.
    private final class Place {
        let address: String
        private let port: Int
        private let first: MemcachedServer
        private var next: BackgroundProcess?

        init(_ arguments: [String]) throws {
            first = try MemcachedServer.start(.tcp.adding(arguments))
            address = first.address
            port = try #require(first.port)
        }

        func stop() { first.kill() }

        func suspend() throws { try first.suspend() }

        func replace(with arguments: [String]) throws {
            first.kill()
            next = nil
            next = try BackgroundProcess(
                executable: try Executable.path(of: "memcached"),
                arguments: ["-u", "root", "-l", "127.0.0.1", "-p", "\(port)", "-U", "0"] + arguments
            )
            #expect(eventually { (try? RawConnection(to: address)) != nil })
        }
    }

    /// A client that has spoken to a server over all its connections.
    private func warm(_ address: String, _ behaviors: Behaviors = behaviors) throws -> Client {
        let client = try Client([address], behaviors: behaviors)
        for _ in 0..<3 {
            #expect(try client.set("a", "1"))
            #expect(try client.getMulti(["a", "b"], as: String.self) == ["a": "1"])
        }
        return client
    }

    /// Puts a server of text only in the place of another one, and an item on it that no command may change; returns a
    /// client that sees the item.
    private func replaceByText(_ place: Place) throws -> Client {
        try place.replace(with: ["-B", "ascii"])
        let plain = try Client([place.address], binary: false, behaviors: .patient)
        #expect(try plain.set("kept", "1"))
        return plain
    }

    /// Calls of which text makes commands if they come in the binary protocol.
    private static let dangerous = [
        Command("set") { try $0.set($1, command) },
        Command("set", " without reply") { try $0.set($1, command, noreply: true) },
        Command("add") { _ = try $0.add($1, command) },
        Command("append") { try $0.append($1, command) },
        Command("setMulti") { _ = try $0.setMulti([($1, command), ("\($1)/2", command)]) },
        Command("addMulti") { _ = try $0.addMulti([($1, command), ("\($1)/2", command)]) },
        Command("get") { client, _ in _ = try client.get(command, as: String.self) },
        Command("getMulti") { _ = try $0.getMulti([command, $1], as: String.self) },
        Command("deleteMulti") { try $0.deleteMulti([command, $1]) },
        Command("touch") { client, _ in try client.touch(command, time: 9) },
        Command("incr") { client, _ in try client.incr(command) },
    ]

    @Test("One of text only is served in text, and no value is a command to it", arguments: dangerous)
    private func byText(_ command: Command) throws {
        let place = try Place([])
        let client = try warm(place.address)
        let plain = try replaceByText(place)
        do {
            try command.run(client, "k")
        } catch let error as MemcachedError {
            // Where the connection is known to have been broken, or text can't carry the key.
            #expect(error.isConnectionFailure || error.code == .badKey, "\(error.debugDescription)")
        }
        // The binary connection may only be known to be broken when it is next used.
        _ = try? client.set("a", "2")
        for _ in 0..<2 {
            #expect(try client.set("a", "2"))
            #expect(try client.getMulti(["a", "b"], as: String.self) == ["a": "2"])
            #expect(try client.incr("n", initial: 1) > 0)
        }
        #expect(client.wireProtocol == .text)
        #expect(try plain.get("kept", as: String.self) == "1")
    }

    @Test("So it is by an asynchronous client") func byTextBehindAnAsyncClient() async throws {
        let place = try Place([])
        let cache = try AsyncClient(cloning: warm(place.address))
        #expect(try await cache.set("a", "1"))
        #expect(try await cache.getMulti(["a", "b"], as: String.self) == ["a": "1"])
        let plain = try replaceByText(place)
        await withTaskGroup { group in
            for number in 0..<20 { group.addTask { _ = try? await cache.set("k\(number)", Self.command) } }
        }
        #expect(try await cache.set("a", "2"))
        #expect(try await cache.getMulti(["a", "b"], as: String.self) == ["a": "2"])
        #expect(try plain.get("kept", as: String.self) == "1")
    }

    @Test("So it is by clones, pools and bodies of `run` that have not spoken to its predecessor", arguments: dangerous)
    private func byOthers(_ command: Command) async throws {
        let place = try Place([])
        let client = try warm(place.address)
        let clone = try client.clone()
        let lender = try ClientPool(cloning: client, size: 2)
        let cache = try AsyncClient(cloning: client)
        let plain = try replaceByText(place)
        let callers: [() async throws -> Void] = [
            { try command.run(clone, "k") },
            { try onThreads(1) { _ in try lender.withClient { client in try command.run(client, "k") } } },
            { try await cache.run { client in try command.run(client, "k") } },
        ]
        for caller in callers {
            for _ in 0..<2 {
                do {
                    try await caller()
                } catch let error as MemcachedError {
                    #expect(error.code == .badKey || error.code == .notFound, "\(error.debugDescription)")
                }
            }
            #expect(try plain.get("kept", as: String.self) == "1")
        }
        #expect(clone.wireProtocol == .text)
        await cache.shutdown()
    }

    @Test("So it is where the client has closed its connections before", arguments: dangerous)
    private func byTextAfterAClosing(_ command: Command) throws {
        let place = try Place([])
        let client = try warm(place.address)
        client.disconnectAll()
        let plain = try replaceByText(place)
        for _ in 0..<2 {
            do {
                try command.run(client, "k")
            } catch let error as MemcachedError {
                #expect(error.code == .badKey || error.code == .notFound, "\(error.debugDescription)")
            }
        }
        #expect(try plain.get("kept", as: String.self) == "1")
        #expect(client.wireProtocol == .text)
    }

    @Test("So it is in a forked child", .enabled(if: canFork), arguments: dangerous)
    private func byTextInAChild(_ command: Command) throws {
        let place = try Place([])
        let client = try warm(place.address)
        let plain = try replaceByText(place)
        let status = inForkedChild {
            for _ in 0..<2 { _ = try? command.run(client, "k") }
            return client.wireProtocol == .text
        }
        #expect(status == 0)
        #expect(try plain.get("kept", as: String.self) == "1")
    }

    @Test("So it is where the connections were closed because another server had failed", arguments: dangerous)
    private func byTextAfterAnothersFailure(_ command: Command) throws {
        let (other, place) = (try Place([]), try Place([]))
        let client = try Client([other.address, place.address], behaviors: Self.behaviors)
        let keys = uniqueKeys(80)
        let others = try keys.filter { try client.server(for: $0).description == other.address }
        for key in keys { try client.set(key, "1") }
        #expect(try client.getMulti(keys, as: String.self).count == keys.count)
        other.stop()
        for key in others.prefix(2) { #expect(throws: MemcachedError.self) { try client.set(key, "1") } }
        let plain = try replaceByText(place)
        for key in keys where !others.contains(key) { try? command.run(client, key) }
        #expect(try plain.get("kept", as: String.self) == "1")
        #expect(client.wireProtocol == .text)
    }

    @Test("So it is while the client does not try to connect for text", arguments: dangerous)
    private func byTextDuringAPause(_ command: Command) throws {
        let place = try Place([])
        let client = try Client([place.address], behaviors: Self.behaviors)
        #expect(try client.set("a", "1"))
        try place.suspend()
        // No connection for text can be opened, and then the binary one has no answer either.
        #expect(throws: MemcachedError.self) { try client.getMulti(["a", "b"], as: String.self) }
        let plain = try replaceByText(place)
        // A server that has just failed to answer is taken for the same.
        Thread.sleep(forTimeInterval: 0.15)
        for _ in 0..<2 { try? command.run(client, "k") }
        #expect(try plain.get("kept", as: String.self) == "1")
    }

    @Test("So it is in a forked child of a process that leaves the server alone", .enabled(if: canFork))
    func byTextInAChildAfterRefusals() throws {
        let place = try Place([])
        var behaviors = Self.behaviors
        behaviors.retryTimeout = .seconds(60)
        let client = try warm(place.address, behaviors)
        place.stop()
        let isLeftAlone = eventually {
            let error = #expect(throws: MemcachedError.self) { try client.set("a", "1") }
            return error?.code == .serverTemporarilyDisabled
        }
        #expect(isLeftAlone)
        let plain = try replaceByText(place)
        let status = inForkedChild {
            _ = try? client.set("k", Self.command)
            return client.wireProtocol == .text
        }
        #expect(status == 0)
        #expect(try plain.get("kept", as: String.self) == "1")
    }

    @Test("One of binary only is served in binary, although the client had gone over to text")
    func byBinary() throws {
        let place = try Place(["-B", "ascii"])
        let client = try warm(place.address)
        #expect(client.wireProtocol == .text)
        try place.replace(with: ["-B", "binary"])
        #expect(eventually { (try? client.set("a", "2")) == true })
        #expect(client.wireProtocol == .automatic)
        #expect(try client.getMulti(["a", "b"], as: String.self) == ["a": "2"])
    }

    @Test("However often servers replace each other, the next one is served soon", arguments: [false, true])
    func byOneAfterTheOther(isPatient: Bool) throws {
        let place = try Place([])
        let client = try warm(place.address, isPatient ? .patient : Self.behaviors)
        client.commandTimeout = .seconds(1)
        for arguments in [["-B", "ascii"], [], ["-B", "binary"], ["-B", "ascii"], ["-B", "binary"], []] {
            try place.replace(with: arguments)
            var failures: [String] = []
            let calls: [() throws -> Bool] = [
                { try client.set("a", "2") },
                { try client.getMulti(["a", "b"], as: String.self) == ["a": "2"] },
                { try client.incr("c", initial: 1) > 0 },
                { try client.setMulti([("a", "2"), ("d", "1")]).isEmpty },
            ]
            // Whichever call comes next.
            let isServed = eventually {
                var isDone = true
                for call in calls {
                    do {
                        isDone = try call() && isDone
                    } catch {
                        failures.append("\(error)")
                        isDone = false
                    }
                }
                return isDone
            }
            #expect(isServed, "\(arguments): \(Set(failures))")
        }
    }

    @Test("A server of each kind: the one of binary only is told apart, the other is served")
    func oneOfEach() throws {
        let (text, binary) = (try Place(["-B", "ascii"]), try Place(["-B", "binary"]))
        let client = try Client([text.address, binary.address], behaviors: Self.behaviors)
        let keys = uniqueKeys(40)
        let own = try #require(try keys.first { try client.server(for: $0).description == text.address })
        let other = try #require(try keys.first { try client.server(for: $0).description == binary.address })
        #expect(eventually { (try? client.set(own, "1")) == true })
        #expect(
            eventually {
                do throws(MemcachedError) {
                    try client.set(other, "1")
                    return false
                } catch {
                    return error.code == .protocolError
                }
            }
        )
        #expect(try client.get(own, as: String.self) == "1")
    }

    @Test func aClientThatIsToldToForgetChoosesAnew() throws {
        let place = try Place(["-B", "ascii"])
        let client = try warm(place.address)
        try place.replace(with: ["-B", "binary"])
        client.forgetDeadHosts()
        #expect(try client.set("a", "2"))
        #expect(client.wireProtocol == .automatic)
    }

    @Test("Where text can't carry the namespace, a server of text only is sent nothing", arguments: ["é", "a b"])
    func namespaces(_ namespace: String) throws {
        let place = try Place(["-B", "ascii"])
        let plain = try Client([place.address], binary: false, behaviors: .patient)
        #expect(try plain.set("kept", "1"))
        for command in Self.dangerous {
            let client = try Client([place.address], behaviors: .namespace(namespace).merging(Self.behaviors))
            for _ in 0..<2 {
                let error = expectFailure(.protocolError, "\(command)") { try command.run(client, "k") }
                #expect(error?.detail.contains("text protocol only") == true)
                #expect(error?.detail.contains("namespace") == true)
                #expect(error?.isOutcomeUnknown == false && error?.server == client.servers[0])
            }
        }
        #expect(try plain.get("kept", as: String.self) == "1")
    }

    @Test("A write without a reply is not lost on a connection that the server refuses", arguments: Route.protocols)
    func quietWrites(_ route: Route) throws {
        let server = try FakeServer(.closing(afterReceiving: 1))
        let client = try Client([server.address], protocol: route.choice, behaviors: Self.behaviors)
        for _ in 0..<3 {
            #expect(throws: MemcachedError.self) { try client.set("k", "1", noreply: true) }
            #expect(throws: MemcachedError.self) { try client.append("k", "1", noreply: true) }
            #expect(throws: MemcachedError.self) { try client.cas("k", "1", cas: CAS(rawValue: 1), noreply: true) }
            #expect(throws: MemcachedError.self) { try client.delete("k", noreply: true) }
        }
    }
}
