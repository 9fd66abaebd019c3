// Commands for all servers.

extension AsyncMemcachedCommands {
    /// Empties all servers, in no particular order with other calls that wait at the same time.
    ///
    /// - Parameter time: When it happens; items that are stored before then are dropped, too.
    /// - Throws: As ``Client/flushAll(time:)`` does, and what every asynchronous call may throw.
    public func flushAll(time: Expiration = .now) async throws(MemcachedError) {
        _ = try await perform(MemcachedRequest(.flushAll, .flush(time)))
    }

    /// Closes all connections; the next command connects again.
    ///
    /// - Throws: What every asynchronous call may throw.
    public func disconnectAll() async throws(MemcachedError) {
        _ = try await execute(MemcachedRequest(.disconnectAll, .disconnect))
    }

    /// Reads the statistics of each server.
    ///
    /// - Parameter args: `items`, `slabs`, `settings`, or whatever else the server knows; nil for the general ones.
    /// - Returns: Those of the servers that answered.
    /// - Throws: As ``Client/getStats(_:)`` does, and what every asynchronous call may throw.
    public func getStats(
        _ args: String? = nil
    ) async throws(MemcachedError) -> [(server: Server, stats: [String: String])] {
        try await perform(MemcachedRequest(.getStats, .statistics(args))).statistics
    }

    /// Asks each server for its version.
    ///
    /// - Returns: Those of the servers that answered.
    /// - Throws: As ``Client/version()`` does, and what every asynchronous call may throw.
    public func version() async throws(MemcachedError) -> [(server: Server, version: String)] {
        try await perform(MemcachedRequest(.version, .version)).versions
    }

    /// Asks each server, over a new connection, whether it answers.
    ///
    /// - Returns: For each server nil, or the error that says why it can't be used.
    /// - Throws: What every asynchronous call may throw.
    public func ping() async throws(MemcachedError) -> [(server: Server, error: MemcachedError?)] {
        try await execute(MemcachedRequest(.ping, .ping)).pings
    }
}
