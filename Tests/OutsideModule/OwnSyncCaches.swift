public import SwiftLibMC

/// A cache of one's own, as an application writes it: one function.
public final class GettingAndSetting: MemcachedCommands {
    private var items: [[UInt8]: Payload] = [:]

    /// Makes an empty one.
    public init() {}

    /// Reads and stores; everything else is not supported.
    public func execute(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
        switch request.action {
        case .fetch:
            return response(to: request) { index in
                let item = items[request.keys.bytes(of: index)]
                return item.map { .found(.init(bytes: $0.bytes, flags: $0.flags)) } ?? .missing
            }
        case .store(let values, .always, _):
            return response(to: request) { index in
                if case .bytes(let payload) = values[index] { items[request.keys.bytes(of: index)] = payload }
                return .done
            }
        default:
            throw MemcachedError(
                code: .notSupported,
                operation: request.operation.rawValue,
                detail: "it can only get and set"
            )
        }
    }
}

/// A response with a result for each key.
private func response(
    to request: MemcachedRequest,
    _ result: (Int) -> MemcachedResponse.Result
) -> MemcachedResponse {
    if case .one = request.keys.list { return MemcachedResponse(.one(result(0))) }
    return MemcachedResponse(.many(request.keys.list.indices.map(result)))
}

/// A wrapper of one's own: the cache behind it, and what it is for.
public struct TallyingCommands: ForwardingCommands {
    /// Counts the commands.
    public final class Counter {
        /// How many there were.
        public var count = 0

        /// Makes one that stands at zero.
        public init() {}
    }

    /// The cache that is asked.
    public let base: any MemcachedCommands
    private let counter: Counter

    /// Counts the commands of a cache.
    public init(_ cache: any MemcachedCommands, _ counter: Counter) {
        base = cache
        self.counter = counter
    }

    /// Counts a command, and passes it on.
    public func execute(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
        counter.count += 1
        return try base.execute(request)
    }
}
