/// A client for any number of tasks, which blocks none of their threads.
///
/// ```swift
/// let cache = try AsyncClient(cloning: client)
/// try await cache.set("user:42:name", "Ada", time: .hours(1))
/// let name = try await cache.get("user:42:name", as: String.self)
/// ```
///
/// It has threads of its own, each with a clone of a client, and hands them the commands. Commands that wait at the
/// same time are sent together: reads of single keys as one multi-get, sets and deletes as one pipelined write. So many
/// tasks together are served at many times the rate of one. Nothing ever waits for a batch to fill.
///
/// Commands for the same key are executed in the order in which they were called. Every caller gets its own result or
/// error. A call ends at once with `.cancelled` when its task is cancelled, and with `.commandTimeout` when it has
/// taken too long; a command that was sent by then may still be executed.
///
/// Releasing the last reference stops the threads; ``shutdown()`` stops them gracefully.
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
    /// The codec that turns values into bytes and back, in the calling tasks; nil for a client of a class with a format
    /// of its own, whose hooks run on the threads.
    public let codec: (any ValueCodec & Sendable)?
    /// How the methods report misses and failures, taken from the cloned client: ``Client/errorPolicy``,
    /// ``Client/outcomes``, ``Client/partialFailures`` and ``Client/onError``.
    public let policies: CommandPolicies
    /// Is told of every command, by the task that calls it; see ``CommandObserver``.
    public let observer: (any CommandObserver)?
    private let isObserved: Bool
    private let computations = SharedComputations()
    /// Whether values are in the standard format, converted by tasks, and there is no observer.
    let takesShortPath: Bool
    let keyRules: KeyRules
    let routes: Routes
    let timeLimit: Moment.Distance
    let threads: ClientThreads

    /// Makes a client that works like another one.
    ///
    /// - Parameters:
    ///   - client: What to clone. It stays with its owner, and what happens to it later changes nothing here. It may be
    ///     of a subclass with a format of its own. Its settings apply here, too, such as ``Client/errorPolicy``,
    ///     ``Client/outcomes`` and ``Client/onError``, which is called by the task whose call has failed.
    ///   - connections: How many threads and clones there are; nil for as many as there are servers. One is enough to
    ///     keep a server busy, and makes the largest batches. With as many as there are servers, or more, a server that
    ///     hangs does not hold up the keys of others at all.
    ///   - commandTimeout: How long a call takes at most, waiting included; nil for the client's own. It should leave
    ///     room for the other time-outs, which say more about what happened.
    ///   - queueLimit: How many calls may wait for one server on one connection.
    ///   - overload: What happens to calls beyond that.
    ///   - observer: Is told of every command; nil for the observer of the cloned client, if it has one.
    /// - Throws: `.invalidArguments`, or what ``Client/clone()`` throws.
    public init(
        cloning client: Client,
        connections: Int? = nil,
        commandTimeout: Duration? = nil,
        queueLimit: Int = 10_000,
        overload: Overload = .waiting,
        observer: (any CommandObserver)? = nil
    ) throws(MemcachedError) {
        let connections = connections ?? client.servers.count
        let commandTimeout = commandTimeout ?? client.commandTimeout
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
        codec = source.codec
        policies = source.policies
        let observer = observer ?? source.read(\.observer)
        self.observer = observer
        isObserved = observer != nil
        takesShortPath = codec?.isStandard == true && observer == nil
        let routes = try source.read { client throws(MemcachedError) in try Routes(client, connections: connections) }
        self.routes = routes
        let bodies = ClientThreads.mostBodies(connections)
        let workers = (0..<(connections == 1 ? 1 : connections + bodies + 1)).map { worker in
            Worker(
                source: source,
                routes: routes,
                queueCount: worker < connections ? routes.current.queueCount(of: worker) : 1,
                commandTimeout: commandTimeout,
                queueLimit: queueLimit,
                refusesOverload: overload == .throwing,
                observer: observer
            )
        }
        threads = ClientThreads(workers, keyed: connections, bodies: bodies)
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
    /// Each body that runs has a thread besides those that serve keys, and connections of its own: up to 16 of them, or
    /// as many as ``connections`` if that is more, each started when all others are busy. With one connection there is
    /// one thread for everything, which the body holds up. Its commands are in no particular order with those that
    /// other tasks have called. What it sets on the clone is undone when it returns. When the task is cancelled, or the
    /// time is up, the call ends, but the body runs on.
    ///
    /// - Parameter body: What to do with the clone, which can't leave it.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws, and `.cancelled`, `.commandTimeout`, `.overloaded`, `.shutdown`.
    @discardableResult
    public func run<R: Sendable>(_ body: @escaping @Sendable (Client) throws -> R) async throws -> R {
        let outcome = Box<Result<R, any Error>>()
        let worker = threads.takeForBody()
        defer { threads.release(worker) }
        let route = RouteTable.Route(worker: worker, queue: 0)
        try await send(.run, { client in outcome.value = Result { try body(client) } }, route)
        return try outcome.take().get()
    }
}

// MARK: - Requests

