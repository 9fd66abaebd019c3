/// Everything a handle is made from.
///
/// Clones share it, so they place keys exactly alike.
struct Configuration: Sendable {
    /// A user name and password.
    ///
    /// Never printed.
    struct Credentials: Sendable {
        let username: String
        let password: String
    }

    var servers: [Server]
    var isBinary: Bool
    var credentials: Credentials?
    var behaviors: Behaviors

    /// Refuses what libmemcached would crash on, ignore, or get wrong.
    func validate() throws(MemcachedError) {
        guard !servers.isEmpty else {
            throw MemcachedError(code: .noServers, operation: "init", detail: "the list of servers is empty")
        }
        for server in servers { try server.validate() }
        try behaviors.validate(servers: servers, isBinary: isBinary, hasCredentials: credentials != nil)
    }
}

extension Handle {
    /// The parts of a configuration that decide how each single call goes.
    struct Traits {
        let isBinary: Bool
        let usesUDP: Bool
        /// Whether writes ask for no reply whatever a call says: by the behavior, or because datagrams get none.
        let isQuiet: Bool
        /// Whether libmemcached moves the keys of a failed server to the others.
        let ejectsServers: Bool
        let keyRules: KeyRules

        init(_ configuration: Configuration) {
            isBinary = configuration.isBinary
            usesUDP = configuration.servers.contains(where: \.isUDP)
            isQuiet = usesUDP || configuration.behaviors.noreply == true
            ejectsServers = configuration.behaviors.removesFailedServers == true
            keyRules = KeyRules(
                maximumLength: 250 - (configuration.behaviors.namespace?.utf8.count ?? 0),
                isText: !configuration.isBinary
            )
        }
    }
}
