extension MemcachedCommands {
    /// Empties all servers: pylibmc's `flush_all`.
    ///
    /// - Parameter time: When it happens; items that are stored before then are dropped, too.
    /// - Throws: If any server failed. The others are emptied all the same.
    public func flushAll(time: Expiration = .now) throws(MemcachedError) {
        _ = try perform(MemcachedRequest(.flushAll, .flush(time)))
    }

    /// Closes all connections: pylibmc's `disconnect_all`.
    ///
    /// The next command connects again.
    public func disconnectAll() { _ = try? execute(MemcachedRequest(.disconnectAll, .disconnect)) }

    /// Reads the statistics of each server: pylibmc's `get_stats`.
    ///
    /// A group that the server answers with `RESET` or `OK` alone, such as `reset` and `detail on`, gives no entries.
    /// `cachedump` and `detail dump` give one entry for each key or prefix.
    ///
    /// - Parameter args: `items`, `slabs`, `settings`, or whatever else the server knows; nil for the general ones.
    /// - Returns: Those of the servers that answered; ``onError`` is called with the errors of the others.
    /// - Throws: If no server answered: `.unknownStatKey` for a group that the servers don't know, `.clientError` for
    ///   one that lacks an argument. `.invalidArguments` for a text with control bytes or more than 250 bytes.
    public func getStats(
        _ args: String? = nil
    ) throws(MemcachedError) -> [(server: Server, stats: [String: String])] {
        try perform(MemcachedRequest(.getStats, .statistics(args))).statistics
    }

    /// Asks each server for its version, as the server writes it, such as `1.6.18` or `mcrouter 0.41.0`.
    ///
    /// - Returns: Those of the servers that answered; ``onError`` is called with the errors of the others.
    /// - Throws: If no server answered.
    public func version() throws(MemcachedError) -> [(server: Server, version: String)] {
        try perform(MemcachedRequest(.version, .version)).versions
    }

    /// Asks each server, over a new connection, whether it answers.
    ///
    /// - Returns: For each server nil, or the error that says why it can't be used; nothing if the cache itself can't
    ///   ask them.
    public func ping() -> [(server: Server, error: MemcachedError?)] {
        (try? execute(MemcachedRequest(.ping, .ping)))?.pings ?? []
    }
}
