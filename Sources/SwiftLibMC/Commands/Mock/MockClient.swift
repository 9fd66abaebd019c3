/// A cache in memory, for tests of what uses one: no server, any time, any failure.
///
/// It does what a ``Client`` of one memcached server does: values go through the same format, keys obey the same rules,
/// items expire, have versions, and may be too large. It differs where a server has to: it drops nothing for want of
/// memory, and `noreply` changes nothing. It may be shared among threads and tasks.
///
/// ```swift
/// let cache = MockClient()
/// cache.fail(with: MemcachedError(code: .timeout, operation: "get", detail: "injected"), times: 1)
/// ```
public final class MockClient: Sendable {
    /// What a failure may be limited to: the name of the command, such as `get`, and the key.
    public typealias FailureCondition = @Sendable (_ operation: String, _ key: String?) -> Bool

    fileprivate struct Failure {
        let error: MemcachedError
        var times: Int
        let condition: FailureCondition?
    }

    struct State {
        var store: MockStore
        fileprivate var failures: [Failure] = []
        var onError: (@Sendable (MemcachedError) -> Void)?
    }

    let state: Monitor<State>
    let clock: MockClock
    let keyRules: KeyRules
    let format: ValueFormat
    let compression: Compression
    let server = Server(.tcp(host: "mock", port: Server.defaultPort))

    /// Makes an empty cache.
    ///
    /// - Parameters:
    ///   - clock: By which items expire.
    ///   - binary: Whether keys may have any byte, as in the binary protocol.
    ///   - maxItemSize: The largest size in bytes of an item with its key and a header of about 60 bytes; memcached's
    ///     own limit is 1 MiB.
    ///   - format: The format of values.
    ///   - compression: When and how values are compressed if a call does not say.
    public init(
        clock: MockClock = .system,
        binary: Bool = true,
        maxItemSize: Int = 1 << 20,
        format: ValueFormat = .pylibmc,
        compression: Compression = Compression()
    ) {
        state = Monitor(State(store: MockStore(maxItemSize: maxItemSize)))
        self.clock = clock
        keyRules = KeyRules(maximumLength: 250, isText: !binary)
        self.format = format
        self.compression = compression
    }

    /// Hears of the errors that no call throws.
    public var onError: (@Sendable (MemcachedError) -> Void)? {
        get { state.withLock { $0.onError } }
        set { state.withLock { $0.onError = newValue } }
    }

    /// How many items there are, with expired ones that nobody has asked for since.
    public var count: Int { state.withLock { $0.store.count } }

    // MARK: - Failures

    /// Lets commands fail before they do anything.
    ///
    /// Of several failures that apply the one that was asked for first comes first. Of a multi-key call each key can
    /// fail by itself, as if it had a server of its own.
    ///
    /// - Parameters:
    ///   - error: What they throw; operation, key and server are filled in.
    ///   - times: How many times, for each key counted by itself.
    ///   - condition: Which commands fail; nil for all.
    public func fail(with error: MemcachedError, times: Int = .max, when condition: FailureCondition? = nil) {
        state.withLock { $0.failures.append(Failure(error: error, times: times, condition: condition)) }
    }

    /// Lets no more commands fail.
    public func stopFailing() { state.withLock { $0.failures.removeAll() } }

    // MARK: - Carrying out

    /// Runs a command, unless it is to fail, and makes errors of its refusals.
    func perform<R>(
        _ operation: Operation,
        _ key: [UInt8]?,
        _ command: (inout MockStore, _ now: Double) throws(MockStore.Refusal) -> R
    ) throws(MemcachedError) -> R {
        if let key { try check(key, operation) }
        let now = clock.seconds
        return try state.withLock { state throws(MemcachedError) in
            let text = key.map { String(decoding: $0, as: UTF8.self) }
            if let failure = state.nextFailure(operation, text) { throw complete(failure, operation, text) }
            do throws(MockStore.Refusal) {
                return try command(&state.store, now)
            } catch {
                throw complete(error.error, operation, text)
            }
        }
    }

    func check(_ key: [UInt8], _ operation: Operation) throws(MemcachedError) {
        try key.withRawSpan { key throws(MemcachedError) in try keyRules.check(key, for: operation) }
    }

    private func complete(_ error: MemcachedError, _ operation: Operation, _ key: String?) -> MemcachedError {
        var error = error
        error.operation = operation.rawValue
        error.key = key
        error.server = server
        return error
    }
}

extension MockClient.State {
    fileprivate mutating func nextFailure(_ operation: Operation, _ key: String?) -> MemcachedError? {
        let index = failures.firstIndex { $0.times > 0 && $0.condition?(operation.rawValue, key) != false }
        guard let index else { return nil }
        if failures[index].times < .max { failures[index].times -= 1 }
        return failures[index].error
    }
}

extension MockStore.Refusal {
    fileprivate var error: MemcachedError {
        let (code, detail): (MemcachedError.Code, String) =
            switch self {
            case .tooBig: (.tooBig, "the value exceeds the server's item size")
            case .notFound: (.notFound, "no item has this key")
            case .notNumeric: (.notNumeric, "the stored value is not a decimal number of at most 64 bits")
            }
        return MemcachedError(code: code, operation: "", detail: detail)
    }
}
