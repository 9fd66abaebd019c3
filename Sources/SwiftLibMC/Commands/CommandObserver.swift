/// Is told of every command of a cache: for metrics, traces and logs.
///
/// ```swift
/// struct Slow: CommandObserver {
///     func ended(_ event: CommandEvent, _ token: (any Sendable)?) {
///         if event.duration > .milliseconds(50) { print(event.operation, event.firstKey ?? "", event.duration) }
///     }
/// }
/// client.observer = Slow()
/// ```
///
/// Everything is called in the task or on the thread of the command's caller, so that task-local values are the
/// caller's. For each command ``began(_:)`` comes first and ``ended(_:_:)`` last, once, with what the former has
/// returned; in between come the calls of observers further inside, such as the client's own observer inside that of an
/// ``ObservedCommands``, once for each attempt of a ``RetryingClient``. A method such as `update` sends several
/// commands. The caller waits for the observer, so that one that takes long makes commands slow; it can change nothing
/// else. Requests that ask no server are not observed. An observer must not use the cache that it observes.
public protocol CommandObserver: Sendable {
    /// A command begins.
    ///
    /// - Parameter request: The request.
    /// - Returns: Something for the end of the command, such as a span; nothing if not given.
    func began(_ request: MemcachedRequest) -> (any Sendable)?

    /// A command has ended.
    ///
    /// - Parameters:
    ///   - event: Its result.
    ///   - token: What ``began(_:)`` has returned.
    func ended(_ event: CommandEvent, _ token: (any Sendable)?)

    /// Something has happened to a client itself, during the command that ends next or a call that is no command.
    ///
    /// Ignored, if not implemented.
    func happened(_ event: ClientEvent)
}

extension CommandObserver {
    /// Needs nothing at the end.
    public func began(_ request: MemcachedRequest) -> (any Sendable)? { nil }

    /// Ignores it.
    public func happened(_ event: ClientEvent) {}
}

/// The result of one command.
public struct CommandEvent: Sendable {
    /// The request.
    public let request: MemcachedRequest
    /// The key's server, for a command of a ``Client`` for a single key.
    public let server: Server?
    /// How long it took.
    public let duration: Duration
    /// How many items were found.
    public private(set) var hits = 0
    /// How many keys had no item.
    public private(set) var misses = 0
    /// How many items were stored, deleted, touched, counted.
    public private(set) var done = 0
    /// How many writes were declined, because the item did not meet the condition.
    public private(set) var declined = 0
    /// How many keys failed: each by itself, or with its server.
    public private(set) var failed = 0
    /// The bytes of the values that were read, as they are stored.
    public private(set) var bytesRead = 0
    /// The error that was thrown, for a request with one key or none.
    public private(set) var error: MemcachedError?
    /// The result for each key, nil if the command threw.
    ///
    /// It holds the values that were read.
    public private(set) var response: MemcachedResponse?
    /// The servers that failed while others may have answered.
    public private(set) var failures: [MemcachedResponse.Failure] = []

    /// The method that was called.
    public var operation: MemcachedOperation { request.operation }
    /// How many keys it was about.
    public var keyCount: Int { request.keys.count }
    /// The first key as text, without any prefix; it is made on each access.
    public var firstKey: String? { request.keys.list.first?.text }
    /// Which attempt it was: 0 for the first, 1 for the first repetition by a ``RetryingClient``, and so on.
    public var retry: Int { request.retry }
    /// The bytes of the values that were to be stored, as far as they are known here.
    public var bytesWritten: Int { request.byteCount }

    init(
        _ request: MemcachedRequest,
        _ result: Result<MemcachedResponse, MemcachedError>,
        at server: Server?,
        _ duration: Duration
    ) {
        self.request = request
        self.server = server
        self.duration = duration
        switch result {
        case .success(let response):
            self.response = response
            failures = response.failures
            // Not through the collection, which would be generic code for most commands' single result.
            switch response.results {
            case .one(let result): count(result)
            case .many(let results): for result in results { count(result) }
            }
        case .failure(let error):
            self.error = error
            failed = request.keys.count
        }
    }

    private mutating func count(_ result: MemcachedResponse.Result) {
        switch result {
        case .found(let value):
            hits += 1
            bytesRead += value.byteCount
        case .done, .counted: done += 1
        case .missing: misses += 1
        case .declined: declined += 1
        case .refused, .unreachable: failed += 1
        }
    }
}

/// An event of a client itself.
#if hasAttribute(nonexhaustive)
    @nonexhaustive
#endif
public enum ClientEvent: Sendable {
    /// A server has not answered several times, and is not asked for a while.
    case serverGivenUp(Server)
    /// A server that was given up is asked again.
    case serverTriedAgain(Server)
    /// The client has other servers now.
    case serversChanged([Server])
    /// The queue of an asynchronous client was full when a call came.
    case overloaded(MemcachedOperation)
}

extension MemcachedRequest {
    /// How many bytes of values are sent, as far as they have been encoded.
    fileprivate var byteCount: Int {
        func count(_ value: Value) -> Int { if case .bytes(let payload) = value { payload.bytes.count } else { 0 } }
        return switch action {
        case .store(let values, _, _): values.reduce(0) { $0 + count($1) }
        case .swap(let value, _, _): count(value)
        case .extend(let bytes, _, _): bytes.count
        default: 0
        }
    }

    /// Whether a server is asked.
    package var isObservable: Bool {
        switch action {
        case .computation, .location, .decode: false
        default: true
        }
    }
}

// MARK: - Observing

extension CommandObserver {
    /// Carries out a request, and tells the observer.
    func observe(
        _ request: MemcachedRequest,
        at server: @autoclosure () -> Server? = nil,
        _ body: () throws(MemcachedError) -> MemcachedResponse
    ) throws(MemcachedError) -> MemcachedResponse {
        guard request.isObservable else { return try body() }
        let token = began(request)
        let start = ContinuousClock.now
        let result = Result { () throws(MemcachedError) in try body() }
        ended(CommandEvent(request, result, at: server(), start.duration(to: .now)), token)
        return try result.get()
    }

    /// The same for tasks.
    func observe(
        _ request: MemcachedRequest,
        at server: @autoclosure () -> Server? = nil,
        _ body: () async throws(MemcachedError) -> MemcachedResponse
    ) async throws(MemcachedError) -> MemcachedResponse {
        guard request.isObservable else { return try await body() }
        let token = began(request)
        let start = ContinuousClock.now
        let result: Result<MemcachedResponse, MemcachedError>
        do throws(MemcachedError) {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        ended(CommandEvent(request, result, at: server(), start.duration(to: .now)), token)
        return try result.get()
    }
}
