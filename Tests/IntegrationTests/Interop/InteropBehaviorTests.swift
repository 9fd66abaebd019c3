import SwiftLibMC
import TestSupport
import Testing

/// pylibmc's dictionary of behaviors, here and there.
@Suite(
    "Interop: behaviors",
    .enabled(if: Python.isInstalled, "\(Python.absence)"),
    .timeLimit(.minutes(2))
)
struct InteropBehaviorTests {
    static let servers = ["127.0.0.1:1:2", "127.0.0.1:2:1", "127.0.0.1:3:4"]

    /// A value that differs from the usual one, for each setting of pylibmc's that has one here too.
    static let values = [
        "tcp_nodelay": "1", "tcp_keepalive": "1", "hash": "fnv1a_64", "ketama_hash": "1", "ketama": "1",
        "ketama_weighted": "1", "distribution": "consistent ketama spy", "cas": "1", "connect_timeout": "123",
        "_poll_timeout": "456", "auto_eject": "1", "retry_timeout": "7", "remove_failed": "1", "failure_limit": "9",
        "dead_timeout": "10", "_hash_with_prefix_key": "1", "_noreply": "1", "_sort_hosts": "1",
    ]

    /// The behaviors as pylibmc reports them, by name.
    private func reported(_ behaviors: [String: String] = [:]) throws -> [String: String] {
        let client = PythonClient(pylibmc: .source, servers: Self.servers, behaviors: behaviors)
        let lines = try #require(try client("'\\n'.join('%s=%s' % pair for pair in client.behaviors.items())").asText)
        let pairs = lines.split(separator: "\n").map { line in
            let parts = line.split(separator: "=")
            return (String(parts[0]), String(parts[1]))
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    @Test("All that pylibmc reports is understood, but for pickles")
    func everythingIsRead() throws {
        var dictionary = try reported()
        #expect(dictionary.removeValue(forKey: "pickle_protocol") == "-1")
        let behaviors = try Behaviors(dictionary)
        var written = behaviors.pylibmcDictionary
        // pylibmc leaves the number as it is.
        #expect(written["ketama_hash"] == "default")
        written["ketama_hash"] = dictionary["ketama_hash"]
        #expect(written == dictionary)
    }

    @Test("Each setting means the same there and here", arguments: values.keys.sorted())
    func eachSetting(name: String) throws {
        let value = try #require(Self.values[name])
        var settings = [name: value]
        // Servers that are left out for ever are refused here.
        if name == "auto_eject" || name == "remove_failed" { settings["dead_timeout"] = "10" }
        let theirs = try reported(settings)
        #expect(theirs[name] == value)
        let behaviors = try Client(Self.servers, behaviors: Behaviors(settings)).behaviors
        var ours = behaviors.pylibmcDictionary
        // With other hashes than MD5 it is left out of the dictionary, where it would change them.
        ours["ketama_weighted"] = behaviors.ketamaWeighted == true ? "1" : "0"
        for related in ["hash", "ketama", "ketama_weighted", "distribution", name] where name != "ketama_hash" {
            #expect(ours[related] == theirs[related], "\(related)")
        }
        if name == "ketama_hash" { #expect(ours[name] == "md5") }
    }

    @Test(
        "What is reported about a placement gives the same placement there and here",
        arguments: [
            [:], ["ketama": "1"], ["ketama": "1", "hash": "md5"], ["ketama_weighted": "1"],
            ["distribution": "consistent weighted", "hash": "crc"], ["distribution": "consistent ketama spy"],
            ["ketama_weighted": "1", "distribution": "modula"], ["hash": "jenkins", "_sort_hosts": "1"],
        ]
    )
    func reportedPlacement(behaviors: [String: String]) throws {
        let names: Set = [
            "hash", "ketama_hash", "ketama", "ketama_weighted", "distribution", "_sort_hosts", "_hash_with_prefix_key",
        ]
        let dictionary = try reported(behaviors).filter { names.contains($0.key) }
        let client = try Client(Self.servers, behaviors: Behaviors(dictionary))
        let keys = (0..<2000).map { "key \($0)" }
        let ours = try keys.map { try String(client.hash($0)) }.joined()
        // With weights it is not always the placement that pylibmc reports, but the one that it makes of its report.
        let theirs = try PythonClient(pylibmc: .source, servers: Self.servers, behaviors: dictionary)(
            "''.join(str(client.hash('key %d' % i)) for i in range(2000))"
        )
        #expect(theirs == .text(ours))
        // What is reported here is the placement, as settings and as text.
        for client in [client, try Client(Self.servers, behaviors: Behaviors(behaviors))] {
            let ours = try keys.map { try String(client.hash($0)) }.joined()
            let again = try Client(Self.servers, behaviors: client.behaviors)
            #expect(try keys.map { try String(again.hash($0)) }.joined() == ours)
            try again.setBehaviors(client.behaviors)
            #expect(try keys.map { try String(again.hash($0)) }.joined() == ours)
            let third = try Client(Self.servers, behaviors: Behaviors(client.behaviors.pylibmcDictionary))
            #expect(try keys.map { try String(third.hash($0)) }.joined() == ours)
        }
    }

    @Test("What is reported here can be given to pylibmc")
    func oursAreTaken() throws {
        var ours = try Client(Self.servers, behaviors: Behaviors(ketama: true)).behaviors.pylibmcDictionary
        // pylibmc does not have these two, and knows only the number of the other.
        ours["tcp_keepidle"] = nil
        ours["randomize_replica_read"] = nil
        ours["ketama_hash"] = "0"
        let theirs = try reported(ours)
        for name in ["connect_timeout", "_poll_timeout", "tcp_nodelay", "dead_timeout", "distribution", "ketama"] {
            #expect(theirs[name] == ours[name], "\(name)")
        }
    }
}
