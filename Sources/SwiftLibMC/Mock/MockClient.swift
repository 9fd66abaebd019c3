/// A cache in memory, for tests of code that uses one: without a server, with any time and any failure.
///
/// It does what a ``Client`` of one memcached server does: values go through the same format, keys obey the same rules,
/// items expire, have versions, and may be too large. It differs from a server in that it never drops items for lack of
/// memory, and `noreply` changes nothing. It may be shared among threads and tasks.
///
/// ```swift
/// let cache = MockClient()
/// cache.fail(with: MemcachedError(code: .timeout, operation: "get", detail: "injected"), times: 1)
/// ```
public final class MockClient: Sendable {
    /// Selects the commands that fail, by the name of the command, such as `get`, and the key.
    public typealias FailureCondition = @Sendable (_ operation: String, _ key: String?) -> Bool

    fileprivate struct Failure {
        let error: MemcachedError
        var times: Int
        let condition: FailureCondition?
    }

    struct State {
        var store: MockStore
        fileprivate var failures: [Failure] = []
        fileprivate var requests: [MemcachedRequest] = []
        var policies = CommandPolicies()
    }

    let state: Monitor<State>
    let clock: MockClock
    let keyRules: KeyRules
    let formatCodec: FormatCodec
    let computations = SharedComputations()
    let server = Server(.tcp(host: "mock", port: Server.defaultPort))

    /// Makes an empty cache.
    ///
    /// - Parameters:
    ///   - clock: The clock by which items expire.
    ///   - binary: Whether keys may have any byte, as in the binary protocol.
    ///   - maxItemSize: The largest size in bytes of an item with its key and a header of about 60 bytes; memcached's
    ///     own limit is 1 MiB.
    ///   - format: The format of values.
    ///   - compression: When and how values are compressed unless a call says otherwise.
    public init(
        clock: MockClock = .system,
        binary: Bool = true,
        maxItemSize: Int = 1 << 20,
        format: ValueFormat = .pylibmc,
        compression: Compression = Compression()
    ) {
        state = Monitor(State(store: MockStore(maxItemSize: maxItemSize)))
        self.clock = clock
        keyRules = KeyRules(maximumLength: KeyRules.longestKey, isText: !binary)
        formatCodec = FormatCodec(format, compression: compression)
    }

    /// How the methods report misses and failures; by default they hide nothing.
    public var policies: CommandPolicies {
        get { state.withLock { $0.policies } }
        set { state.withLock { $0.policies = newValue } }
    }

    /// Is called with the errors that no call throws.
    public var onError: (@Sendable (MemcachedError) -> Void)? {
        get { policies.onError }
        set { policies.onError = newValue }
    }

    /// How many items there are, including expired ones that have not been read since.
    public var count: Int { state.withLock { $0.store.count } }

    // MARK: - Failures

    /// Makes commands fail before they do anything.
    ///
    /// If several failures apply, the one that was added first is used. In a multi-key call each key can fail by
    /// itself, as if it had a server of its own.
    ///
    /// - Parameters:
    ///   - error: The error they throw; operation, key and server are filled in.
    ///   - times: How many times, counted for each key by itself.
    ///   - condition: Which commands fail; nil for all.
    public func fail(with error: MemcachedError, times: Int = .max, when condition: FailureCondition? = nil) {
        state.withLock { $0.failures.append(Failure(error: error, times: times, condition: condition)) }
    }

    /// Stops making commands fail.
    public func stopFailing() { state.withLock { $0.failures.removeAll() } }

    // MARK: - Recorded requests

    /// The requests for which a client would have asked a server, since the mock was made or ``forgetRequests()``; if there
    /// are very many, the latest.
    public var requests: [MemcachedRequest] { state.withLock { $0.requests } }

    /// Forgets the recorded requests.
    public func forgetRequests() { state.withLock { $0.requests.removeAll() } }
}

extension MockClient.State {
    private static let mostRequests = 10_000

    mutating func note(_ request: MemcachedRequest) {
        requests.append(request)
        if requests.count >= 2 * Self.mostRequests { requests.removeFirst(requests.count - Self.mostRequests) }
    }

    mutating func nextFailure(_ operation: Operation, _ key: String?) -> MemcachedError? {
        let index = failures.firstIndex { $0.times > 0 && $0.condition?(operation.rawValue, key) != false }
        guard let index else { return nil }
        if failures[index].times < .max { failures[index].times -= 1 }
        return failures[index].error
    }
}

extension MockStore.Refusal {
    var error: MemcachedError {
        let (code, detail): (MemcachedError.Code, String) =
            switch self {
            case .tooBig: (.tooBig, "the value exceeds the server's item size")
            case .notFound: (.notFound, "no item has this key")
            case .notNumeric: (.notNumeric, "the stored value is not a decimal number of at most 64 bits")
            }
        return MemcachedError(code: code, operation: "", detail: detail)
    }
}
