import Foundation
import SwiftLibMC
import SwiftLibMCTLS

/// Measures commands for Scripts/tls-cost: ADDRESS [AUTHORITY].
///
/// With the file of an authority's certificate it goes through the forwarder.
@main
struct TLSCost {
    static func main() async throws {
        let arguments = CommandLine.arguments
        var servers = [try Server(parsing: arguments[1])]
        if arguments.count > 2 {
            servers = try TLSForwarder(servers: servers, options: TLSOptions(roots: .file(arguments[2]))).servers
        }
        let patient = Behaviors.default.merging(Behaviors(pollTimeout: .seconds(3)))
        let client = try Client(servers: servers, behaviors: patient)
        let small = Data(repeating: 1, count: 100)
        let large = Data(repeating: 1, count: 1_000_000)
        let items = (0..<100).map { ("key-\($0)", small) }
        let keys = items.map(\.0)
        try client.set("small", small)
        try client.set("large", large)
        for item in items { try client.set(item.0, item.1) }

        try report("get of 100 bytes", 5000) { _ = try client.get("small", as: Data.self) }
        try report("set of 100 bytes", 5000) { try client.set("small", small) }
        try report("getMulti of 100 keys", 1000) { _ = try client.getMulti(keys, as: Data.self) }
        try report("setMulti of 100 keys", 300) { _ = try client.setMulti(items) }
        try report("get of 1 MB", 100) { _ = try client.get("large", as: Data.self) }
        try report("set of 1 MB", 100) { try client.set("large", large) }
        try report("new connection and get", 200) {
            client.disconnectAll()
            _ = try client.get("small", as: Data.self)
        }
        let tasks = try AsyncClient(cloning: client)
        let clock = ContinuousClock()
        let count = 20_000
        let time = try await clock.measure {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<64 {
                    group.addTask { for _ in 0..<count / 64 { _ = try await tasks.get("small", as: Data.self) } }
                }
                try await group.waitForAll()
            }
        }
        line("get by 64 tasks", time, count)
    }

    /// Measures the quickest of five rounds.
    private static func report(_ name: String, _ count: Int, _ body: () throws -> Void) throws {
        var best = Duration.seconds(3600)
        for _ in 0..<5 {
            do {
                best = min(best, try ContinuousClock().measure { for _ in 0..<count / 5 { try body() } })
            } catch {
                print(name.padding(toLength: 26, withPad: " ", startingAt: 0), error)
                return
            }
        }
        line(name, best, count / 5)
    }

    private static func line(_ name: String, _ time: Duration, _ count: Int) {
        let microseconds = Double(time.components.seconds) * 1e6 + Double(time.components.attoseconds) / 1e12
        print(
            name.padding(toLength: 26, withPad: " ", startingAt: 0),
            (microseconds / Double(count)).formatted(.number.precision(.fractionLength(1)).grouping(.never)),
            "µs"
        )
    }
}
