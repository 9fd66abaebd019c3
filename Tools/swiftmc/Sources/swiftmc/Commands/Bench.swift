import ArgumentParser
import Foundation
import SwiftLibMC
import Synchronization

struct Bench: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure how fast the servers are.",
        discussion: """
            Stores items of its own, with keys that nobody else has, reads them, and deletes them again. Times are those of \
            one call.
            """
    )

    @Option(help: ArgumentHelp("How long each measurement takes.", valueName: "time"))
    var duration = Span(.seconds(1))

    @Option(help: ArgumentHelp("The length of the values in bytes.", valueName: "bytes"))
    var size = 100

    @Option(help: ArgumentHelp("How many items there are.", valueName: "count"))
    var items = 1000

    @Option(help: ArgumentHelp("How many keys the calls with many keys have.", valueName: "count"))
    var batch = 100

    @Option(help: ArgumentHelp("How many threads do it at once, each with a connection.", valueName: "count"))
    var threads = 1

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func validate() throws {
        guard size >= 0, items >= 1, (1...items).contains(batch), (1...256).contains(threads) else {
            throw ValidationError(
                "there is at least one item, a batch has no more than there are, and threads are 1 to 256"
            )
        }
    }

    func run(in session: Session) throws -> Outcome {
        let name = "swiftmc-bench-\(UInt64.random(in: 0 ... .max))"
        let keys = (0..<items).map { "\(name)-\($0)" }
        let value = (0..<size).map { _ in UInt8.random(in: 0 ... .max) }
        let batches = stride(from: 0, to: items, by: batch).map { Array(keys[$0..<min($0 + batch, items)]) }
        // For when they can't be deleted, because somebody ends the program.
        let lifetime = Expiration.minutes(10)
        let pool = try ClientPool(cloning: session.client, size: threads, minimum: threads)
        defer {
            Terminal.showProgress(nil)
            _ = try? session.client.deleteMulti(keys)
        }
        if !session.output.isJSON {
            session.output.line(
                Terminal.styled("\(size) bytes, \(items) items, \(threads) threads, batches of \(batch)", .dim)
            )
            session.output.line(Terminal.styled(Measurement.heading, .bold))
        }
        let measure = { (name: String, keys: Int, call: @escaping Measurement.Call) in
            let result = try Measurement(
                name,
                keysPerCall: keys,
                of: pool,
                threads: threads,
                for: duration.duration,
                call
            )
            session.output.json(result.document)
            if !session.output.isJSON { session.output.line(result.line) }
            session.output.flush()
        }
        try measure("set", 1) { client, index in try client.set(keys[index % keys.count], value, time: lifetime) }
        try measure("get", 1) { client, index in _ = try client.get(keys[index % keys.count], as: [UInt8].self) }
        try measure("setMulti", batch) { client, index in
            _ = try client.setMulti(batches[index % batches.count].map { ($0, value) }, time: lifetime)
        }
        try measure("getMulti", batch) { client, index in
            _ = try client.getMultiArray(batches[index % batches.count], as: [UInt8].self)
        }
        return .done
    }
}

/// How fast one kind of call was.
struct Measurement {
    typealias Call = @Sendable (Client, Int) throws -> Void

    static let heading = columns("", "calls/s", "keys/s", "median", "99 %")

    let name: String
    let keysPerCall: Int
    let callsPerSecond: Double
    let median: Duration
    let slowest: Duration

    /// Makes calls for a time, on some threads at once.
    init(
        _ name: String,
        keysPerCall: Int,
        of pool: ClientPool,
        threads: Int,
        for duration: Duration,
        _ call: @escaping Call
    ) throws {
        let results = Results()
        let clock = ContinuousClock()
        let start = clock.now
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
            var times: [Duration] = []
            do {
                try pool.withClient { client in
                    var index = thread
                    var now = clock.now
                    var shown = now
                    while now - start < duration {
                        try call(client, index)
                        let end = clock.now
                        times.append(end - now)
                        now = end
                        index += threads
                        if thread == 0, now - shown > .milliseconds(100) {
                            Terminal.showProgress("\(name): \(times.count * threads) calls")
                            shown = now
                        }
                    }
                }
                results.add(times)
            } catch {
                results.add(error)
            }
        }
        let elapsed = (clock.now - start) / .seconds(1)
        Terminal.showProgress(nil)
        let times = try results.sorted()
        self.name = name
        self.keysPerCall = keysPerCall
        callsPerSecond = Double(times.count) / elapsed
        median = times.isEmpty ? .zero : times[times.count / 2]
        slowest = times.isEmpty ? .zero : times[times.count * 99 / 100]
    }

    var line: String {
        Self.columns(
            name,
            String(Int(callsPerSecond)),
            String(Int(callsPerSecond * Double(keysPerCall))),
            Self.text(median),
            Self.text(slowest)
        )
    }

    var document: JSONValue {
        [
            "name": .string(name), "callsPerSecond": .number(callsPerSecond.rounded()),
            "keysPerSecond": .number((callsPerSecond * Double(keysPerCall)).rounded()),
            "medianMicroseconds": .number(median / .microseconds(1)),
            "p99Microseconds": .number(slowest / .microseconds(1)),
        ]
    }

    private static func text(_ duration: Duration) -> String {
        "\((duration / .microseconds(1) * 10).rounded() / 10) µs"
    }

    private static func columns(_ name: String, _ numbers: String...) -> String {
        let padded = numbers.map { String(repeating: " ", count: max(0, 12 - $0.count)) + $0 }
        return name + String(repeating: " ", count: max(0, 10 - name.count)) + padded.joined()
    }
}

/// What the threads of a measurement have to say.
private final class Results: Sendable {
    private struct State {
        var times: [Duration] = []
        var error: (any Error)?
    }

    private let state = Mutex(State())

    func add(_ new: [Duration]) { state.withLock { $0.times += new } }

    func add(_ new: any Error) { state.withLock { $0.error = $0.error ?? new } }

    func sorted() throws -> [Duration] {
        let state = state.withLock { $0 }
        if let error = state.error { throw error }
        return state.times.sorted()
    }
}
