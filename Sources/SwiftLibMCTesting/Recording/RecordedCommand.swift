public import SwiftLibMC

/// A command of a recording cache, and its result.
public struct RecordedCommand: Sendable {
    /// The request.
    public let request: MemcachedRequest
    /// The response or the error.
    public let result: Result<MemcachedResponse, MemcachedError>

    /// The method that was called, such as `get`.
    public var operation: String { request.operation.rawValue }
    /// The keys as text, as they are on the wire.
    public var keys: [String] { request.keys.list.map { request.keys.prefix + $0.text } }
}

extension RecordedCommand: CustomStringConvertible {
    /// The method and the keys, such as `getMulti a, b`.
    public var description: String { ([operation] + [keys.joined(separator: ", ")]).joined(separator: " ") }
}
