/// A limited number of clients for any number of threads: pylibmc's `ClientPool`.
///
/// ```swift
/// let pool = try ClientPool(cloning: client, size: 8)
/// let name = try pool.withClient { client in try client.get("user:42:name", as: String.self) }
/// ```
///
/// Clients are made when they are needed, up to the pool's size; pylibmc's `fill` is the parameter `minimum`. Callers
/// are served in order. pylibmc's `reserve` is ``withClient(timeout:_:)``, and `reserve(block=False)` is
/// ``tryWithClient(_:)``.
///
/// Both block the thread, so they are not for asynchronous code; that has ``AsyncClient``.
public final class ClientPool: Sendable {
    /// How many clients there can be.
    public let size: Int

    private let minimum: Int
    private let timeout: Duration
    /// How long a command may take, waiting included.
    private let commandTimeout: Duration
    private let idleTimeout: Duration?
    let source: CloneSource
    private let state: Monitor<State>

    /// A client that is not borrowed.
    private struct Idle {
        let client: Transfer<Client>
        let since: Moment
    }

    /// What a waiting caller is given.
    private enum Grant {
        case client(Transfer<Client>)
        /// The right to make one more client.
        case place
        case closed
    }

    /// A waiting caller.
    private final class Waiter: Sendable {
        let grant = Monitor<Grant?>(nil)

        func give(_ grant: Grant) {
            self.grant.withLock { $0 = grant }
            self.grant.wakeOne()
        }
    }

    private struct State {
        /// The client that was returned last is lent first, so that the others become old and can be closed.
        var idle: [Idle] = []
        /// How many clients there are, borrowed ones and those in the making included.
        var count = 0
        var waiters: [Waiter] = []
        var isClosed = false
        /// The process in which the time of the oldest idle client is being watched, nil if it is not.
        var watchedIn: UInt32?
    }

    // MARK: - Making and closing

    /// Makes a pool of clones of a client.
    ///
    /// - Parameters:
    ///   - client: The client to clone. It stays with its owner, and what happens to it later changes nothing here.
    ///   - size: How many clients there can be, at least 1.
    ///   - minimum: How many are made now, and stay however long they are idle; 0 to `size`. Each connects at its first
    ///     command.
    ///   - timeout: How long ``withClient(timeout:_:)`` waits for a client.
    ///   - idleTimeout: How long clients stay idle before they are closed; nil for never.
    /// - Throws: `.invalidArguments`, or what ``Client/clone()`` throws.
    public init(
        cloning client: Client,
        size: Int,
        minimum: Int = 1,
        timeout: Duration = .seconds(5),
        idleTimeout: Duration? = .seconds(60)
    ) throws(MemcachedError) {
        guard size >= 1, (0...size).contains(minimum) else {
            throw MemcachedError(
                code: .invalidArguments,
                operation: .create,
                detail: "a pool has at least 1 client, and its minimum, \(minimum), is from 0 to its size, \(size)"
            )
        }
        self.size = size
        self.minimum = minimum
        self.timeout = timeout
        self.idleTimeout = idleTimeout
        commandTimeout = client.commandTimeout
        source = try CloneSource(client)
        var first = State()
        for _ in 0..<minimum {
            first.idle.append(Idle(client: try source.make(), since: .now))
            first.count += 1
        }
        state = Monitor(first)
    }

    /// Closes the pool.
    ///
    /// Idle clients are closed now, borrowed ones when they are returned. Callers that wait for one, and later callers,
    /// get `.shutdown`. Releasing the pool's last reference does the same.
    public func close() {
        let (idle, waiters) = state.withLock { state in
            state.isClosed = true
            state.count -= state.idle.count
            defer {
                state.idle = []
                state.waiters = []
            }
            return (state.idle, state.waiters)
        }
        for waiter in waiters { waiter.give(.closed) }
        // The last reference to the idle clients: their connections are closed here, not with the lock held.
        _ = consume idle
    }

    /// How many clients are ready to be borrowed at the moment; more may be made.
    public var idle: Int { state.withLock { $0.idle.count } }

    // MARK: - Lending

    /// Lends a client to `body`; waits for one if all are taken.
    ///
    /// The client can't leave `body`. If one of its commands fails, its connections are reset before the next borrower
    /// gets it. What `body` sets on it is undone: the next borrower finds the settings, behaviors and servers of the
    /// pool.
    ///
    /// - Parameters:
    ///   - timeout: How long to wait for a client; nil for the pool's own time-out.
    ///   - body: What to do with the client.
    /// - Returns: What `body` returns.
    /// - Throws: `.poolExhausted` if no client became free in time, `.shutdown` if the pool was closed, and what `body`
    ///   throws.
    @available(*, noasync, message: "It blocks the thread; use AsyncClient.")
    @discardableResult
    public func withClient<R: Sendable>(
        timeout: Duration? = nil,
        _ body: (inout sending Client) throws -> R
    ) throws -> R {
        try lend(try borrow(.withClient, waitLimit: timeout ?? self.timeout).transfer, body)
    }

    /// Lends a client to `body`, if there is one at once.
    ///
    /// - Parameter body: What to do with the client.
    /// - Returns: What `body` returns.
    /// - Throws: `.poolExhausted` if all clients are taken, `.shutdown` if the pool was closed, and what `body` throws.
    @available(*, noasync, message: "It blocks the thread; use AsyncClient.")
    @discardableResult
    public func tryWithClient<R: Sendable>(_ body: (inout sending Client) throws -> R) throws -> R {
        try lend(try borrow(.tryWithClient, waitLimit: nil).transfer, body)
    }

