/// The response to a request, as it happened: a miss is never an error here, and a failure never a miss, whatever the
/// caller's ``CommandPolicies`` make of them later.
public struct MemcachedResponse: Sendable {
    /// The result for each key of the request, in order.
    public var results: OneOrMany<Result>
    /// What most responses don't have, kept apart so that they need not carry empty arrays.
    private var rest: Rest?

    private final class Rest: Sendable {
        let failures: [Failure]
        let servers: [ServerReply]
        let noServerAnswered: Bool
        let server: Server?

        init(_ failures: [Failure], _ servers: [ServerReply], noServerAnswered: Bool, server: Server? = nil) {
            self.failures = failures
            self.servers = servers
            self.noServerAnswered = noServerAnswered
            self.server = server
        }
    }

    /// Makes a response.
    ///
    /// - Parameters:
    ///   - results: The result for each key of the request, in order.
    ///   - failures: The servers that failed, for a request for many keys.
    ///   - servers: What the servers have answered, for a request without keys.
    public init(
        _ results: OneOrMany<Result> = .many([]),
        failures: [Failure] = [],
        servers: [ServerReply] = []
    ) {
        self.results = results
        if !failures.isEmpty || !servers.isEmpty {
            let noServerAnswered = !failures.isEmpty && servers.isEmpty && results.allSatisfy(\.isUnreachable)
            rest = Rest(failures, servers, noServerAnswered: noServerAnswered)
        }
    }

    /// The response to a request for a single key, which needs nothing else.
    @inline(__always)
    init(one result: Result) { results = .one(result) }

    /// The same where it is known whether any server answered.
    init(_ results: [Result], failures: [Failure], noServerAnswered: Bool) {
        self.results = .many(results)
        if !failures.isEmpty { rest = Rest(failures, [], noServerAnswered: noServerAnswered) }
    }

    /// The response to a request for a key that has to have an item, and has none.
    init(missingAt server: Server) {
        results = .one(.missing)
        rest = Rest([], [], noServerAnswered: false, server: server)
    }

    /// The response to the question for an item's server.
    init(location server: Server?) {
        self.init(.one(.missing), servers: server.map { [.location($0)] } ?? [])
    }

    /// Whether all servers that were asked have answered.
    public var isComplete: Bool { rest?.failures.isEmpty ?? true }

    /// The servers that failed while a request for many keys, or for all servers, was carried out.
    ///
    /// A request for a single key throws instead.
    public var failures: [Failure] { rest?.failures ?? [] }

    /// Whether there were servers to be asked, and all of them have failed.
    public var noServerAnswered: Bool { rest?.noServerAnswered ?? false }

    /// The server that has no item for the key, where that will be an error.
    var server: Server? { rest?.server }

    /// What the servers say about themselves.
    public var servers: [ServerReply] { rest?.servers ?? [] }

    /// The result for one key.
    #if hasAttribute(nonexhaustive)
        @nonexhaustive
    #endif
    public enum Result: Sendable {
        /// The item was found.
        case found(Value)
        /// The item is stored, deleted, touched.
        case done
        /// The counter's new value.
        case counted(UInt64)
        /// No item has the key.
        case missing
        /// The item does not meet the condition: it exists already, does not exist, or has changed.
        case declined
        /// The command is impossible for this key, whatever its server; a ``MemcachedError``. For a single key it is
        /// thrown instead.
        case refused(any Error)
        /// The key's server failed.
        case unreachable
    }

    /// A server that failed.
    public struct Failure: Sendable {
        /// The server; nil if it is not known.
        public var server: Server?
        /// The reason.
        public var error: MemcachedError

        /// Notes a failure.
        public init(server: Server? = nil, error: MemcachedError) {
            self.server = server ?? error.server
            self.error = error
        }
    }

    /// What one server says about itself.
    #if hasAttribute(nonexhaustive)
        @nonexhaustive
    #endif
    public enum ServerReply: Sendable {
        /// Its statistics.
        case statistics(Server, [String: String])
        /// Its version.
        case version(Server, String)
        /// Nil if it answers, or else the reason why it does not.
        case ping(Server, MemcachedError?)
        /// It is the one that the item lives on.
        case location(Server)
    }

    /// Takes over the results for some of the keys.
    ///
    /// - Parameters:
    ///   - indices: The positions of these keys in the request that this is the response to.
    ///   - other: The response to ``MemcachedRequest/narrowed(to:)`` with the same positions.
    public mutating func fill(_ indices: [Int], from other: MemcachedResponse) {
        // The keys that are asked for again are those of the servers that had failed.
        let noServerAnswered = noServerAnswered && other.noServerAnswered
        rest = other.isComplete ? nil : Rest(other.failures, [], noServerAnswered: noServerAnswered)
        guard case .many(var own) = results else { return results = other.results }
        results = .many([])
        for (index, result) in zip(indices, other.results) { own[index] = result }
        results = .many(own)
    }
}

extension MemcachedResponse.Result {
    /// Whether the item was found, stored, deleted, counted.
    public var succeeded: Bool {
        switch self {
        case .found, .done, .counted: true
        case .missing, .declined, .refused, .unreachable: false
        }
    }

    /// Whether the key's server failed.
    public var isUnreachable: Bool { if case .unreachable = self { true } else { false } }

    /// The value that was found.
    public var value: MemcachedResponse.Value? { if case .found(let value) = self { value } else { nil } }

    /// Why the command is impossible for this key.
    var refusal: MemcachedError? {
        guard case .refused(let error) = self else { return nil }
        return error as? MemcachedError
    }
}