extension AsyncClient: AsyncMemcachedCommands {
    /// Carries out a request on one of the threads: the key's, in order with other calls for it, if it is for a single
    /// key.
    ///
    /// The methods of a client make their arguments a request and call this. Call it yourself only in wrappers and in
    /// caches of your own.
    ///
    /// - Throws: As ``AsyncMemcachedCommands/execute(_:)`` does, and what every asynchronous call may throw.
    public func execute(_ request: MemcachedRequest) async throws(MemcachedError) -> MemcachedResponse {
        try request.check()
        if _slowPath(isObserved) { return try await observed(request) }
        return try await carryOut(request)
    }

    @inline(__always)
    private func carryOut(_ request: MemcachedRequest) async throws(MemcachedError) -> MemcachedResponse {
        if case .disconnect = request.action {
            try await onEveryThread(.disconnectAll) { client in client.disconnectAll() }
            return MemcachedResponse()
        }
        if case .computation = request.action { return computations.response(to: request.keys) }
        if case .location = request.action { return MemcachedResponse(location: server(of: request)) }
        guard request.keys.list.isOne else { return try await carryOutMany(request, until: .now + timeLimit) }
        return try await carryOut(request, by: try route(of: request), until: .now + timeLimit)
    }

    func carryOut(
        _ request: MemcachedRequest,
        by route: RouteTable.Route,
        until deadline: Moment
    ) async throws(MemcachedError) -> MemcachedResponse {
        let call = QueuedCall(request, route, deadline: deadline)
        try await send(call)
        return call.response
    }

    /// Carries out a request and tells the observer.
    private func observed(_ request: MemcachedRequest) async throws(MemcachedError) -> MemcachedResponse {
        guard let observer else { return try await carryOut(request) }
        return try await observer.observe(request, at: server(of: request)) { () async throws(MemcachedError) in
            do throws(MemcachedError) {
                return try await carryOut(request)
            } catch {
                if error.code == .overloaded { observer.happened(.overloaded(request.operation)) }
                throw error
            }
        }
    }

    private func server(of request: MemcachedRequest) -> Server? {
        guard request.keys.list.isOne else { return nil }
        let table = routes.current
        return request.keys.withKeyBytes(of: 0) { _, routing in table.servers[table.position(of: routing)] }
    }

    private func route(of request: MemcachedRequest) throws(MemcachedError) -> RouteTable.Route {
        try request.keys.withKeyBytes(of: 0) { key, routing throws(MemcachedError) in
            do throws(MemcachedError) {
                return try self.route(key, routing, for: request.operation)
            } catch {
                throw request.named(error)
            }
        }
    }

    @inline(__always)
    func route(
        _ key: RawSpan,
        _ routing: RawSpan,
        for operation: Operation
    ) throws(MemcachedError) -> RouteTable.Route {
        try keyRules.check(key, for: operation)
        return routes.route(key, routing: routing)
    }

    /// Does something with the clients of all threads that there are, at the same time, whatever each is at; those that
    /// serve keys are.
    func onEveryThread(
        _ operation: Operation,
        _ job: @escaping @Sendable (Client) -> Void
    ) async throws(MemcachedError) {
        let workers = threads.workers.indices.filter { $0 < threads.keyed || threads.workers[$0].isRunning }
        let errors = await onThreads(workers.map { RouteTable.Route(worker: $0, queue: 0) }, operation) { job($1) }
        if let error = errors.first { throw error }
    }

    /// Does something with the clients of some threads, at the same time; what could not be done.
    func onThreads(
        _ routes: [RouteTable.Route],
        _ operation: Operation,
        _ job: @escaping @Sendable (_ index: Int, Client) -> Void
    ) async -> [MemcachedError] {
        await withTaskGroup(of: MemcachedError?.self) { group in
            for (index, route) in routes.enumerated() {
                group.addTask {
                    do throws(MemcachedError) {
                        try await self.send(operation, { job(index, $0) }, route)
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            return await group.reduce(into: []) { errors, error in if let error { errors.append(error) } }
        }
    }

    private func send(
        _ operation: Operation,
        _ job: @escaping QueuedCall.Job,
        _ route: RouteTable.Route
    ) async throws(MemcachedError) {
        // The action is not carried out.
        let request = MemcachedRequest(operation, .ping)
        try await send(QueuedCall(request, job: job, route, deadline: .now + timeLimit))
    }

    @inline(__always)
    func send(_ call: QueuedCall) async throws(MemcachedError) {
        let worker = threads.workers[call.route.worker]
        await withTaskCancellationHandler {
            await Suspension.suspend { suspension in
                if call.begin(suspension) { worker.enqueue(call, of: threads) } else { suspension.resume() }
            }
        } onCancel: {
            worker.cancel(call)
        }
        do throws(MemcachedError) {
            try call.check(timeout: commandTimeout)
        } catch {
            throw located(error, call)
        }
    }
}

extension AsyncClient {
    /// An error of a call that has been given up, with the server that was waited for.
    @inline(never)
    private func located(_ error: MemcachedError, _ call: QueuedCall) -> MemcachedError {
        guard error.code == .commandTimeout, error.server == nil else { return error }
        var error = error
        error.server = server(of: call.request)
        let servers = routes.current.servers
        if servers.count == 1, call.job == nil { error.server = servers[0] }
        return error
    }
}

/// Holds the result that a thread makes for a task.
final class Box<Value> {
    var value: Value?

    func take() -> Value {
        guard let value else { preconditionFailure("there is no answer") }
        return value
    }
}
