/// An observer that can do with numbers for commands that go well, so that they cost it little.
///
/// A `get` of bytes, text or data by a ``Client`` is told to it by ``began(_:)-(MemcachedOperation)`` and ``ended(_:)``; to
/// make a request and an event of it would cost more than the rest of the call. All other commands come as to any observer.
public protocol CommandCounter: AnyObject, CommandObserver {
    /// A command begins.
    ///
    /// - Parameter operation: The method that was called.
    /// - Returns: Whether numbers will do. If not, the command comes as to any observer.
    func began(_ operation: MemcachedOperation) -> Bool

    /// A command has ended well.
    ///
    /// One that fails ends with ``CommandObserver/ended(_:_:)``, without a token.
    ///
    /// - Parameter numbers: What it has come to.
    func ended(_ numbers: CommandNumbers)
}

/// What a command that went well has come to.
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
