import SwiftLibMC
import TestSupport
import Testing

/// Every key is on the server where pylibmc looks for it, with the same settings by the same names.
@Suite(
    "Interop: placement",
    .enabled(if: Python.isInstalled, "\(Python.absence)"),
    .timeLimit(.minutes(2))
)
struct InteropPlacementTests {
    static let keyCount = 2000
    /// Keys of several lengths, some beyond ASCII.
    static let keys = (0..<keyCount).map { "\($0 % 3 == 0 ? "ключ" : "user"):\($0 * 7919):profile" }
    private static let pythonKeys = PythonValue.python(
        "[f\"{'ключ' if i % 3 == 0 else 'user'}:{i * 7919}:profile\" for i in range(\(keyCount))]"
    )

    /// All of `pylibmc.hashers`.
    static let hashes = [
        "default", "md5", "crc", "fnv1_64", "fnv1a_64", "fnv1_32", "fnv1a_32", "hsieh", "murmur", "jenkins",
    ]

    /// What decides on the server beside the hash: all of `pylibmc.distributions` that find keys again.
    static let settings: [[String: String]] = [
        [:],
        ["distribution": "modula"],
        ["distribution": "consistent"],
        ["distribution": "consistent ketama"],
        ["distribution": "consistent ketama spy"],
        ["distribution": "consistent weighted"],
        ["distribution": "virtual bucket"],
        ["ketama": "1"],
        ["ketama": "0"],
        ["ketama": "1", "ketama_weighted": "0"],
        ["ketama": "1", "ketama_hash": "md5"],
        ["ketama": "1", "distribution": "modula"],
    ]

    /// Servers that need not be there: no order or weight is special to the tests.
    static let lists = [
        ["10.0.0.3:11211", "10.0.0.1:11212", "cache.example:11213"],
        ["10.0.0.3:11211:1", "10.0.0.1:11212:2", "cache.example:11213:5"],
        ["10.0.0.3:11211:3", "10.0.0.1:11212:3", "cache.example:11213:3"],
    ]

    /// Settings that go with any of the others.
    static let additions: [[String: String]] = [
        [:], ["_sort_hosts": "1"], ["namespace": "shop:"], ["namespace": "shop:", "_hash_with_prefix_key": "1"],
    ]

    /// The number of each key's server, as a digit.
    private static let places = "''.join(str(client.hash(key)) for key in keys)"

    /// The number of each key's server, as pylibmc sees it; nil if it refuses the settings.
    private func placement(_ client: PythonClient) throws -> String? {
        try unlessRefused { try client(Self.places, ["keys": Self.pythonKeys]) }
    }

    /// The same after changes to a client made without settings.
    private func placement(_ servers: [String], after changes: [[String: String]]) throws -> String? {
        let code = """
            (lambda client: [[client.set_behaviors(change) for change in changes], \(Self.places)][1])(
                __import__('pylibmc').Client(servers)
            )
            """
        let changes = PythonValue.python("[\(changes.map(PythonClient.notation(of:)).joined(separator: ", "))]")
        return try unlessRefused {
            try Python.shared(.source).evaluate(
                code,
                ["servers": .list(servers), "keys": Self.pythonKeys, "changes": changes]
            )
        }
    }

    private func unlessRefused(_ body: () throws -> PythonValue) throws -> String? {
        do {
            return try body().asText
        } catch let error as PythonError {
            guard error.description.contains("memcached_behavior_set returned 38") else { throw error }
            return nil
        }
    }

    /// The same, as seen here.
    private func placement(_ servers: [String], _ behaviors: Behaviors) throws -> String? {
        do throws(MemcachedError) {
            return try Client(servers, binary: false, behaviors: behaviors).placement
        } catch {
            guard error.code == .invalidArguments else { throw error }
            return nil
        }
    }

    @Test("With each hash and distribution of pylibmc's, weights, sorting and namespaces", arguments: hashes)
    func asInPylibmc(hash: String) throws {
        for servers in Self.lists {
            for (setting, addition) in Self.settings.flatMap({ setting in Self.additions.map { (setting, $0) } }) {
                var behaviors = setting.merging(addition) { first, _ in first }
                behaviors["hash"] = hash
                let ours = try placement(servers, Behaviors(behaviors))
                #expect(ours == nil || ours?.count == Self.keyCount)
                // With virtual buckets the wheel's older library puts everything on the first server.
                let environments: [Python.Environment] =
                    addition.isEmpty && setting["distribution"] != "virtual bucket" ? [.source, .wheel] : [.source]
                for environment in environments {
                    let python = PythonClient(pylibmc: environment, servers: servers, behaviors: behaviors)
                    #expect(try placement(python) == ours, "\(environment) \(servers) \(behaviors)")
                }
            }
        }
    }

