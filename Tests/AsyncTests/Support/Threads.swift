import Foundation
import TestSupport

/// A thread of its own, with what came of it.
final class TestThread<Success: Sendable>: Sendable {
    private let outcome = Outcome<Success>()

    init(_ body: @escaping @Sendable () throws -> Success) {
        let outcome = outcome
        Thread.detachNewThread { outcome.set(Result { try body() }) }
    }

    /// Whether it has come to its end.
    var hasEnded: Bool { outcome.isSet }

    /// Waits for its end.
    func join() throws -> Success { try outcome.get().get() }
}

/// Runs `body` on several threads at the same time and waits for all of them.
@discardableResult
func onThreads<Success: Sendable>(
    _ count: Int,
    _ body: @escaping @Sendable (Int) throws -> Success
) throws -> [Success] {
    let threads = (0..<count).map { index in TestThread { try body(index) } }
    let outcomes = threads.map { thread in Result { try thread.join() } }
    return try outcomes.map { try $0.get() }
}

/// A door that threads wait at until somebody opens it.
final class Gate: Sendable {
    private let outcome = Outcome<Void>()

    func open() { outcome.set(.success(())) }

    func wait() { _ = outcome.get() }
}

/// A result that somebody waits for.
///
/// With a condition variable, which the thread sanitizer understands.
private final class Outcome<Success: Sendable>: @unchecked Sendable {
    // Sendable because `result` is only touched with the condition's lock held.
    private let condition = NSCondition()
    private var result: Result<Success, any Error>?

    var isSet: Bool {
        condition.lock()
        defer { condition.unlock() }
        return result != nil
    }

    func set(_ result: Result<Success, any Error>) {
        condition.lock()
        self.result = result
        condition.broadcast()
        condition.unlock()
    }

    func get() -> Result<Success, any Error> {
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let result { return result }
            condition.wait()
        }
    }
}
