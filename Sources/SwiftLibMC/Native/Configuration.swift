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

    var usesUDP: Bool {
        servers.contains {
            if case .udp = $0.transport { true } else { false }
        }
    }

    /// The rules that the keys of such a client obey.
    var keyRules: KeyRules {
        KeyRules(maximumLength: 250 - (behaviors.namespace?.utf8.count ?? 0), isText: !isBinary)
    }

    /// Refuses what libmemcached would crash on, ignore, or get wrong.
    func validate() throws(MemcachedError) {
        guard !servers.isEmpty else {
            throw MemcachedError(code: .noServers, operation: "init", detail: "the list of servers is empty")
        }
        for server in servers { try server.validate() }
        try behaviors.validate(servers: servers, isBinary: isBinary, hasCredentials: credentials != nil)
    }
}
