/// A client for each thread that asks: pylibmc's `ThreadMappedPool`.
///
/// ```swift
/// let pool = try ThreadMappedPool(cloning: client)
/// let name = try pool.withClient { client in try client.get("user:42:name", as: String.self) }
/// ```
///
/// A thread's client is made at its first call and freed when the thread ends, when it calls ``relinquish()``, or with
/// the pool. After the first call no lock is taken, and nothing waits. There are as many connections as threads; where
/// these are many, or come and go, use a ``ClientPool``.
///
/// The calls block the thread, so they are not for asynchronous code; that has ``AsyncClient``.
public final class ThreadMappedPool: Sendable {
    let source: CloneSource
    private let slots = PoolSlots()

    /// Each thread's clients of all pools.
    private static let threads = ThreadLocal<ThreadSlots>()

    /// Makes a pool of clones of a client.
    ///
    /// - Parameter client: The client to clone. It stays with its owner, and what happens to it later changes nothing
    ///   here.
    /// - Throws: What ``Client/clone()`` throws.
    public init(cloning client: Client) throws(MemcachedError) {
        source = try CloneSource(client)
    }

    deinit {
        // No call is in progress, so that the clients of threads that still run can be freed, too.
        slots.close()
    }

    /// How many threads have a client at the moment.
    public var threadCount: Int { slots.count }

    /// Lends the calling thread's own client to `body`, and makes it first if there is none.
    ///
    /// The client can't leave `body`. Calls may be nested; the inner one gets a second client. What `body` sets on it
    /// is undone: the next call finds the settings, behaviors and servers of the pool.
    ///
    /// - Parameter body: What to do with the client.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws, and what ``Client/clone()`` throws.
    @available(*, noasync, message: "It blocks the thread; use AsyncClient.")
    @discardableResult
    public func withClient<R: Sendable>(_ body: (inout sending Client) throws -> R) throws -> R {
        let slot = threadsSlot()
        let transfer = try slot.clients.popLast() ?? source.make()
        var client = transfer.object
        defer {
            // A body may keep the client and leave another one in its place; that one is not the pool's.
            if transfer.holds(client), let transfer = source.restored(transfer) { slot.clients.append(transfer) }
        }
        client.applyServerChanges()
        return try body(&client)
    }

    /// Frees the calling thread's client; its next call makes a new one.
    public func relinquish() {
        Self.threads.object?.remove(slots)
    }

    private func threadsSlot() -> ThreadSlot {
        if let slot = Self.threads.object?.find(slots) { return slot }
        let thread: ThreadSlots
        if let known = Self.threads.object {
            thread = known
        } else {
            thread = ThreadSlots()
            Self.threads.assign(thread)
        }
        return thread.add(slots)
    }
}

extension ThreadMappedPool: ClientLending {
    func withAnyClient<R>(_ operation: Operation, _ body: (Client) -> R) throws(MemcachedError) -> R {
        let slot = threadsSlot()
        let transfer: Transfer<Client>
        if let own = slot.clients.popLast() { transfer = own } else { transfer = try source.make() }
        defer { if let transfer = source.restored(transfer) { slot.clients.append(transfer) } }
        transfer.object.applyServerChanges()
        return body(transfer.object)
    }
}

// MARK: - Slots

/// Where one thread keeps its clients of one pool while it does not use them.
///
/// Only the thread itself touches it, until either the thread or the pool ends; which of them comes first is decided
/// with the pool's lock held.
private final class ThreadSlot {
    /// More than one only if calls were nested.
    var clients: [Transfer<Client>] = []
}

/// The slots of one pool.
private final class PoolSlots: Sendable {
    private let state = Monitor<[ObjectIdentifier: ThreadSlot]?>([:])

    var count: Int { state.withLock { $0?.count ?? 0 } }

    /// Whether the pool has been freed.
    var isClosed: Bool { state.withLock { $0 == nil } }

    func add(_ slot: ThreadSlot) {
        state.withLock { $0?[ObjectIdentifier(slot)] = slot }
    }

    /// Frees a thread's clients, unless the pool has done so.
    func remove(_ slot: ThreadSlot) {
        let clients = state.withLock { state -> [Transfer<Client>] in
            guard let known = state?.removeValue(forKey: ObjectIdentifier(slot)) else { return [] }
            return known.takeClients()
        }
        // Their connections are closed here, not with the lock held.
        _ = consume clients
    }

    /// Frees all threads' clients.
    func close() {
        let clients = state.withLock { state -> [Transfer<Client>] in
            defer { state = nil }
            return state.map { $0.values.flatMap { $0.takeClients() } } ?? []
        }
        _ = consume clients
    }
}

extension ThreadSlot {
    fileprivate func takeClients() -> [Transfer<Client>] {
        defer { clients = [] }
        return clients
    }
}

/// The slots of one thread, one for each pool that it has used; they end with the thread.
private final class ThreadSlots {
    // One or two: looking through them is quicker than hashing.
    private var entries: [(pool: PoolSlots, slot: ThreadSlot)] = []

    deinit {
        for entry in entries { entry.pool.remove(entry.slot) }
    }

    func find(_ pool: PoolSlots) -> ThreadSlot? {
        for entry in entries where entry.pool === pool { return entry.slot }
        return nil
    }

    func add(_ pool: PoolSlots) -> ThreadSlot {
        entries.removeAll { $0.pool.isClosed }
        let slot = ThreadSlot()
        pool.add(slot)
        entries.append((pool, slot))
        return slot
    }

    func remove(_ pool: PoolSlots) {
        guard let index = entries.firstIndex(where: { $0.pool === pool }) else { return }
        let entry = entries.remove(at: index)
        entry.pool.remove(entry.slot)
    }
}
