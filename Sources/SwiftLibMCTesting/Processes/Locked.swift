import Foundation

/// A value behind a lock, for state that several test threads touch.
///
/// It does not use `Synchronization.Mutex`, which the thread sanitizer does not understand, so that it reports false
/// races.
///
/// `Mirror` shows none of its content. When an expectation fails, Swift Testing looks into all values in it, without
/// the lock: it would crash on an array that another thread changes.
package final class Locked<Value: Sendable>: @unchecked Sendable, CustomReflectable {
    // Sendable because `value` is only touched with `lock` held.
    private let lock = NSCondition()
    private var value: Value

    /// Makes a lock around a first value.
    package init(_ value: Value) {
        self.value = value
    }

    package var customMirror: Mirror { Mirror(self, children: []) }

    /// Runs `body` alone with the value.
    package func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        lock.lock()
        defer {
            lock.broadcast()
            lock.unlock()
        }
        return try body(&value)
    }

    /// Blocks the thread until `body` returns a value; it is called at once, and after each ``withLock(_:)``.
    package func wait<Result>(for body: (inout Value) -> Result?) -> Result {
        lock.lock()
        defer { lock.unlock() }
        while true {
            if let result = body(&value) { return result }
            lock.wait()
        }
    }
}
