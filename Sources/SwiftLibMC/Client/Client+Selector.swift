extension Client {
    /// Makes a client that finds its keys by a selector, as ``RendezvousSelector`` for those of pymemcache.
    ///
    /// - Parameters:
    ///   - servers: At least one server.
    ///   - selector: What chooses the server of a key.
    ///   - binary: Whether to speak the binary protocol.
    ///   - username: The SASL user name; needs a password, the binary protocol, and TCP.
    ///   - password: The SASL password.
    ///   - behaviors: How the client behaves; what is nil has the value of ``Behaviors/default``. No distribution but
    ///     `modula`, and no ``Behaviors/sortHosts``.
    /// - Throws: `.noServers`, `.invalidServer`, or `.invalidArguments` for what can't be combined.
    public convenience init(
        servers: [Server],
        selector: any ServerSelector,
        binary: Bool = true,
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

    /// What chooses the servers of keys, if that is not libmemcached.
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
