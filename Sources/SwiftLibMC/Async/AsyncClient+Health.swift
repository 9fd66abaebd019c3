/// Which servers answer.
public struct Health: Sendable {
    /// The state of all servers together.
    public enum Status: String, Hashable, Sendable {
        /// All answer.
        case healthy
        /// Some answer: their keys can be used.
        case degraded
        /// None answers.
        case unavailable
    }

    /// The servers, each with the reason why it does not answer, or nil.
    public let servers: [(server: Server, error: MemcachedError?)]

    /// The state of all servers together.
    public var status: Status {
        let failed = servers.count { $0.error != nil }
        return failed == 0 ? .healthy : failed < servers.count ? .degraded : .unavailable
    }
}

extension AsyncClient {
    // MARK: - Readiness

    /// Asks each server whether it answers, all at the same time, over connections of their own.
    ///
    /// It is for readiness probes. Calls that wait don't hold it up.
    ///
    /// - Parameter timeout: How long it takes at most.
    /// - Returns: The servers, in order, with `.timeout` for those that have not answered by then, and `.cancelled` if
    ///   the task was.
    public func health(timeout: Duration = .seconds(1)) async -> Health {
        let servers = servers
        let errors = await withTaskGroup(of: (Int, MemcachedError?).self) { group in
            for (index, server) in servers.enumerated() {
                group.addTask { (index, await self.probe(server, timeout)) }
            }
            return await group.reduce(into: [MemcachedError?](repeating: nil, count: servers.count)) { errors, reply in
                errors[reply.0] = reply.1
            }
        }
        return Health(servers: zip(servers, errors).map { (server: $0, error: $1) })
    }

    private func probe(_ server: Server, _ timeout: Duration) async -> MemcachedError? {
        func failure(_ code: MemcachedError.Code, _ detail: String) -> MemcachedError {
            MemcachedError(code: code, operation: .ping, detail: detail, server: server)
        }
        let late = failure(.timeout, "no answer within \(timeout)")
        // What comes first counts.
        let (replies, reply) = AsyncStream<MemcachedError?>.makeStream(bufferingPolicy: .bufferingOldest(1))
        let timer = Task {
            try? await Task.sleep(for: timeout)
            reply.yield(late)
        }
        defer { timer.cancel() }
        let hasStarted = DedicatedThread.start(name: "mc-health") { [source, routes] in
            let error = Self.ask(server, source, routes, within: timeout)
            reply.yield(error?.code == .commandTimeout ? late : error)
        }
        guard hasStarted else { return failure(.systemError, "the system has no thread to give") }
        for await error in replies { return error }
        return failure(.cancelled, "the task was cancelled")
    }

    private static func ask(
        _ server: Server,
        _ source: CloneSource,
        _ routes: Routes,
        within timeout: Duration
    ) -> MemcachedError? {
        do throws(MemcachedError) {
            let client = try source.make().object
            client.blocksSignals = false
            // So that the threads of probes don't add up.
            client.commandTimeout = timeout
            var changes = 0
            _ = routes.applyServerChanges(to: client, since: &changes)
            guard let position = client.servers.firstIndex(of: server) else { return nil }
            try ServerInquiry(handle: client.handle, position: position).ping()
            return nil
        } catch {
            return error
        }
    }

    /// Connects each thread with the servers whose keys it serves, so that the first calls need not.
    ///
    /// Without it a thread connects with a server at its first command for it. Servers that can't be reached are left
    /// out, and hold up no calls for the others; ``health(timeout:)`` tells which.
    ///
    /// - Throws: What every asynchronous call may throw, but not `.commandTimeout`.
    public func warmUp() async throws(MemcachedError) {
        let table = routes.current
        let keys = keysOfEachServer(table)
        let targets = keys.indices.flatMap { server in table.routes(to: server).map { (route: $0, keys: keys[server]) }
        }
        let errors = await onThreads(targets.map(\.route), .run) { index, client in
            client.connect(reading: targets[index].keys)
        }
        if let error = errors.first(where: { $0.code != .commandTimeout }) { throw error }
    }

    /// Two keys of each server, which probably don't exist.
    private func keysOfEachServer(_ table: RouteTable) -> [[String]] {
        var keys = [[String]](repeating: [], count: table.servers.count)
        var missing = 2 * keys.count
        for number in 0..<(1000 * keys.count) where missing > 0 {
            let key = "warm-up-\(number)"
            let position = key.withKeyBytes { _, routing in table.position(of: routing) }
            guard keys[position].count < 2 else { continue }
            keys[position].append(key)
            missing -= 1
        }
        return keys
    }
}

extension Client {
    /// Reads keys only to have the connections for that.
    fileprivate final func connect(reading keys: [String]) {
        let observer = observer
        self.observer = nil
        defer { self.observer = observer }
        _ = try? getMulti(keys, as: [UInt8].self)
    }
}
