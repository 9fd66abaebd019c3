import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// Every combination of the settings that decide on the server of a key, against pylibmc.
///
/// A random part of them is tried; all of them by `Scripts/test --full`, which takes minutes.
@Suite(
    "Interop: all combinations of placement",
    .enabled(if: Python.isInstalled, "\(Python.absence)"),
    .timeLimit(.minutes(20))
)
struct InteropPlacementTableTests {
    /// A client's servers and behaviors, as pylibmc takes them.
    struct Combination: CustomStringConvertible, Sendable {
        var servers: [String]
        var behaviors: [String: String]

        var description: String { "\(servers) \(PythonClient.notation(of: behaviors))" }
    }

    private static let keys = (0..<200).map { "\($0 % 3 == 0 ? "ключ" : "user"):\($0 * 7919)" }
    private static let pythonKeys = PythonValue.python(
        "[f\"{'ключ' if i % 3 == 0 else 'user'}:{i * 7919}\" for i in range(200)]"
    )

    /// One after the other, the values of settings; nil for one that is not there.
    private static let settings: [(name: String, values: [String?])] = [
        (
            "distribution",
            [
                nil, "modula", "consistent", "consistent ketama", "consistent ketama spy", "consistent weighted",
                "virtual bucket",
            ]
        ),
        ("ketama", [nil, "0", "1"]),
        ("ketama_weighted", [nil, "0", "1"]),
        ("ketama_hash", [nil, "md5", "crc"]),
        ("_sort_hosts", [nil, "1"]),
    ]
    private static let namespaces: [[String: String]] = [
        [:], ["namespace": "shop:"], ["namespace": "shop:", "_hash_with_prefix_key": "1"],
    ]
    /// pylibmc has no weights for unix sockets.
    private static let lists = [
        ["10.0.0.3:11211", "10.0.0.1:11212", "cache.example:11213"],
        ["10.0.0.3:11211:1", "10.0.0.1:11212:2", "cache.example:11213:5"],
        ["10.0.0.3:11211:3", "10.0.0.1:11212:3", "[::1]:11213:3"],
        ["/run/c.sock", "/run/a.sock", "/run/b.sock"],
    ]

    private static func combinations(hash: String) -> [Combination] {
        var all: [[String: String]] = namespaces.map { $0.merging(["hash": hash]) { $1 } }
        for (name, values) in settings {
            all = all.flatMap { behaviors in
                values.map { value in
                    var behaviors = behaviors
                    behaviors[name] = value
                    return behaviors
                }
            }
        }
        return all.flatMap { behaviors in lists.map { Combination(servers: $0, behaviors: behaviors) } }
    }

    /// Where pylibmc puts the keys, a digit for each; nil where it refuses the behaviors.
    private func theirs(_ combinations: [Combination], _ environment: Python.Environment) throws -> [String?] {
        let list = combinations.map { "(\($0.servers), \(PythonClient.notation(of: $0.behaviors)))" }
        let answer = try Python.shared(environment).evaluate(
            "__import__('__main__').pylibmc_placements(combinations, keys)",
            ["combinations": .python("[\(list.joined(separator: ", "))]"), "keys": Self.pythonKeys]
        )
        let lines = try #require(answer.asText).split(separator: "\n", omittingEmptySubsequences: false)
        return lines.map { $0 == "refused" ? nil : String($0) }
    }

    private func ours(_ combination: Combination, binary: Bool) throws -> String? {
        let behaviors = try Behaviors(combination.behaviors)
        do throws(MemcachedError) {
            let client = try Client(combination.servers, binary: binary, behaviors: behaviors)
            var places = ""
            for key in Self.keys { places += "\(try client.hash(key))" }
            return places
        } catch MemcachedError.Code.invalidArguments {
            return nil
        } catch {
            throw error
        }
    }

    @Test(arguments: InteropPlacementTests.hashes, Python.Environment.allCases)
    func everyKeyIsWherePylibmcLooksForIt(hash: String, environment: Python.Environment) throws {
        // With virtual buckets the wheel's older library puts everything on the first server.
        let all = Self.combinations(hash: hash)
            .filter { environment == .source || $0.behaviors["distribution"] != "virtual bucket" }
        let chosen = Effort.current == .full ? all : Array(all.shuffled().prefix(200))
        var differences: [Combination] = []
        for start in stride(from: 0, to: chosen.count, by: 100) {
            let batch = Array(chosen[start...].prefix(100))
            let theirs = try theirs(batch, environment)
            try #require(theirs.count == batch.count)
            for (index, (combination, theirs)) in zip(batch, theirs).enumerated()
            where try ours(combination, binary: index.isMultiple(of: 2)) != theirs {
                differences.append(combination)
            }
        }
        #expect(differences.isEmpty, "\(differences.count) of \(chosen.count): \(differences.prefix(5))")
    }
}
