import Foundation

/// A thread of its own, with what came of it.
public final class TestThread<Success: Sendable>: Sendable {
    private let outcome = Locked<Result<Success, any Error>?>(nil)

    /// Starts the thread.
    public init(_ body: @escaping @Sendable () throws -> Success) {
        let outcome = outcome
        Thread.detachNewThread {
            let result = Result { try body() }
            outcome.withLock { $0 = result }
        }
    }

    /// Whether it has come to its end.
    public var hasEnded: Bool { outcome.withLock { $0 != nil } }

    /// Waits for its end.
    public func join() throws -> Success { try outcome.wait { $0 }.get() }
}

/// Runs `body` on several threads at the same time and waits for all of them.
@discardableResult
public func onThreads<Success: Sendable>(
    _ count: Int,
    _ body: @escaping @Sendable (Int) throws -> Success
) throws -> [Success] {
    let threads = (0..<count).map { index in TestThread { try body(index) } }
    let outcomes = threads.map { thread in Result { try thread.join() } }
    return try outcomes.map { try $0.get() }
}

/// A door that threads wait at until somebody opens it.
public final class Gate: Sendable {
    private let isOpen = Locked(false)

    /// Makes a closed one.
    public init() {}

    /// Lets everybody through, from now on.
    public func open() { isOpen.withLock { $0 = true } }

    /// Blocks the thread until it is open.
    public func wait() { isOpen.wait { $0 ? () : nil } }
}
