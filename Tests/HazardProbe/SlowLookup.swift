import Foundation
import SwiftLibMC
import Synchronization

/// `lookup <address>`: what is asked of a server whose name takes long to look up.
///
/// Each call's line says its name, how many milliseconds it took, and the error's code.
func slowLookup(_ arguments: Arguments, _ report: Report) throws {
    let limit = Duration.milliseconds(300)
    let client = try Client(arguments.words)
    client.commandTimeout = limit
    let server = client.servers[0]
    let address = "\(server)"

    func time(_ name: String, _ body: () throws -> Void) {
        let start = ContinuousClock.now
        let failure: String
        do {
            try body()
            failure = "none"
        } catch {
            failure = (error as? MemcachedError)?.code.description ?? "\(error)"
        }
        report.line("took \(name) \(Int(start.duration(to: .now) / .milliseconds(1))) \(failure)")
    }

    time("version") { _ = try client.version() }
    time("getStats") { _ = try client.getStats() }
    time("flushAll") { try client.flushAll() }
    time("forEachStoredKey") { try client.forEachStoredKey(patience: limit) { _, _ in } }
    time("watch") { try client.watch([.fetchers], on: server) { _ in false } }
    time("discover") { _ = try ClusterDiscovery(endpoint: address, timeout: limit).configuration() }

    let cache = try AsyncClient(cloning: client, commandTimeout: limit)
    time("asyncGet") { try waiting { _ = try await cache.get("key", as: String.self) } }
    time("asyncGetMulti") { try waiting { _ = try await cache.getMulti(["a", "b"], as: String.self) } }
    // libmemcached looks names up itself, where nobody can give it up.
    time("get") { _ = try client.get("key", as: String.self) }
    time("shutdown") { try waiting { await cache.shutdown() } }
}

/// `detect <address>`: which protocol a client switches to that has to detect it, and whether that works.
func detectProtocol(_ arguments: Arguments, _ report: Report) throws {
    let client = try Client(arguments.words)
    let isStored = try client.set("key", "1")
    let values = try client.getMulti(["key", "other"], as: String.self)
    report.line("\(client.wireProtocol) \(isStored) \(values)")
}

/// Blocks the thread until a task has done something.
private func waiting(_ body: @escaping @Sendable () async throws -> Void) throws {
    let outcome = Outcome()
    let done = DispatchSemaphore(value: 0)
    Task.detached {
        do { try await body() } catch { outcome.failure.withLock { $0 = error } }
        done.signal()
    }
    done.wait()
    if let failure = outcome.failure.withLock({ $0 }) { throw failure }
}

private final class Outcome: Sendable {
    let failure = Mutex<(any Error)?>(nil)
}
