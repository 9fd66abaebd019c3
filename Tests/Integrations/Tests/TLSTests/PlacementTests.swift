import Foundation
import SwiftLibMC
import SwiftLibMCTLS
import SwiftLibMCTesting
import Testing

/// Keys are where other clients have them that know nothing of the forwarder.
@Suite(
    "Placement",
    .blocking,
    .timeLimit(.minutes(2)),
    .enabled(if: TLSServer.isAvailable, Comment(rawValue: TLSServer.comment))
)
struct PlacementTests {
    struct Kind: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let behaviors: Behaviors

        static let all = [
            Kind(testDescription: "modula", behaviors: Behaviors()),
            Kind(testDescription: "modula of MD5", behaviors: Behaviors(hash: .md5)),
            Kind(testDescription: "ketama", behaviors: Behaviors(ketama: true)),
            Kind(testDescription: "weighted ketama", behaviors: Behaviors(ketamaWeighted: true)),
            Kind(testDescription: "consistent", behaviors: Behaviors(distribution: .consistent)),
            Kind(testDescription: "failover", behaviors: .failover),
            Kind(testDescription: "namespace", behaviors: Behaviors(ketama: true, namespace: "shop:")),
            Kind(
                testDescription: "hashed namespace",
                behaviors: Behaviors(hashWithPrefixKey: true, namespace: "shop:")
            ),
        ]
    }

    private func servers(_ count: Int) throws -> [BothWays] {
        let certificates = try Certificates.shared.get()
        return try (0..<count).map { _ in try BothWays(certificates) }
    }

    /// The addresses with weights, which some kinds heed.
    private func names(_ servers: [BothWays]) throws -> [Server] {
        try servers.enumerated().map { try Server(parsing: "\($0.element.address):\($0.offset + 1)") }
    }

    @Test(arguments: Kind.all, [2, 3]) func aPlainClientFindsWhatWasStored(kind: Kind, count: Int) throws {
        let servers = try servers(count)
        let behaviors = Behaviors.patient.merging(kind.behaviors)
        let tls = try TLSForwarder(servers: names(servers), options: TLSServer.options())
        let cache = try tls.client(behaviors: behaviors)
        let plain = try Client(servers: names(servers), behaviors: behaviors)

        let keys = uniqueKeys(300)
        #expect(try cache.setMulti(keys.map { ($0, "value of \($0)") }).isEmpty)
        #expect(try plain.getMulti(keys, as: String.self).count == keys.count)
        for key in keys {
            #expect(try plain.get(key, as: String.self) == "value of \(key)")
            #expect(try cache.hash(key) == plain.hash(key))
            #expect(try cache.server(for: key).description == plain.server(for: key).description)
        }
        for server in try plain.getStats() { #expect(server.stats["curr_items"] != "0") }
        try plain.set(keys[0], "changed")
        #expect(try cache.get(keys[0], as: String.self) == "changed")
        #expect(cache.behaviors.distribution == plain.behaviors.distribution)
        #expect(cache.behaviors.hash == plain.behaviors.hash)
        #expect(cache.behaviors.ketamaWeighted == plain.behaviors.ketamaWeighted)
    }

    @Test func tasksFindThemToo() async throws {
        let servers = try servers(3)
        let behaviors = Behaviors.patient.merging(Behaviors(ketama: true))
        let tls = try TLSForwarder(servers: names(servers), options: TLSServer.options())
        let cache = try AsyncClient(cloning: tls.client(behaviors: behaviors))
        let plain = try Client(servers: names(servers), behaviors: behaviors)
        for key in uniqueKeys(100) {
            try await cache.set(key, 1)
            #expect(try plain.get(key, as: Int.self) == 1)
        }
    }

    @Test func aSelectorGetsTheNames() throws {
        let servers = try servers(3)
        let tls = try TLSForwarder(servers: names(servers), options: TLSServer.options())
        let cache = try Client(servers: tls.servers, selector: RendezvousSelector(), behaviors: .patient)
        let plain = try Client(servers: names(servers), selector: RendezvousSelector(), behaviors: .patient)
        for key in uniqueKeys(100) {
            try cache.set(key, 1)
            #expect(try plain.get(key, as: Int.self) == 1)
        }
    }

    @Test func aNewPlacementIsFollowed() throws {
        let servers = try servers(3)
        let tls = try TLSForwarder(servers: names(servers), options: TLSServer.options())
        let cache = try tls.client()
        let plain = try Client(servers: names(servers), behaviors: .patient)
        for client in [cache, plain] { try client.setBehaviors(Behaviors(ketamaWeighted: true)) }
        let clone = try cache.clone()
        for key in uniqueKeys(100) {
            try clone.set(key, 1)
            #expect(try plain.get(key, as: Int.self) == 1)
        }
        let error = #expect(throws: MemcachedError.self) { try cache.setBehaviors(Behaviors(sortHosts: true)) }
        #expect(error?.code == .invalidArguments)
    }

    @Test(.enabled(if: Python.pylibmc != nil, "Scripts/python-env makes the environment with pylibmc"))
    func pylibmcFindsWhatWasStored() throws {
        let python = try #require(Python.pylibmc)
        let servers = try servers(3)
        let names = try names(servers)
        let tls = try TLSForwarder(servers: names, options: TLSServer.options())
        let keys = uniqueKeys(100)
        for (behaviors, pythons) in [
            (Behaviors(), "{}"), (Behaviors(ketama: true), "{'ketama': True}"),
            (Behaviors(ketamaWeighted: true), "{'ketama_weighted': True}"),
            (Behaviors(distribution: .consistent), "{'distribution': 'consistent'}"),
        ] {
            let cache = try tls.client(behaviors: .patient.merging(behaviors))
            #expect(try cache.setMulti(keys.map { ($0, $0) }).isEmpty)
            let program = """
                import pylibmc
                client = pylibmc.Client(\(names.map(\.description)), binary=True, behaviors=\(pythons))
                keys = \(keys)
                print(sum(client.get(key) == key for key in keys))
                """
            #expect(try Python.output(of: program, python) == "\(keys.count)\n", "\(pythons)")
            try cache.flushAll()
        }
    }
}

/// The environment of Scripts/python-env.
enum Python {
    static let pylibmc: String? = {
        let top = URL(fileURLWithPath: #filePath).appending(path: "../../../../../.build/python").standardized.path
        let environments = ProcessInfo.processInfo.environment["SWIFTLIBMC_PYTHON"] ?? top
        let python = "\(environments)/wheel/bin/python"
        return FileManager.default.isExecutableFile(atPath: python) ? python : nil
    }()

    static func output(of program: String, _ python: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = ["-c", program]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text
    }
}
