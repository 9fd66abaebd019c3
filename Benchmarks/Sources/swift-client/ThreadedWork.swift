import Foundation
import SwiftLibMC

/// Work on several threads at once, each with a clone of its own.
func threadedWork(_ settings: Settings, _ client: Client) throws -> Work? {
    let (key, threads) = (settings.key, settings.parallel)
    let pool = try ThreadMappedPool(cloning: client)
    switch settings.op {
    case "threadsGet":
        try client.set(key, settings.value)
        return { count in
            try inThreads(threads) {
                try pool.withClient { client in
                    for _ in 0..<count / threads { _ = try client.get(key, as: [UInt8].self) }
                }
            }
        }
    case "casLoop":
        try client.set(key, 0)
        return { count in
            try inThreads(threads) {
                try pool.withClient { client in
                    for _ in 0..<count / threads { try increase(key, client) }
                }
            }
        }
    default: return nil
    }
}

/// Adds one to a number, again and again until nobody has come in between.
private func increase(_ key: String, _ client: Client) throws {
    while true {
        guard let (number, cas) = try client.gets(key, as: Int.self) else { throw Failure("no number") }
        if try client.cas(key, number + 1, cas: cas) { return }
    }
}

/// Runs the same on several threads and waits for all of them.
private func inThreads(_ count: Int, _ body: @escaping @Sendable () throws -> Void) throws {
    let threads = DispatchGroup()
    for _ in 0..<count {
        threads.enter()
        Thread {
            do { try body() } catch { fatalError("\(error)") }
            threads.leave()
        }.start()
    }
    threads.wait()
}
