extension Client {
    /// The number of the server that a key lives on: pylibmc's `hash`, libmemcached's `memcached_generate_hash`.
    ///
    /// - Throws: `.badKey`.
    public final func hash<K: CacheKey>(_ key: K) throws(MemcachedError) -> UInt32 {
        try key.withKeyBytes { key, routing throws(MemcachedError) in
            try handle.traits.keyRules.check(key, for: .hash)
            return handle.hash(routing)
        }
    }

    /// The server that a key lives on.
    ///
    /// - Throws: `.badKey`.
    public final func server<K: CacheKey>(for key: K) throws(MemcachedError) -> Server {
        try key.withKeyBytes { key, routing throws(MemcachedError) in
            try handle.traits.keyRules.check(key, for: .server)
            return handle.servers[handle.position(of: routing)]
        }
    }

    /// Refuses a group of statistics that can't be asked for; nil for the general ones.
    static func checkStatisticsGroup(_ name: String?) throws(MemcachedError) -> String? {
        guard let name, !name.isEmpty else { return nil }
        let problem: String? =
            if name.hasControlBytes {
                "it holds a control byte, which may begin another command"
            } else if name.utf8.count > 250 {
                "it has \(name.utf8.count) bytes; at most 250 are allowed"
            } else {
                nil
            }
        guard let problem else { return name }
        let detail = "\(Server.quoted(name)) is no group of statistics: \(problem)"
        throw MemcachedError(code: .invalidArguments, operation: .getStats, detail: detail)
    }

    // MARK: -

    /// Carries out a request that concerns all servers.
    final func askServers(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
        switch request.action {
        case .flush(let time):
            let delay = time.flushDelay()
            let answers = askEach { inquiry throws(MemcachedError) in try inquiry.flush(delay: delay) }
            for answer in answers { try answer.get() }
            return MemcachedResponse()
        case .disconnect:
            handle.disconnect()
            return MemcachedResponse()
        case .statistics(let args):
            let group = try Self.checkStatisticsGroup(args)
            return replies(
                askEach { inquiry throws(MemcachedError) in try inquiry.statistics(group) },
                MemcachedResponse.ServerReply.statistics
            )
        case .version:
            return replies(
                askEach { inquiry throws(MemcachedError) in try inquiry.version() },
                MemcachedResponse.ServerReply.version
            )
        default:
            let answers = askEach { inquiry throws(MemcachedError) in try inquiry.ping() }
            return MemcachedResponse(
                servers: zip(servers, answers).map { server, answer in
                    if case .failure(let error) = answer { .ping(server, error) } else { .ping(server, nil) }
                }
            )
        }
    }

    /// What those servers say that answer, and why the others don't.
    private final func replies<R>(
        _ answers: [Result<R, MemcachedError>],
        _ reply: (Server, R) -> MemcachedResponse.ServerReply
    ) -> MemcachedResponse {
        var replies: [MemcachedResponse.ServerReply] = []
        var failures: [MemcachedResponse.Failure] = []
        for (server, answer) in zip(servers, answers) {
            switch answer {
            case .success(let value): replies.append(reply(server, value))
            case .failure(let error): failures.append(.init(server: server, error: error))
            }
        }
        return MemcachedResponse(failures: failures, servers: replies)
    }

    /// Runs a command on each server, over a connection of its own.
    private final func askEach<R>(
        _ command: (ServerInquiry) throws(MemcachedError) -> R
    ) -> [Result<R, MemcachedError>] {
        servers.indices.map { position in
            Result { () throws(MemcachedError) in
                try command(ServerInquiry(handle: handle, position: position))
            }
        }
    }
}
