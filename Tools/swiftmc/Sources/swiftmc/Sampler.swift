import Foundation
import SwiftLibMC
import Synchronization

/// What a server says of itself at one moment.
struct Sample: Sendable {
    let server: Server
    let time: ContinuousClock.Instant
    /// Its statistics, or why there are none.
    let stats: Result<ServerStatistics, MemcachedError>
    var items: [Int: ItemStatistics] = [:]
    var slabs: [Int: SlabStatistics] = [:]

    /// Asks a server through a client of it alone.
    init(_ client: Client, withSlabs: Bool) {
        server = client.servers[0]
        var stats = Result<ServerStatistics, MemcachedError>.success(ServerStatistics(values: [:]))
        do throws(MemcachedError) {
            stats = .success(ServerStatistics(values: try client.getStats().first?.stats ?? [:]))
            if withSlabs {
                items = try client.statsItems().first?.stats ?? [:]
                slabs = try client.statsSlabs().first?.stats.slabs ?? [:]
            }
        } catch {
            stats = .failure(error)
        }
        self.stats = stats
        time = .now
    }
}

/// Asks all servers at once, each through a client of its own, so that none waits for another one.
final class Sampler: Sendable {
    private let pools: [ClientPool]
    private let withSlabs: Bool
    /// How much room the servers' names take.
    let nameWidth: Int

    init(_ session: Session, withSlabs: Bool = false) throws {
        pools = try session.client.servers.map { try ClientPool(cloning: session.client.alone(with: $0), size: 1) }
        nameWidth = session.client.servers.map(\.description.count).max() ?? 0
        self.withSlabs = withSlabs
    }

    /// Gives the changes of each interval to a body, for a number of times or until the program is ended.
    func run(every interval: Duration, _ count: Int?, _ body: ([Change]) throws -> Void) throws {
        let clock = ContinuousClock()
        var last = try samples()
        var next = clock.now + interval
        var done = 0
        while done < count ?? .max {
            Thread.sleep(forTimeInterval: max(0, (next - clock.now) / .seconds(1)))
            next = clock.now + interval
            let samples = try samples()
            try body(zip(last, samples).map { Change(from: $0, to: $1) })
            last = samples
            done += 1
        }
    }

    /// What the servers say now, in their order.
    func samples() throws -> [Sample] {
        let withSlabs = withSlabs
        return try inParallel(pools) { pool in try pool.withClient { Sample($0, withSlabs: withSlabs) } }
    }
}

/// Runs a body for each element on a thread of its own, and waits for all.
func inParallel<E: Sendable, R: Sendable>(
    _ elements: [E],
    _ body: @escaping @Sendable (E) throws -> R
) throws -> [R] {
    let results = Locked([Result<R, any Error>?](repeating: nil, count: elements.count))
    let group = DispatchGroup()
    for (index, element) in elements.enumerated() {
        group.enter()
        Thread.detachNewThread {
            let result = Result { try body(element) }
            results.state.withLock { $0[index] = result }
            group.leave()
        }
    }
    group.wait()
    return try results.state.withLock { $0 }.compactMap { try $0?.get() }
}

/// A mutex that closures may share.
private final class Locked<Value: Sendable>: Sendable {
    let state: Mutex<Value>

    init(_ value: Value) { state = Mutex(value) }
}