    private func lend<R: Sendable>(_ transfer: Transfer<Client>, _ body: (inout sending Client) throws -> R) throws -> R
    {
        var client = transfer.object
        defer {
            // A body may keep the client and leave another one in its place; that one is not the pool's.
            takeBack(transfer.holds(client) ? source.restored(transfer) : nil)
        }
        client.applyServerChanges()
        return try body(&client)
    }
}

extension ClientPool: ClientLending {
    func withAnyClient<R>(_ operation: Operation, _ body: (Client) -> R) throws(MemcachedError) -> R {
        let (transfer, since) = try borrow(operation, waitLimit: min(timeout, commandTimeout))
        defer { takeBack(source.restored(transfer)) }
        let client = transfer.object
        client.applyServerChanges()
        guard let since else { return body(client) }
        return client.handle.withCall(until: since + commandTimeout) { body(client) }
    }
}

// MARK: - Borrowing and returning

extension ClientPool {
    private enum Offer {
        case client(Transfer<Client>)
        case place
        case wait(Waiter)
        case none(waiting: Int)
        case closed
    }

    /// Borrows a client; also returns since when it was waited for, if it was.
    private func borrow(
        _ operation: Operation,
        waitLimit: Duration?
    ) throws(MemcachedError) -> (transfer: Transfer<Client>, since: Moment?) {
        let offer = state.withLock { state -> Offer in
            if state.isClosed { return .closed }
            if let idle = state.idle.popLast() { return .client(idle.client) }
            if state.count < size {
                state.count += 1
                return .place
            }
            guard waitLimit != nil else { return .none(waiting: state.waiters.count) }
            let waiter = Waiter()
            state.waiters.append(waiter)
            return .wait(waiter)
        }
        let grant: Grant
        var since: Moment?
        switch offer {
        case .client(let client): return (client, nil)
        case .place: grant = .place
        case .closed: grant = .closed
        case .none(let waiting): throw exhausted(operation, waiting: waiting, after: nil)
        case .wait(let waiter):
            since = .now
            grant = try answer(to: waiter, operation, waitLimit ?? .zero)
        }
        switch grant {
        case .client(let client): return (client, since)
        case .closed: throw MemcachedError(code: .shutdown, operation: operation, detail: "the pool is closed")
        case .place: return (try makeOne(), since)
        }
    }

    private func answer(
        to waiter: Waiter,
        _ operation: Operation,
        _ waitLimit: Duration
    ) throws(MemcachedError) -> Grant {
        if let grant = waiter.grant.wait(until: .now + waitLimit, for: { $0 }) { return grant }
        let waiting = state.withLock { state -> Int? in
            guard let index = state.waiters.firstIndex(where: { $0 === waiter }) else { return nil }
            state.waiters.remove(at: index)
            return state.waiters.count
        }
        if let waiting { throw exhausted(operation, waiting: waiting, after: waitLimit) }
        // The waiter has just been taken off the list, and is about to be given something.
        return waiter.grant.wait(for: { $0 }) ?? .closed
    }

    private func makeOne() throws(MemcachedError) -> Transfer<Client> {
        do throws(MemcachedError) {
            return try source.make()
        } catch {
            // The place is free again: the next waiter may try.
            takeBack(nil)
            throw error
        }
    }

    /// Takes back a client, or the place of one that no longer exists.
    private func takeBack(_ transfer: Transfer<Client>?) {
        // Cleans up after a failed command now, rather than at the expense of the next borrower.
        if let transfer, transfer.object.handle.mustSettle { transfer.object.handle.settle() }
        let now = Moment.now
        let waiter = state.withLock { state -> Waiter? in
            if !state.isClosed, !state.waiters.isEmpty { return state.waiters.removeFirst() }
            guard let transfer, !state.isClosed else {
                state.count -= 1
                return nil
            }
            state.idle.append(Idle(client: transfer, since: now))
            if let idleTimeout, state.watchedIn != ForkWatch.count, state.count > minimum {
                state.watchedIn = ForkWatch.count
                DeadlineTimer.shared.call(self, at: now + idleTimeout)
            }
            return nil
        }
        waiter?.give(transfer.map(Grant.client) ?? .place)
    }

    private func exhausted(_ operation: Operation, waiting: Int, after waitLimit: Duration?) -> MemcachedError {
        let others = waiting == 1 ? "1 other is waiting" : "\(waiting) others are waiting"
        let time = waitLimit.map { " for \($0)" } ?? ""
        return MemcachedError(
            code: .poolExhausted,
            operation: operation,
            detail: "all \(size) clients of the pool have been in use\(time), and \(others)"
        )
    }
}

// MARK: - Closing idle clients

extension ClientPool: TimerClient {
    /// Closes the clients that have been idle for too long.
    func timerFired(_ now: Moment) -> Moment? {
        guard let idleTimeout else { return nil }
        let (old, next) = state.withLock { state -> ([Idle], Moment?) in
            // The oldest ones come first. Borrowed clients count towards the minimum.
            let dispensable = min(max(state.count - minimum, 0), state.idle.count)
            let old = state.idle.prefix(dispensable).prefix { $0.since + idleTimeout <= now }
            state.idle.removeFirst(old.count)
            state.count -= old.count
            let remaining = dispensable - old.count
            state.watchedIn = remaining > 0 ? ForkWatch.count : nil
            return (Array(old), remaining > 0 ? state.idle.first.map { $0.since + idleTimeout } : nil)
        }
        _ = consume old
        return next
    }
}
