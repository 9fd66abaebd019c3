#if TLS
    public import SwiftLibMC

    /// Speaks TLS for clients, which libmemcached can't: a forwarder inside the process.
    ///
    /// ```swift
    /// let tls = try TLSForwarder(["cache.example.com:11211"])
    /// let cache = try Client(servers: tls.servers)
    /// try cache.set("key", "value")
    /// ```
    ///
    /// ``servers`` are ordinary servers, for `Client`, pools and `AsyncClient`. Keys live on the same servers as for
    /// clients that are given the same addresses without it; errors, statistics and telemetry name the servers' own
    /// addresses. The connections of the clients lead to unix sockets that only the process's user can open; for each
    /// of them there is one TLS connection to the server.
    ///
    /// Certificates are verified, as the ``TLSOptions`` say. The errors of clients say why there is no connection. A
    /// server that can't be reached is tried again in the background; until then its clients are refused at once, so
    /// that failover works.
    ///
    /// The forwarder works until ``shutdown()``, or until the last reference to it and to its servers is released. It
    /// is a `Service`, too, with the trait `ServiceLifecycle`: put it before its clients in the group's list.
    public final class TLSForwarder: Sendable {
        /// The servers, to be given to clients.
        public let servers: [Server]
        private let core: ForwarderCore

        /// Makes a forwarder to servers given as text, such as `["cache.example.com:11211"]`.
        ///
        /// - Parameters:
        ///   - servers: Their addresses, as a client takes them; also `memcacheds://host:port`.
        ///   - options: Which certificates to trust, and which one to present.
        ///   - username: The SASL user name, for servers that want one: the forwarder logs in on each connection, by
        ///     `PLAIN`. The clients get no credentials, and must not be told to speak text.
        ///   - password: The password.
        /// - Throws: `.invalidServer`, `.invalidArguments` for options that can't be used, or `.systemError`.
        public convenience init(
            _ servers: [String],
            options: TLSOptions = TLSOptions(),
            username: String? = nil,
            password: String? = nil
        ) throws(MemcachedError) {
            var parsed: [Server] = []
            for text in servers {
                let scheme = "memcacheds://"
                let address = text.hasPrefix(scheme) ? "memcached://" + text.dropFirst(scheme.count) : text
                parsed.append(try Server(parsing: address))
            }
            try self.init(servers: parsed, options: options, username: username, password: password)
        }

        /// Makes a forwarder.
        ///
        /// - Parameters:
        ///   - servers: TCP servers, each at its own address; none if they are to come later, see ``reaching(_:)``.
        ///   - options: Which certificates to trust, and which one to present.
        ///   - username: The user name, for servers that want one.
        ///   - password: The password.
        /// - Throws: `.invalidServer`, `.invalidArguments` for options that can't be used, or `.systemError`.
        public init(
            servers: [Server],
            options: TLSOptions = TLSOptions(),
            username: String? = nil,
            password: String? = nil
        ) throws(MemcachedError) {
            core = try ForwarderCore(options, Login(username: username, password: password))
            self.servers = try core.reaching(servers)
        }

        /// The same servers, behind this forwarder; for lists that change:
        /// `client.setServers(try tls.reaching(servers))`.
        ///
        /// A server that is behind it already is returned unchanged.
        ///
        /// - Throws: `.invalidServer` for servers without TCP, `.shutdown`, or `.systemError`.
        public func reaching(_ servers: [Server]) throws(MemcachedError) -> [Server] { try core.reaching(servers) }

        /// Closes all connections and removes the sockets; clients can't reach their servers any more.
        ///
        /// Shut the clients down first.
        public func shutdown() async { await core.shutdown() }
    }
#endif
