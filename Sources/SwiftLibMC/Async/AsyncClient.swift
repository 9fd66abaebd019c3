/// A client for any number of tasks, which blocks none of their threads.
///
/// ```swift
/// let cache = try AsyncClient(cloning: client)
/// try await cache.set("user:42:name", "Ada", time: .hours(1))
/// let name = try await cache.get("user:42:name", as: String.self)
/// ```
///
/// It has threads of its own, each with a clone of a client, and hands them the commands. What waits at the same time
/// goes out together: reads of single keys as one multi-get, sets and deletes as one pipelined write. So many tasks
/// together are served at many times the rate of one. Nothing ever waits for a batch to fill.
///
/// Commands for the same key are executed in the order in which they were called. Every caller gets its own result or
/// error. A call ends at once with `.cancelled` when its task is cancelled, and with `.commandTimeout` when it has
/// taken too long; what was sent by then may still be executed.
///
/// Letting go of the last reference ends the threads; ``shutdown()`` does it in good order.
public final class AsyncClient: Sendable {
    /// What happens to a call when too many others wait.
    public enum Overload: Hashable, Sendable {
        /// It waits for room, as long as the time-out allows.
        case waiting
        /// It throws `.overloaded`.
        case throwing
    }

    /// How many connections to each server there can be at most, and how many threads there are.
    public let connections: Int
    /// How long a call takes at most.
    public let commandTimeout: Duration

    let source: CloneSource
    let conversion: ValueConversion
    /// Whether values are converted by the tasks themselves, not by hooks of a class.
    @usableFromInline let needsNoHooks: Bool
    let errorPolicy: ErrorPolicy
    let onError: (@Sendable (MemcachedError) -> Void)?
    let keyRules: KeyRules
    let routes: Routes
    private let timeLimit: Moment.Distance
    let threads: ClientThreads

    /// Makes a client that works like another one.
    ///
    /// - Parameters:
    ///   - client: What to clone. It stays with its owner, and what happens to it later changes nothing here. It may be
    ///     of a subclass with a format of its own. Its settings apply here, too, such as ``Client/errorPolicy``,
    ///     ``Client/outcomes`` and ``Client/onError``, which is called on the threads.
    ///   - connections: How many threads and clones there are; nil for as many as there are servers. One is enough to
    ///     keep a server busy, and makes the largest batches. With as many as there are servers, or more, a server that
    ///     hangs does not hold up the keys of others at all.
    ///   - commandTimeout: How long a call takes at most, waiting included. It should leave room for the client's own
    ///     time-outs, which say more about what happened.
    ///   - queueLimit: How many calls may wait for one server on one connection.
    ///   - overload: What happens to calls beyond that.
    /// - Throws: `.invalidArguments`, or what ``Client/clone()`` throws.
    public init(
        cloning client: Client,
        connections: Int? = nil,
        commandTimeout: Duration = .seconds(5),
        queueLimit: Int = 10_000,
        overload: Overload = .waiting
    ) throws(MemcachedError) {
        let connections = connections ?? client.servers.count
        guard (1...1024).contains(connections), queueLimit >= 1, commandTimeout > .zero else {
            throw MemcachedError(
                code: .invalidArguments,
                operation: .create,
                detail: "there have to be 1 to 1024 connections, room for a waiting call, and some time for it"
            )
        }
        self.connections = connections
        self.commandTimeout = commandTimeout
        timeLimit = Moment.Distance(commandTimeout)
        let source = try CloneSource(client)
        self.source = source
        keyRules = source.read { $0.handle.traits.keyRules }
        conversion = source.read { ValueConversion(of: $0) }
        needsNoHooks = conversion.needsNoClient
        (errorPolicy, onError) = source.read { ($0.errorPolicy, $0.onError) }
        let routes = try source.read { client throws(MemcachedError) in try Routes(client, connections: connections) }
        self.routes = routes
        let workers = (0..<connections).map { worker in
            Worker(
                source: source,
                routes: routes,
                laneCount: routes.current.laneCount(of: worker),
                queueLimit: queueLimit,
                refusesOverload: overload == .throwing
            )
        }
        threads = ClientThreads(workers)
    }

