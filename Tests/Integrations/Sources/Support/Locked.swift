internal import Synchronization

/// A value that several tasks touch.
public final class Locked<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    /// Makes a lock around a first value.
    public init(_ value: Value) { mutex = Mutex(value) }

    /// Runs `body` alone with the value.
    public func withLock<R: Sendable>(_ body: (inout Value) -> R) -> R { mutex.withLock { body(&$0) } }
}
