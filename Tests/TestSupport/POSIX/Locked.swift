import Foundation

/// A value behind a lock, for state that several test threads touch.
///
/// Not `Synchronization.Mutex`: the thread sanitizer does not understand that one and reports races which are none.
public final class Locked<Value: Sendable>: @unchecked Sendable {
    // Sendable because `value` is only touched with `lock` held.
    private let lock = NSLock()
    private var value: Value

    /// Makes a lock around a first value.
    public init(_ value: Value) {
        self.value = value
    }

    /// Runs `body` alone with the value.
    public func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}