    deinit {
        for worker in threads.workers { worker.close() }
    }

    /// Ends the client: finishes the calls that wait, refuses later ones with `.shutdown`, and returns when all its
    /// connections are closed.
    public func shutdown() async {
        for worker in threads.workers { worker.close() }
        for worker in threads.workers { await worker.end() }
    }

    /// Lends a clone of the client to `body`, on one of the threads, for several commands in a row.
    ///
    /// The body holds up the other calls of its thread, so it should be short. Its commands are in no particular order
    /// with those that other tasks have called. What it sets on the clone is undone when it returns. When the task is
    /// cancelled, or the time is up, the call ends, but the
    /// body runs on.
    ///
    /// - Parameter body: What to do with the clone, which can't leave it.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws, and `.cancelled`, `.commandTimeout`, `.overloaded`, `.shutdown`.
    @discardableResult
    public func run<R: Sendable>(_ body: @escaping @Sendable (Client) throws -> R) async throws -> R {
        let outcome = try await perform(.run) { client in Result { try body(client) } }
        return try outcome.get()
    }
}

// MARK: - Calling

extension AsyncClient {
    /// Executes something about one key on the key's thread, in order with other calls for it.
    func perform<K: CacheKey, R: Sendable>(
        _ operation: Operation,
        _ key: K,
        _ body: @escaping (Client) throws(MemcachedError) -> R
    ) async throws(MemcachedError) -> R {
        let result = Box<R>()
        let work = Request.Work.job { client throws(MemcachedError) in result.value = try body(client) }
        try await send(operation, work, QueuedKey(key))
        return result.take()
    }

    /// Executes something about no single key on any thread.
    func perform<R: Sendable>(
        _ operation: Operation,
        _ body: @escaping (Client) throws(MemcachedError) -> R
    ) async throws(MemcachedError) -> R {
        let result = Box<R>()
        let work = Request.Work.job { client throws(MemcachedError) in result.value = try body(client) }
        let route = RouteTable.Route(worker: threads.next, lane: 0)
        try await send(Request(operation, work, nil, route, deadline: .now + timeLimit))
        return result.take()
    }

    /// Executes something on every thread.
    func performEverywhere(
        _ operation: Operation,
        _ body: @escaping (Client) throws(MemcachedError) -> Void
    ) async throws(MemcachedError) {
        for worker in threads.workers.indices {
            let route = RouteTable.Route(worker: worker, lane: 0)
            try await send(Request(operation, .job(body), nil, route, deadline: .now + timeLimit))
        }
    }

    /// Executes work about one key, and gives the request with its answer.
    @discardableResult
    func send(
        _ operation: Operation,
        _ work: Request.Work,
        _ key: QueuedKey,
        payload: Payload = Payload(bytes: [], flags: .bytes),
        plainly: Bool = false
    ) async throws(MemcachedError) -> Request {
        let route = try key.withKeyBytes { key, routing throws(MemcachedError) in
            try keyRules.check(key, for: operation)
            return routes.route(key, routing: routing)
        }
        let request = Request(
            operation,
            work,
            key,
            route,
            deadline: .now + timeLimit,
            payload: payload,
            isPlain: plainly
        )
        try await send(request)
        return request
    }

    @inline(__always)
    private func send(_ request: Request) async throws(MemcachedError) {
        let worker = threads.workers[request.route.worker]
        await withTaskCancellationHandler {
            await Sleeper.sleep { sleeper in
                if request.begin(sleeper) { worker.enqueue(request, of: threads) } else { sleeper.wake() }
            }
        } onCancel: {
            worker.cancel(request)
        }
        try request.check(timeout: commandTimeout)
    }

    /// What a call gives that has failed: a miss, or else the error.
    func forgiving<R>(_ error: MemcachedError, _ substitute: R) throws(MemcachedError) -> R {
        guard errorPolicy.forgives(error) else { throw error }
        onError?(error)
        return substitute
    }
}

/// A place for what a thread makes for a task.
final class Box<Value> {
    var value: Value?

    func take() -> Value {
        guard let value else { preconditionFailure("there is no answer") }
        return value
    }
}
