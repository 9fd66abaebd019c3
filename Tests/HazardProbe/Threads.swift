import Foundation
import SwiftLibMC

/// What starts the thread that ends calls in a program that has one thread: `threads <reason> <address>`.
func threadsOfOne(_ arguments: Arguments, _ report: Report) throws {
    let (reason, address) = (arguments.words[0], arguments.words[1])
    let client = try Client([address], behaviors: Behaviors(pollTimeout: .seconds(60)))
    report.expect("at first", ["one"]) { threads }
    switch reason {
    case "none":
        let clone = try client.clone()
        for _ in 0..<100 { _ = try clone.set("key", "value") }
        report.expect("signals", true) { client.blocksSignals }
        report.expect("threads", ["one"]) { threads }
    case "another thread":
        let other = Thread { sleep(60) }
        other.start()
        try client.set("key", "value")
        report.expect("signals", false) { client.blocksSignals }
        report.expect("threads", ["mc-time", "one", "other"]) { threads }
    case "limit":
        client.commandTimeout = .milliseconds(200)
        report.expect("failure", .commandTimeout) { failure { try client.get("key", as: String.self) } }
        report.expect("signals", false) { client.blocksSignals }
        report.expect("threads", ["mc-time", "one"]) { threads }
    case "limit of a clone":
        client.commandTimeout = .milliseconds(200)
        let clone = try client.clone()
        report.expect("failure", .commandTimeout) { failure { try clone.get("key", as: String.self) } }
    case "pool":
        let pool = try ClientPool(cloning: client, size: 1, idleTimeout: nil)
        try pool.set("key", "value")
        report.expect("threads", ["mc-time", "one"]) { threads }
    case "pool of threads":
        let pool = try ThreadMappedPool(cloning: client)
        try pool.set("key", "value")
        report.expect("threads", ["mc-time", "one"]) { threads }
    default:
        report.line("bad reason: \(reason)")
    }
}

private func failure<R>(_ body: () throws -> R) -> MemcachedError.Code? {
    do { _ = try body() } catch { return (error as? MemcachedError)?.code }
    return nil
}

/// The names of the process's threads, sorted; those that are not of the library are `one` and `other`.
private var threads: [String] {
    let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
    return tasks.map { task in
        let name = (try? String(contentsOfFile: "/proc/self/task/\(task)/comm", encoding: .utf8)) ?? ""
        if name.hasPrefix("mc-") { return String(name.dropLast()) }
        return task == "\(getpid())" ? "one" : "other"
    }.sorted()
}
