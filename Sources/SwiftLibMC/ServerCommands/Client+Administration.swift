// Commands to servers that libmemcached does not have, or does not do safely; pymemcache's clients have them.

extension Client {
    /// Sets how much the servers write to their logs: memcached's `verbosity`.
    ///
    /// It is sent in the ASCII protocol, over a connection of its own, whatever protocol the client speaks.
    ///
    /// - Parameter level: 0 for as little as possible, and 1 and 2 for more, like `-v` and `-vv` of memcached.
    /// - Throws: If any server failed; the others have been set all the same. `.notSupported` with credentials and over
    ///   UDP, `.invalidArguments` for a negative level.
    public final func verbosity(_ level: Int) throws(MemcachedError) {
        guard level >= 0 else { throw mistake(.verbosity, "the level \(level) is negative") }
        try tellEach("verbosity \(level)", .verbosity)
    }

    /// Sets how much memory the servers may use for items: pymemcache's `cache_memlimit`.
    ///
    /// It is sent in the ASCII protocol, over a connection of its own, whatever protocol the client speaks.
    ///
    /// - Parameter megabytes: The number for memcached's `-m`; at least 8. A smaller limit than before makes the server
    ///   evict items as new ones come, not at once.
    /// - Throws: If any server failed or refused; the others have been set all the same. `.notSupported` with
    ///   credentials and over UDP, `.clientError` for an amount that the server refuses.
    public final func cacheMemlimit(_ megabytes: Int) throws(MemcachedError) {
        guard megabytes > 0 else { throw mistake(.cacheMemlimit, "\(megabytes) megabytes are no limit") }
        try tellEach("cache_memlimit \(megabytes)", .cacheMemlimit)
    }

    /// Ends the servers: pymemcache's `shutdown`.
    ///
    /// They have to be started with memcached's `-A`. It is sent in the ASCII protocol, over a connection of its own,
    /// whatever protocol the client speaks.
    ///
    /// - Parameter graceful: Whether the servers take the time to save what they keep on disk.
    /// - Throws: If any server failed or refused; the others have ended all the same. `.notSupported` for a server that
    ///   does not allow it, with credentials, and over UDP.
    public final func shutdown(graceful: Bool = false) throws(MemcachedError) {
        try forEachServer(.shutdown) { connection throws(MemcachedError) in
            // A server that hangs up on every client that speaks this protocol must not be taken for one that has
            // ended.
            try connection.send("version")
            var reply = try connection.readLine()
            guard reply.hasPrefix("VERSION ") else { throw connection.refusal(reply) }
            try connection.send(graceful ? "shutdown graceful" : "shutdown")
            do throws(MemcachedError) {
                reply = try connection.readLine()
            } catch {
                if error.code == .readFailure { return }
                throw error
            }
            throw connection.refusal(reply)
        }
    }

    // MARK: -

    private final func tellEach(_ command: String, _ operation: Operation) throws(MemcachedError) {
        try forEachServer(operation) { connection throws(MemcachedError) in
            try connection.send(command)
            let reply = try connection.readLine()
            guard reply == "OK" else { throw connection.refusal(reply) }
        }
    }

    /// Runs a command on each server; throws the first failure after the last one.
    private final func forEachServer(
        _ operation: Operation,
        _ body: (inout AdminConnection) throws(MemcachedError) -> Void
    ) throws(MemcachedError) {
        try refusePasswords(operation, "servers take this command")
        let call = handle.startCall(asksAtOnce: false)
        defer { handle.endCall(call) }
        var failure: MemcachedError?
        for (position, server) in servers.enumerated() {
            do throws(MemcachedError) {
                var connection = try AdminConnection(to: server, handle.patience, for: operation)
                try body(&connection)
            } catch {
                failure = failure ?? handle.inTime(error, operation, at: position)
            }
        }
        if let failure { throw failure }
    }

    /// Refuses a command that can't be sent with credentials.
    final func refusePasswords(_ operation: Operation, _ what: String) throws(MemcachedError) {
        guard isAuthenticated else { return }
        throw MemcachedError(
            code: .notSupported,
            operation: operation,
            detail: "\(what) in the ASCII protocol only, which has no passwords"
        )
    }

    private final func mistake(_ operation: Operation, _ detail: String) -> MemcachedError {
        MemcachedError(code: .invalidArguments, operation: operation, detail: detail)
    }
}

// Typed statistics, as in memcached2.

extension Client {
    /// Reads the general statistics of each server: memcached2's `stats`.
    ///
    /// - Returns: Those of the servers that answered; the others are reported to ``onError``.
    /// - Throws: If no server answered.
    public final func stats() throws(MemcachedError) -> [(server: Server, stats: ServerStatistics)] {
        try getStats().map { (server: $0.server, stats: ServerStatistics(values: $0.stats)) }
    }

    /// Reads statistics of the items of each server: memcached2's `stats_items`.
    ///
    /// - Returns: For each server that answered, its slab classes by number; the others are reported to ``onError``.
    /// - Throws: If no server answered.
    public final func statsItems() throws(MemcachedError) -> [(server: Server, stats: [Int: ItemStatistics])] {
        try getStats("items").map { (server: $0.server, stats: ItemStatistics.bySlab($0.stats)) }
    }

    /// Reads statistics of the memory of each server: memcached2's `stats_slabs`.
    ///
    /// - Returns: Those of the servers that answered; the others are reported to ``onError``.
    /// - Throws: If no server answered.
    public final func statsSlabs() throws(MemcachedError) -> [(server: Server, stats: SlabOverview)] {
        try getStats("slabs").map { (server: $0.server, stats: SlabOverview(parsing: $0.stats)) }
    }

    /// Reads how each server is set up: memcached2's `stats_settings`.
    ///
    /// - Returns: The settings of the servers that answered; the others are reported to ``onError``.
    /// - Throws: If no server answered.
    public final func statsSettings() throws(MemcachedError) -> [(server: Server, stats: ServerSettings)] {
        try getStats("settings").map { (server: $0.server, stats: ServerSettings(values: $0.stats)) }
    }

    /// Reads how many items of each size each server has: memcached2's `stats_sizes`.
    ///
    /// - Returns: Those of the servers that answered; the others are reported to ``onError``.
    /// - Throws: If no server answered.
    public final func statsSizes() throws(MemcachedError) -> [(server: Server, stats: SizeStatistics)] {
        try getStats("sizes").map { (server: $0.server, stats: SizeStatistics(parsing: $0.stats)) }
    }
}
