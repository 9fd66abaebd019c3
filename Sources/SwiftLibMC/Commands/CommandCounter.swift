/// An observer that only needs numbers for commands that succeed, so that observing them costs little.
///
/// A `get` of bytes, text or data by a ``Client`` is reported by ``began(_:)-(MemcachedOperation)`` and ``ended(_:)``;
/// to make a request and an event for it would cost more than the rest of the call. All other commands are reported as
/// to any observer.
public protocol CommandCounter: AnyObject, CommandObserver {
    /// A command begins.
    ///
    /// - Parameter operation: The method that was called.
    /// - Returns: Whether numbers are enough. If not, the command is reported as to any observer.
    func began(_ operation: MemcachedOperation) -> Bool

    /// A command has succeeded.
    ///
    /// One that fails ends with ``CommandObserver/ended(_:_:)``, without a token.
    ///
    /// - Parameter numbers: Its result.
    func ended(_ numbers: CommandNumbers)
}

/// The result of a command that succeeded.
public struct CommandNumbers: Hashable, Sendable {
    /// The method that was called.
    public let operation: MemcachedOperation
    /// Whether the item was found.
    public let isHit: Bool
    /// The bytes of the value, as it is stored.
    public let bytesRead: Int
    /// How long it took, in nanoseconds.
    public let nanoseconds: Int64
}
