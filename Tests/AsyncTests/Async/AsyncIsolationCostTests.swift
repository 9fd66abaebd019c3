import Foundation
import SwiftLibMC
import TestSupport
import Testing

/// What a server in a bad state costs the calls of the others, compared with the same calls of it while it is healthy:
/// throughput, and the longest wait.
///
/// `Scripts/isolation` runs it, on one CPU of a quiet machine, with the bad server on another, and prints the table of the
/// page "Guarantees".
/// `ISOLATION=mute,drips` chooses states.
@Suite(
    "AsyncClient: what a bad server costs the others",
    .enabled(if: MemcachedServer.isInstalled && isOptimized, "a debug build measures itself"),
    .full,
    .serialized,
    .timeLimit(.minutes(60))
)
struct AsyncIsolationCostTests {
    private static let chosen: [BadServer] = {
        let names = ProcessInfo.processInfo.environment["ISOLATION"]?.split(separator: ",").map(String.init)
        return names?.compactMap(BadServer.init) ?? BadServer.allCases
    }()

    /// How the calls of the healthy server went for a while.
    private struct Slice {
        var calls = 0
        var longest = Duration.zero

        /// Makes a call, which says whether it has given what is right.
        mutating func add(_ call: () async throws -> Bool) async throws {
            let start = ContinuousClock.now
            let isRight = try await call()
            longest = max(longest, ContinuousClock.now - start)
            calls += 1
            #expect(isRight)
        }

        mutating func add(_ other: Slice) {
            calls += other.calls
            longest = max(longest, other.longest)
        }
    }

    /// One client, with keys of the healthy server and of the bad one.
    private struct Scene: Sendable {
        let cache: AsyncClient
        let badKeys: [String]
        let goodKeys: [String]
        /// Whether the healthy server, too, is told to forget what it has.
        let isFlushed: Bool
    }

    private static let limit = Duration.milliseconds(300)
    private static let slice = Duration.milliseconds(250)
    private static let sliceCount = 5
    /// Whatever else the machine does is no fault of the bad server's: then it is measured longer.
    private static let mostRounds = 4
    private static let users = 4
    private static let badUsers = 3

    @Test(arguments: chosen, AsyncIsolationTests.Call.allCases)
    func others(_ state: BadServer, _ call: AsyncIsolationTests.Call) async throws {
        // As on a machine of its own: it does not take the time of the calls.
        let (address, owner) = try onOtherProcessors { try state.start(binary: true) }
        let (good, other) = (try MemcachedServer.start(), try MemcachedServer.start())
        defer { withExtendedLifetime((owner, good, other)) {} }
        let healthy = try await scene(good, other.address, call)
        let bad = try await scene(good, address, call)

        var (before, after): ([Slice], [Slice]) = ([], [])
        var loss: Double { 1 - Double(median(after.map(\.calls))) / Double(median(before.map(\.calls))) }
        for round in 0..<Self.mostRounds where round == 0 || loss >= 0.05 {
            for number in 0...Self.sliceCount {
                // A server that is watched has nothing to tell here, and is not asked again and again, as a bad one is.
                let first = try await use(healthy, call == .watch ? .run : call)
                let second = try await use(bad, call)
                // The first ones are for warming up.
                if number > 0 || round > 0 {
                    before.append(first)
                    after.append(second)
                }
            }
        }
        await healthy.cache.shutdown()
        await bad.cache.shutdown()
        let longest = (before.map(\.longest).max() ?? .zero, after.map(\.longest).max() ?? .zero)
        let row = [state.rawValue, call.rawValue, percent(loss), milliseconds(longest.0), milliseconds(longest.1)]
        print("ISOLATION | " + row.joined(separator: " | ") + " |")
        #expect(loss < 0.05 && longest.1 < .milliseconds(50), "\(state), \(call): \(loss), \(longest.1)")
    }

    private func scene(
        _ good: MemcachedServer,
        _ address: String,
        _ call: AsyncIsolationTests.Call
    ) async throws -> Scene {
        var behaviors = Behaviors.patient
        behaviors.retryTimeout = .seconds(1)
        let client = try Client([good.address, address], behaviors: behaviors)
        let cache = try AsyncClient(cloning: client, commandTimeout: Self.limit)
        let keys = uniqueKeys(100)
        let others = try keys.filter { try client.server(for: $0).description == address }
        let scene = Scene(
            cache: cache,
            badKeys: Array(others.prefix(10)),
            goodKeys: Array(keys.filter { !others.contains($0) }.prefix(20)),
            isFlushed: call == .flushAll
        )
        _ = try await cache.setMulti(Dictionary(uniqueKeysWithValues: scene.goodKeys.map { ($0, 1) }))
        return scene
    }

    /// Calls of the one server for a while, beside such ones of the other.
    private func use(_ scene: Scene, _ call: AsyncIsolationTests.Call) async throws -> Slice {
        let isOver = Locked(false)
        return try await withThrowingTaskGroup(of: Slice.self) { group in
            for _ in 0..<Self.badUsers {
                group.addTask {
                    while !isOver.withLock({ $0 }) {
                        try? await call.make(scene.cache, scene.badKeys)
                        try await Task.sleep(for: .milliseconds(20))
                    }
                    return Slice()
                }
            }
            // Until they wait.
            try await Task.sleep(for: .milliseconds(50))
            for _ in 0..<Self.users { group.addTask { try await askTheHealthyOne(scene) } }
            var sum = Slice()
            for _ in 0..<Self.users { sum.add(try await group.next() ?? Slice()) }
            isOver.withLock { $0 = true }
            for try await slice in group { sum.add(slice) }
            return sum
        }
    }

    private func askTheHealthyOne(_ scene: Scene) async throws -> Slice {
        let (cache, keys) = (scene.cache, scene.goodKeys)
        let end = ContinuousClock.now + Self.slice
        var slice = Slice()
        while ContinuousClock.now < end {
            try await slice.add { try await cache.get(keys[0], as: Int.self) == 1 || scene.isFlushed }
            try await slice.add { try await cache.set(keys[0], 1) }
            try await slice.add {
                try await cache.getMulti(Array(keys[..<10]), as: Int.self).count == 10 || scene.isFlushed
            }
            try await slice.add {
                try await cache.run { client in try client.get(keys[0], as: Int.self) } == 1 || scene.isFlushed
            }
        }
        return slice
    }

    private func median(_ numbers: [Int]) -> Int { numbers.sorted()[numbers.count / 2] }

    private func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }

    private func milliseconds(_ time: Duration) -> String { "\(Int((time / .milliseconds(1)).rounded())) ms" }
}

/// Whether this is a release build.
private let isOptimized: Bool = {
    #if DEBUG
        false
    #else
        true
    #endif
}()
