extension Client {
    /// Makes a client of the servers that a configuration endpoint names: pylibmc's `autoconf.elasticache`.
    ///
    /// Servers are taken by their host names. With `refreshing` the client, its clones, and pools of clones follow the
    /// changes of the cluster: see ``cluster``.
    ///
    /// When a cluster grows or shrinks, most keys move with the default distribution, and few with a ketama one, such
    /// as ``Behaviors/failover`` has.
    ///
    /// - Parameters:
    ///   - endpoint: Its address, such as `mycluster.fnjyzo.cfg.use1.cache.amazonaws.com:11211`.
    ///   - binary: True to speak the binary protocol, false to speak the text protocol; nil uses the best protocol for
    ///     each command.
    ///   - username: The SASL user name of the servers.
    ///   - password: The SASL password.
    ///   - behaviors: The client's behaviors; those that are nil have the value of ``Behaviors/default``.
    ///   - timeout: How long the endpoint may take to answer; the call blocks so long.
    ///   - interval: The time between two inquiries; nil: the endpoint is only asked now.
    /// - Returns: The client.
    /// - Throws: As ``ClusterDiscovery/configuration()`` does, and as making a client does.
    public static func elastiCache(
        endpoint: String,
        binary: Bool? = nil,
        username: String? = nil,
        password: String? = nil,
        behaviors: Behaviors = .default,
        timeout: Duration = .seconds(2),
        refreshing interval: Duration? = nil
    ) throws(MemcachedError) -> Client {
        try elastiCache(
            endpoint: Server(parsing: endpoint),
            binary: binary,
            username: username,
            password: password,
            behaviors: behaviors,
            timeout: timeout,
            refreshing: interval
        )
    }

    /// Makes a client of the servers that a configuration endpoint names; if the endpoint is behind a forwarder, so are
    /// the servers.
    ///
    /// The other parameters, the result and errors are those of the method that takes the endpoint's address as text.
    public static func elastiCache(
        endpoint: Server,
        binary: Bool? = nil,
        username: String? = nil,
        password: String? = nil,
        behaviors: Behaviors = .default,
        timeout: Duration = .seconds(2),
        refreshing interval: Duration? = nil
    ) throws(MemcachedError) -> Client {
        let discovery = ClusterDiscovery(endpoint: endpoint, timeout: timeout)
        let configuration = try discovery.configuration()
        let client = try Client(
            servers: configuration.servers,
            protocol: try [discovery.endpoint].wireProtocol(unlessSaid: MemcachedProtocol(binary: binary)),
            username: username,
            password: password,
            behaviors: behaviors
        )
        if let interval {
            client.cluster = try ClusterRefresher(discovery, startingWith: configuration, every: interval)
        }
        return client
    }

    /// The source of the servers of the client's cluster; nil, the initial value, if these never change.
    ///
    /// Clones share it. Pools and ``AsyncClient`` let a client catch up each time before it is used; code that uses a
    /// client directly calls ``refreshServers()``, say at the beginning of each request. It costs nothing when nothing
    /// has changed.
    public final var cluster: ClusterRefresher? {
        get { following.cluster }
        set {
            following = ClusterFollowing(cluster: newValue)
            hasNewSettings = true
        }
    }

    /// Switches to the servers that ``cluster`` knows now, if they have changed.
    ///
    /// Then connections are closed, as with ``setServers(_:)-([Server])``.
    ///
    /// - Returns: Whether the servers have changed.
    /// - Throws: As ``setServers(_:)-([Server])`` does; then the client stays with its servers until the next change.
    @discardableResult
    public final func refreshServers() throws(MemcachedError) -> Bool {
        guard let cluster = following.cluster else { return false }
        let generation = cluster.generation
        guard generation != following.generation else { return false }
        following.generation = generation
        let servers = cluster.configuration.servers
        guard servers != handle.configuration.servers else { return false }
        try replaceServers(servers)
        return true
    }

    /// Called before a client is lent; errors go to ``onError``.
    @inline(__always)
    final func applyServerChanges() {
        if following.cluster == nil { return }
        applyClusterChanges()
    }

    @inline(never)
    private final func applyClusterChanges() {
        do throws(MemcachedError) {
            try refreshServers()
        } catch {
            onError?(error)
        }
    }
}

/// The cluster whose changes a client follows, and the last one it has seen.
struct ClusterFollowing: Sendable {
    var cluster: ClusterRefresher?
    var generation = 0
}
