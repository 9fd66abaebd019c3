import SwiftLibMC
import TestSupport
import Testing

/// Keys of other clients are found on real servers, and ours by them: a hit is proof of the same server.
@Suite(
    "Interop: several servers",
    .enabled(if: Python.isInstalled, "\(Python.absence)"),
    .memcachedCluster(count: 3),
    .timeLimit(.minutes(2))
)
struct InteropServerTests {
    static let keyCount = 2000

    let addresses: [String]
    /// Starts the keys of this test.
    let prefix: String

    init() throws {
        addresses = try #require(MemcachedCluster.current).addresses
        prefix = "\(uniqueKey("interop")):"
    }

    private var keys: [String] { (0..<Self.keyCount).map { "\(prefix)\($0)" } }
    private var pythonKeys: [String: PythonValue] {
        ["keys": .python("['\(prefix)%d' % i for i in range(\(Self.keyCount))]")]
    }

    private static let setAll = "client.set_multi({key: 'v' + key for key in keys})"
    private static let countAll = "sum(value == 'v' + key for key, value in client.get_multi(keys).items())"

    /// Stores all keys there and reads them here, and the reverse.
    private func exchange(_ client: Client, _ python: PythonClient) throws {
        let keys = keys
        let expected = Dictionary(uniqueKeysWithValues: keys.map { ($0, "v\($0)") })
        #expect(try python(Self.setAll, pythonKeys) == .python("[]"))
        #expect(try client.getMulti(keys, as: String.self) == expected)
        for key in keys.prefix(20) { #expect(try client.get(key, as: String.self) == expected[key]) }
        #expect(try client.deleteMulti(keys))
        #expect(try python(Self.countAll, pythonKeys) == .number(0))

        #expect(try client.setMulti(expected).isEmpty)
        #expect(try python(Self.countAll, pythonKeys) == .number(Self.keyCount))
        #expect(try client.clone().getMulti(keys, as: String.self) == expected)

        // Not all on one server.
        let places = Dictionary(grouping: keys) { key in try? client.server(for: key) }
        #expect(places.count == Set(client.servers).count)
    }

    @Test(
        "pylibmc",
        arguments: [
            [:],
            ["hash": "md5"],
            ["ketama": "1"],
            ["ketama": "1", "hash": "md5", "_sort_hosts": "1"],
            ["ketama_weighted": "1"],
            ["distribution": "consistent ketama spy", "hash": "murmur"],
            ["hash": "fnv1a_32", "namespace": "shop:", "_hash_with_prefix_key": "1"],
            ["ketama": "1", "namespace": "shop:"],
        ],
        [true, false]
    )
    func pylibmc(behaviors: [String: String], weighted: Bool) throws {
        let servers = weighted ? zip(addresses, [1, 2, 4]).map { "\($0):\($1)" } : addresses
        let client = try Client(servers, behaviors: .patient.adding(behaviors))
        try exchange(client, PythonClient(pylibmc: .source, servers: servers, behaviors: behaviors))
    }

    @Test("python-memcached, with the hash crc")
    func pythonMemcached() throws {
        let client = try Client(addresses, behaviors: .patient.adding(["hash": "crc"]))
        try exchange(client, PythonClient(.wheel, "memcache", servers: "\(addresses)"))
    }

    @Test("python-memcached with weights, with the hash crc and each server as often as it weighs")
    func pythonMemcachedWithWeights() throws {
        let weights = [1, 3, 2]
        let repeated = zip(addresses, weights).flatMap { Array(repeating: $0, count: $1) }
        let client = try Client(repeated, behaviors: .patient.adding(["hash": "crc"]))
        let servers = zip(addresses, weights).map { "('\($0)', \($1))" }.joined(separator: ", ")
        try exchange(client, PythonClient(.wheel, "memcache", servers: "[\(servers)]"))
    }

    @Test("python-memcached by preset and selector", arguments: [[1, 1, 1], [1, 3, 2]])
    func pythonMemcachedByName(weights: [Int]) throws {
        let servers = try zip(addresses, weights).map { try Server(parsing: "\($0):\($1)") }
        let pairs = zip(addresses, weights).map { "('\($0)', \($1))" }.joined(separator: ", ")
        let python = PythonClient(.wheel, "memcache", servers: "[\(pairs)]")
        try exchange(Client(servers: servers, selector: PythonMemcachedSelector(), behaviors: .patient), python)
        guard Set(weights) == [1] else { return }
        try exchange(Client(servers: servers, behaviors: .pythonMemcached.merging(.patient)), python)
    }

    @Test("python-memcached's prefixes of many keys")
    func pythonMemcachedPrefixes() throws {
        let client = try Client(addresses, behaviors: .pythonMemcached.merging(.patient))
        let python = PythonClient(.wheel, "memcache", servers: "\(addresses)")
        let numbers = Dictionary(uniqueKeysWithValues: (0..<200).map { ($0, "value \($0)") })
        let names: [String: PythonValue] = ["prefix": .text(prefix)]
        let values = "{i: f'value {i}' for i in range(200)}"
        #expect(try python("client.set_multi(\(values), key_prefix=prefix)", names) == .python("[]"))
        #expect(try client.getMulti(0..<200, keyPrefix: prefix) == numbers)
        #expect(try client.deleteMulti(0..<200, keyPrefix: prefix))
        #expect(try client.setMulti(numbers, keyPrefix: prefix) == [])
        let read = "client.get_multi(list(range(200)), key_prefix=prefix) == \(values)"
        #expect(try python(read, names) == .yes)
    }

    @Test("pymemcache's HashClient, with its default hasher", arguments: [true, false])
    func pymemcache(binary: Bool) throws {
        let servers = try addresses.map { try Server(parsing: $0) }
        let client = try Client(servers: servers, selector: RendezvousSelector(), binary: binary, behaviors: .patient)
        let python = PythonClient(.wheel, "pymemcache_hash", servers: "\(addresses)")
        try exchange(client, python)
        // One at a time, some beyond ASCII, and with the servers in another order.
        try client.setServers(servers.reversed())
        for number in 0..<50 {
            let key = "\(prefix)ключ-\(number)"
            #expect(try python.set(key, .number(number)))
            #expect(try client.get(key) == number)
            try client.set(key, "ours")
            #expect(try python.get(key) == .text("ours"))
        }
    }

    @Test("pymemcache's key_prefix is a namespace: it plays no part in the choice of the server")
    func pymemcachePrefix() throws {
        var behaviors = Behaviors.patient
        behaviors.namespace = "\(uniqueKey("prefix")):"
        let servers = try addresses.map { try Server(parsing: $0) }
        let client = try Client(servers: servers, selector: RendezvousSelector(), behaviors: behaviors)
        let options = "{'key_prefix': b'\(behaviors.namespace ?? "")'}"
        try exchange(client, PythonClient(.wheel, "pymemcache_hash", servers: "\(addresses)", options: options))
    }

    @Test("python-memcached's pairs of hash and key are grouped keys")
    func groupedKeys() throws {
        let client = try Client(addresses, behaviors: .patient.adding(["hash": "crc"]))
        let python = PythonClient(.wheel, "memcache", servers: "\(addresses)")
        for group in ["user:1", "user:2", "user:3", "user:4", "é"] {
            let key = uniqueKey("interop")
            let pair = "(__import__('memcache').cmemcache_hash(group.encode()), key)"
            let names: [String: PythonValue] = ["group": .text(group), "key": .text(key)]
            let grouped = GroupedKey(group: group, key: key)
            #expect(try python("bool(client.set(\(pair), 'theirs'))", names) == .yes)
            #expect(try client.get(grouped, as: String.self) == "theirs")
            try client.set(grouped, "ours")
            #expect(try python("client.get(\(pair))", names) == .text("ours"))
        }
    }
}

extension Behaviors {
    /// With settings by pylibmc's names.
    fileprivate func adding(_ names: [String: String]) throws -> Behaviors {
        var dictionary = pylibmcDictionary
        dictionary.merge(names) { _, new in new }
        return try Behaviors(dictionary)
    }
}
