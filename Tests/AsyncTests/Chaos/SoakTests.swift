import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// Load from threads and tasks for minutes, while servers are killed, stopped and restarted and connections are spoiled:
/// no wrong value, and nothing grows.
///
/// `Scripts/soak` runs it with its output. `SOAK_SECONDS` says how long, `CHAOS_SEED` repeats a run.
@Suite("Soak", .full, .blocking, .timeLimit(.minutes(600)))
struct SoakTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seed = environment["CHAOS_SEED"].flatMap(UInt64.init) ?? .random(in: 0..<1_000_000)
    private static let time = Duration.seconds(environment["SOAK_SECONDS"].flatMap(Int.init) ?? 60)

    private static let behaviors = Behaviors.default.merging(
        Behaviors(connectTimeout: .milliseconds(300), pollTimeout: .milliseconds(200), retryTimeout: .seconds(1))
    )

    @Test func nothingGrowsAndNoValueIsWrong() async throws {
        var dice = Dice(Self.seed)
        let servers = try (0..<3).map { _ in try MemcachedServer.start() }
        let proxies = try servers.map { try FaultProxy(to: $0.address, seed: Self.seed) }
        let client = try Client(proxies.map(\.address), behaviors: Self.behaviors)
        let caches = try [true, false].map { binary in
            let client = try Client(proxies.map(\.address), binary: binary, behaviors: Self.behaviors)
            return (
                pool: PoolCache(pool: try ClientPool(cloning: client, size: 2)),
                tasks: AsyncCache(client: try AsyncClient(cloning: client))
            )
        }
        var users: [(user: ChaosUser, cache: any ChaosCache)] = []
        for (number, cache) in caches.enumerated() {
            for index in 0..<3 {
                let user = { (kind: String) in
                    let name = "\(kind)-\(number)-\(index)"
                    return ChaosUser(name: name, seed: dice.next(), serversForget: true)
                }
                users.append((user("pool"), cache.pool))
                users.append((user("task"), cache.tasks))
            }
        }

        print("soak: \(Self.time), seed \(Self.seed)")
        print(SoakRow.heading)
        let start = ContinuousClock.now
        var rows: [SoakRow] = []
        // Each fault at least once; the first rows are for warming up.
        while ContinuousClock.now - start < Self.time || rows.count < ServerFault.allCases.count + 2 {
            let fault = ServerFault.allCases[rows.count % ServerFault.allCases.count]
            let place = dice.below(servers.count)
            let ended = Locked(false)
            let counts = users.map { (calls: $0.user.calls, failures: $0.user.failures) }
            async let round = Self.use(users, until: ended)
            try await fault.happen(to: servers[place], behind: proxies[place], for: .milliseconds(1500))
            // Long enough for all to find the server again.
            try await Task.sleep(for: .milliseconds(2500))
            ended.withLock { $0 = true }
            let (after, longest) = await round
            users = after

            let complaints = users.flatMap(\.user.complaints)
            #expect(complaints.isEmpty, "seed \(Self.seed): \(complaints.prefix(3))")
            let calls = zip(users, counts).map { $0.user.calls - $1.calls }.reduce(0, +)
            let failures = zip(users, counts).map { $0.user.failures - $1.failures }.reduce(0, +)
            for place in users.indices { users[place].user.forgetPast() }
            let row = try SoakRow(
                fault: fault,
                calls: calls,
                failures: failures,
                wrong: complaints.count,
                longest: longest,
                memory: residentMemory(),
                threads: threadCount(),
                descriptors: openDescriptorCount()
            )
            print(row)
            rows.append(row)
            try #require(complaints.isEmpty)
            // Each round ends with all servers up, and has time to find them.
            #expect(client.ping().map { String(describing: $0.error) } == ["nil", "nil", "nil"])
        }
        try SoakRow.expectNoGrowth(of: rows, from: ServerFault.allCases.count)
    }

    /// Lets users do things until the round has ended; gives them back, and the longest call.
    private static func use(
        _ users: [(user: ChaosUser, cache: any ChaosCache)],
        until ended: Locked<Bool>
    ) async -> ([(user: ChaosUser, cache: any ChaosCache)], Duration) {
        await withTaskGroup(of: (Int, ChaosUser, Duration).self) { group in
            for (place, (user, cache)) in users.enumerated() {
                group.addTask(executorPreference: ThreadExecutor()) {
                    var (user, longest) = (user, Duration.zero)
                    while !ended.withLock({ $0 }) {
                        let start = ContinuousClock.now
                        await user.step(cache)
                        longest = max(longest, ContinuousClock.now - start)
                        // Real users have other things to do, too.
                        try? await Task.sleep(for: .milliseconds(1))
                    }
                    return (place, user, longest)
                }
            }
            var (users, longest) = (users, Duration.zero)
            for await (place, user, itsLongest) in group {
                users[place].user = user
                longest = max(longest, itsLongest)
            }
            return (users, longest)
        }
    }
}

/// A round of it, in numbers.
private struct SoakRow: CustomStringConvertible {
    let fault: ServerFault
    let calls: Int
    let failures: Int
    let wrong: Int
    let longest: Duration
    let memory: Int
    let threads: Int
    let descriptors: Int

    static let heading = line("fault", "calls", "failed", "wrong", "longest", "memory", "threads", "descriptors")

    var description: String {
        let milliseconds = longest / .milliseconds(1)
        return Self.line(
            fault.rawValue,
            "\(calls)",
            "\(failures)",
            "\(wrong)",
            "\(Int(milliseconds)) ms",
            "\(memory >> 20) MiB",
            "\(threads)",
            "\(descriptors)"
        )
    }

    private static func line(_ name: String, _ columns: String...) -> String {
        let name = name.padding(toLength: 40, withPad: " ", startingAt: 0)
        return name + columns.map { String(repeating: " ", count: max(1, 12 - $0.count)) + $0 }.joined()
    }

    /// Compares the rounds after `warmUp` ones with the last: a leak of a little per call would show.
    static func expectNoGrowth(of rows: [SoakRow], from warmUp: Int) throws {
        let first = rows[warmUp]
        let last = try #require(rows.last)
        #expect(last.memory < first.memory + first.memory / 4 + (32 << 20))
        // Threads of users, proxies and servers' connections come and go.
        #expect(last.threads < first.threads + 16)
        #expect(last.descriptors < first.descriptors + 32)
    }
}
