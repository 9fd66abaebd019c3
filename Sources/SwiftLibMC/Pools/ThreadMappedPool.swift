/// A client of its own for each thread that asks: pylibmc's `ThreadMappedPool`.
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
    private let shelves = Shelves()

    /// What each thread has of all pools.
    private static let threads = ThreadLocal<ThreadShelves>()

    /// Makes a pool of clones of a client.
    ///
    /// - Parameter client: What the threads' clients are like. It stays with its owner, and what happens to it later
    ///   changes nothing here.
    /// - Throws: What ``Client/clone()`` throws.
    public init(cloning client: Client) throws(MemcachedError) {
        source = try CloneSource(client)
    }

    deinit {
        // Nobody is inside a call, so that the clients of threads that still run can go as well.
        shelves.close()
    }

    /// How many threads have a client at the moment.
    public var threadCount: Int { shelves.count }

    /// Lends the calling thread's own client to `body`, and makes it first if there is none.
    ///
    /// The client can't leave `body`. Calls may be nested; the inner one gets a second client. What `body` sets on it is
    /// undone: the next call finds the settings, behaviors and servers of the pool.
    ///
    /// - Parameter body: What to do with the client.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws, and what ``Client/clone()`` throws.
    @available(*, noasync, message: "It blocks the thread; use AsyncClient.")
    @discardableResult
    public func withClient<R: Sendable>(_ body: (inout sending Client) throws -> R) throws -> R {
        let shelf = threadsShelf()
        let parked = try shelf.clients.popLast() ?? source.make()
        var client = parked.object
        defer {
            // A body may keep the client and leave another one in its place; that one is not one of ours.
            if parked.holds(client), let parked = source.restored(parked) { shelf.clients.append(parked) }
        }
        client.catchUp()
        return try body(&client)
    }

    /// Frees the calling thread's client; its next call makes a new one.
    public func relinquish() {
        Self.threads.object?.remove(shelves)
    }

    private func threadsShelf() -> Shelf {
        if let shelf = Self.threads.object?.find(shelves) { return shelf }
        let thread: ThreadShelves
        if let known = Self.threads.object {
            thread = known
        } else {
            thread = ThreadShelves()
            Self.threads.assign(thread)
        }
        return thread.add(shelves)
    }
}

extension ThreadMappedPool: ClientLending {
    func withAnyClient<R>(_ operation: Operation, _ body: (Client) -> R) throws(MemcachedError) -> R {
        let shelf = threadsShelf()
        let parked: Parked<Client>
        if let own = shelf.clients.popLast() { parked = own } else { parked = try source.make() }
        defer { if let parked = source.restored(parked) { shelf.clients.append(parked) } }
        parked.object.catchUp()
        return body(parked.object)
    }
}

// MARK: - Shelves

/// Where one thread keeps its clients of one pool while it does not use them.
///
/// Only the thread itself touches it, until either the thread or the pool ends; which of them comes first is decided
/// with the pool's lock held.
private final class Shelf {
    /// More than one only if calls were nested.
    var clients: [Parked<Client>] = []
}

/// The shelves of one pool.
private final class Shelves: Sendable {
    private let state = Monitor<[ObjectIdentifier: Shelf]?>([:])

    var count: Int { state.withLock { $0?.count ?? 0 } }

    /// Whether the pool has gone.
    var isClosed: Bool { state.withLock { $0 == nil } }

    func add(_ shelf: Shelf) {
        state.withLock { $0?[ObjectIdentifier(shelf)] = shelf }
    }

    /// Frees a thread's clients, unless the pool has done so.
    func remove(_ shelf: Shelf) {
        let clients = state.withLock { state -> [Parked<Client>] in
            guard let known = state?.removeValue(forKey: ObjectIdentifier(shelf)) else { return [] }
            return known.takeClients()
        }
        // Their connections are closed here, not with the lock held.
        _ = consume clients
    }

    /// Frees all threads' clients.
    func close() {
        let clients = state.withLock { state -> [Parked<Client>] in
            defer { state = nil }
            return state.map { $0.values.flatMap { $0.takeClients() } } ?? []
        }
        _ = consume clients
    }
}

extension Shelf {
    fileprivate func takeClients() -> [Parked<Client>] {
        defer { clients = [] }
        return clients
    }
}

/// The shelves of one thread, one for each pool that it has used; its end is theirs.
private final class ThreadShelves {
    // One or two: looking through them is quicker than hashing.
    private var entries: [(pool: Shelves, shelf: Shelf)] = []

    deinit {
        for entry in entries { entry.pool.remove(entry.shelf) }
    }

    func find(_ pool: Shelves) -> Shelf? {
        for entry in entries where entry.pool === pool { return entry.shelf }
        return nil
    }

    func add(_ pool: Shelves) -> Shelf {
        entries.removeAll { $0.pool.isClosed }
        let shelf = Shelf()
        pool.add(shelf)
        entries.append((pool, shelf))
        return shelf
    }

    func remove(_ pool: Shelves) {
        guard let index = entries.firstIndex(where: { $0.pool === pool }) else { return }
        let entry = entries.remove(at: index)
        entry.pool.remove(entry.shelf)
    }
}
