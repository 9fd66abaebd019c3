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
        let call = handle.startCall(asksAtOnce: false)
        defer { handle.endCall(call) }
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
            return replies { inquiry throws(MemcachedError) in
                .statistics(inquiry.server, try inquiry.statistics(group))
            }
        case .version:
            return replies { inquiry throws(MemcachedError) in .version(inquiry.server, try inquiry.version()) }
        default:
            let answers = askEach { inquiry throws(MemcachedError) in try inquiry.ping() }
            return MemcachedResponse(
                servers: zip(servers, answers).map { server, answer in
                    if case .failure(let error) = answer { .ping(server, error) } else { .ping(server, nil) }
                }
            )
        }
    }

    /// The replies of the servers that answer, and the errors of the others.
    private final func replies(
        _ command: (ServerInquiry) throws(MemcachedError) -> MemcachedResponse.ServerReply
    ) -> MemcachedResponse {
        var replies: [MemcachedResponse.ServerReply] = []
        var failures: [MemcachedResponse.Failure] = []
        for (server, answer) in zip(servers, askEach(command)) {
            switch answer {
            case .success(let reply): replies.append(reply)
            case .failure(let error): failures.append(.init(server: server, error: error))
            }
        }
        return MemcachedResponse(failures: failures, servers: replies)
    }

    /// Runs a command on each server, over a connection of its own.
    private final func askEach<R>(
        _ command: (ServerInquiry) throws(MemcachedError) -> R
    ) -> [Result<R, MemcachedError>] {
        handle.detectAllProtocols(for: .ping)
        return servers.indices.map { position in
            Result { () throws(MemcachedError) in
                try command(ServerInquiry(handle: handle, position: position))
            }
        }
    }
}

extension Client {
    /// Replaces the servers of a live client: python-memcached's `set_servers`.
    ///
    /// Connections are closed, and keys may live elsewhere than before. On an error nothing has changed.
    ///
    /// - Parameter servers: At least one server.
    /// - Throws: `.noServers`, `.invalidServer`, or `.invalidArguments` for arguments that can't be combined.
    public final func setServers(_ servers: [Server]) throws(MemcachedError) {
        try replaceServers(servers)
        hasNewConfiguration = true
    }

    /// Replaces the servers on behalf of the code that lends the client.
    final func replaceServers(_ servers: [Server]) throws(MemcachedError) {
        var configuration = handle.configuration
        if configuration.choice == .automatic {
            configuration.textOnlyServer = nil
            configuration.choice = try servers.wireProtocol(unlessSaid: .automatic)
        } else if try servers.wireProtocol(unlessSaid: wireProtocol) != wireProtocol {
            throw MemcachedError(
                code: .invalidArguments,
                operation: .setServers,
                detail: "an address says protocol=ascii, but the client speaks binary, and its protocol can't change"
            )
        }
        configuration.servers = servers.withoutProtocols
        try reconfigure(configuration, .setServers)
        observer?.happened(.serversChanged(self.servers))
    }

    /// Replaces the servers of a live client by servers given as text.
    ///
    /// - Parameter servers: At least one address; ``Server/init(parsing:)`` has the forms.
    /// - Throws: `.noServers`, `.invalidServer`, or `.invalidArguments` for arguments that can't be combined.
    @_disfavoredOverload
    public final func setServers(_ servers: [String]) throws(MemcachedError) {
        try setServers([Server](parsing: servers))
    }

    /// Adds a server to a live client, at the end of the list: pymemcache's `add_server`.
    ///
    /// A server that is there already stays at its place and gets the new weight.
    ///
    /// - Throws: `.invalidServer`, or `.invalidArguments` for arguments that can't be combined.
    public final func addServer(_ server: Server) throws(MemcachedError) {
        try setServers(handle.configuration.servers.adding(server))
    }

    /// Takes a server out of a live client, whatever its weight: pymemcache's `remove_server`.
    ///
    /// - Throws: `.invalidArguments` if there is no such server, `.noServers` if it is the last one.
    public final func removeServer(_ server: Server) throws(MemcachedError) {
        try setServers(handle.configuration.servers.removing(server))
    }

    /// Asks all servers again, including those that failed a moment ago: python-memcached's `forget_dead_hosts`.
    ///
    /// All connections are closed.
    public final func forgetDeadHosts() { handle.restart() }

    /// Closes all connections: `close` of pymemcache and memcached2, and pymemcache's `quit`; the same as
    /// ``disconnectAll()``.
    ///
    /// The next command connects again. A client needs no closing: its connections end with it.
    public final func close() { disconnectAll() }
}

extension [Server] {
    /// The list with a server at its end, or in the place that it has already.
    func adding(_ server: Server) -> Self {
        guard let index = firstIndex(where: { $0.transport == server.transport }) else { return self + [server] }
        var servers = self
        servers[index] = server
        return servers
    }

    /// The list without a server.
    func removing(_ server: Server) throws(MemcachedError) -> Self {
        let remaining = filter { $0.transport != server.transport }
        guard remaining.count < count else {
            throw MemcachedError(
                code: .invalidArguments,
                operation: .removeServer,
                detail: "\(server) is not among the servers of the client"
            )
        }
        return remaining
    }
}

extension Client {
    /// Makes a client that finds its keys by a selector, such as ``RendezvousSelector`` for pymemcache's keys.
    ///
    /// - Parameters:
    ///   - servers: At least one server.
    ///   - selector: Chooses the server of a key.
    ///   - binary: True to speak the binary protocol, false to speak the text protocol; nil uses the best protocol for
    ///     each command.
    ///   - username: The SASL user name; needs a password, TCP, and another protocol than text.
    ///   - password: The SASL password.
    ///   - behaviors: The client's behaviors; those that are nil have the value of ``Behaviors/default``. No
    ///     distribution but `modula`, and no ``Behaviors/sortHosts``.
    /// - Throws: `.noServers`, `.invalidServer`, or `.invalidArguments` for arguments that can't be combined.
    public convenience init(
        servers: [Server],
        selector: any ServerSelector,
        binary: Bool? = nil,
        username: String? = nil,
        password: String? = nil,
        behaviors: Behaviors = .default
    ) throws(MemcachedError) {
        try self.init(
            servers: servers,
            binary: binary,
            username: username,
            password: password,
            behaviors: behaviors
        )
        try setSelector(selector)
    }

    /// The selector that chooses the servers of keys; nil if libmemcached does.
    ///
    /// Clones have the same.
    public final var selector: (any ServerSelector)? { handle.configuration.selector }

    /// Lets a selector choose the servers of keys; nil leaves that to libmemcached again.
    ///
    /// The client starts anew: connections are closed, and keys may live elsewhere than before.
    ///
    /// - Throws: `.invalidArguments` if the behaviors set a distribution other than `modula`, or `sortHosts`.
    public final func setSelector(_ selector: (any ServerSelector)?) throws(MemcachedError) {
        var configuration = handle.configuration
        configuration.selector = selector
        try handle.reconfigure(configuration)
        hasNewConfiguration = true
    }
}

extension Client {
    /// Checks a key without sending anything: python-memcached's and pymemcache's `check_key`.
    ///
    /// Every call checks its keys, so there is no need to do it before one.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - keyPrefix: What a multi-key call would put before it.
    /// - Throws: `.badKey`, whose ``MemcachedError/keyProblem`` says whether the key is empty, too long, or holds a
    ///   byte that the protocol can't carry.
    public final func checkKey<K: CacheKey>(_ key: K, keyPrefix: String? = nil) throws(MemcachedError) {
        _ = try _keyList([key], prefix: keyPrefix, for: .checkKey)
    }
}