    @Test("A clone places keys where the original does", arguments: lists, settings + [["ketama_weighted": "1"]])
    func clones(servers: [String], setting: [String: String]) throws {
        let client = try Client(servers, behaviors: Behaviors(setting.merging(["namespace": "shop:"]) { $1 }))
        #expect(try client.clone().placement == client.placement)
        #expect(try client.clone().clone().placement == client.placement)
    }

    @Test("With weighted ketama", arguments: Python.Environment.allCases)
    func weightedKetama(environment: Python.Environment) throws {
        let settings: [[String: String]] = [
            ["ketama_weighted": "1"],
            ["ketama": "1", "ketama_weighted": "1"],
            ["ketama_weighted": "1", "hash": "md5"],
            ["ketama_weighted": "1", "distribution": "consistent"],
            ["ketama_weighted": "1", "distribution": "consistent ketama"],
            ["ketama_weighted": "1", "distribution": "consistent ketama spy"],
            ["ketama_weighted": "1", "distribution": "consistent weighted"],
            ["ketama_weighted": "1", "distribution": "modula"],
        ]
        for (servers, setting) in Self.lists.flatMap({ list in settings.map { (list, $0) } }) {
            for addition in Self.additions {
                let behaviors = setting.merging(addition) { first, _ in first }
                let python = PythonClient(pylibmc: environment, servers: servers, behaviors: behaviors)
                #expect(try placement(python) == placement(servers, Behaviors(behaviors)), "\(servers) \(behaviors)")
            }
        }
    }

    @Test("With weighted ketama and a hash that is set after it", arguments: hashes)
    func weightedKetamaAndAnotherHash(hash: String) throws {
        for servers in Self.lists {
            // Together the MD5 of weighted ketama replaces the hash; later the hash replaces the MD5.
            let client = try Client(servers, binary: false, behaviors: Behaviors(ketamaWeighted: true))
            let theirs = try placement(servers, after: [["ketama_weighted": "1"], ["hash": hash]])
            let behaviors = try Behaviors(["hash": hash])
            do throws(MemcachedError) {
                try client.setBehaviors(behaviors)
                let ours = try client.placement
                #expect(theirs == ours)
            } catch {
                #expect(theirs == nil && error.code == .invalidArguments)
            }
            #expect(try client.clone().placement == client.placement)
            #expect(try Client(servers, behaviors: client.behaviors).placement == client.placement)
        }
    }

    @Test(
        "When settings are changed one after the other",
        arguments: [
            [["ketama_weighted": "1"], ["distribution": "consistent"]],
            [["ketama_weighted": "1"], ["distribution": "modula"]],
            [["ketama_weighted": "1"], ["ketama_weighted": "0"]],
            [["hash": "md5"], ["ketama_weighted": "0"]],
            [["ketama_weighted": "1"], ["distribution": "consistent ketama spy"]],
            [["distribution": "consistent weighted"], ["distribution": "consistent ketama spy"]],
            [["ketama_weighted": "1"], ["ketama": "0"], ["hash": "crc", "distribution": "consistent ketama spy"]],
            [["ketama_weighted": "1"], ["hash": "crc"], ["ketama_weighted": "1"]],
            [["hash": "crc"], ["ketama_weighted": "1"]],
            [["hash": "crc", "ketama_hash": "crc"], ["ketama": "1"]],
            [["ketama_weighted": "1", "hash": "crc"], ["hash": "murmur", "ketama": "1"]],
            [["ketama": "1", "_sort_hosts": "1"], ["hash": "jenkins", "ketama": "0"]],
            [["distribution": "consistent ketama spy"], ["namespace": "shop:"], ["_hash_with_prefix_key": "1"]],
        ]
    )
    func afterChanges(changes: [[String: String]]) throws {
        let servers = Self.lists[0]
        let client = try Client(servers)
        for behaviors in changes { try client.setBehaviors(Behaviors(behaviors)) }
        #expect(try placement(servers, after: changes) == client.placement)
    }
}

extension Client {
    /// The number of the server of each test key.
    fileprivate var placement: String {
        get throws(MemcachedError) {
            var places = ""
            for key in InteropPlacementTests.keys { places += "\(try hash(key))" }
            return places
        }
    }
}

extension PythonValue {
    /// A `str`.
    var asText: String? {
        if case .text(let text) = self { text } else { nil }
    }
}
