public import SwiftLibMC

/// A cache of one's own for tasks, in another module and an actor at that: all it has to have is one function.
public actor DictionaryCache: AsyncMemcachedCommands {
    private var values: [[UInt8]: Payload] = [:]

    /// Makes an empty cache.
    public init() {}

    /// Reads and stores single items; everything else it does not know.
    public func execute(_ request: MemcachedRequest) async throws(MemcachedError) -> MemcachedResponse {
        guard case .one(let key) = request.keys.list else { throw unknown(request) }
        let wire = Array(request.keys.prefix.utf8) + key.bytes
        switch request.action {
        case .fetch:
            let value = values[wire].map { MemcachedResponse.Value(bytes: $0.bytes, flags: $0.flags) }
            return MemcachedResponse(.one(value.map { .found($0) } ?? .missing))
        case .store(.one(.bytes(let payload)), let condition, _):
            if condition != .always, (values[wire] == nil) != (condition == .ifAbsent) {
                return MemcachedResponse(.one(.declined))
            }
            values[wire] = payload
            return MemcachedResponse(.one(.done))
        case .delete:
            return MemcachedResponse(.one(values.removeValue(forKey: wire) == nil ? .missing : .done))
        default: throw unknown(request)
        }
    }

    private func unknown(_ request: MemcachedRequest) -> MemcachedError {
        MemcachedError(code: .notSupported, operation: request.operation.rawValue, detail: "not in this cache")
    }
}

/// A wrapper of one's own: it says what is asked.
public struct CountingCommands: AsyncForwardingCommands {
    /// The cache behind it.
    public let base: any AsyncMemcachedCommands
    private let count: @Sendable (MemcachedOperation, Int) -> Void

    /// Wraps a cache.
    public init(_ base: any AsyncMemcachedCommands, count: @escaping @Sendable (MemcachedOperation, Int) -> Void) {
        self.base = base
        self.count = count
    }

    /// Says the operation and the number of keys, and passes it on.
    public func execute(_ request: MemcachedRequest) async throws(MemcachedError) -> MemcachedResponse {
        count(request.operation, request.keys.count)
        return try await base.execute(request)
    }
}
