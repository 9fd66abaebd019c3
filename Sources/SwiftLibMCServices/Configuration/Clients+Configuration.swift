#if Configuration
    public import Configuration
    public import SwiftLibMC

    extension Client {
        /// Makes a client from a configuration, such as the environment or a file.
        ///
        /// The reader is used as it is: `config.scoped(to: "memcached")` reads `MEMCACHED_SERVERS` of the environment.
        ///
        /// ## Configuration keys
        ///
        /// - `servers` (list of strings, `127.0.0.1:11211` if not given): what `Server(parsing:)` reads.
        /// - `username` and `password` (strings, the latter secret): both or none.
        /// - `protocol` (`automatic`, `binary`, or `text`, also called `ascii`; the first if not given): which protocol
        ///   to speak.
        /// - `behaviors.*`: the properties of `Behaviors` by their names, such as `behaviors.noBlock`. Times are whole
        ///   milliseconds, with `Ms` at the end: `behaviors.connectTimeoutMs`. Hashes and distributions have pylibmc's
        ///   names.
        ///
        /// - Throws: `.invalidArguments` or `.invalidServer`, with the key and the value, unless it is secret; and what
        ///   `Client(servers:…)` throws.
        public convenience init(config: ConfigReader) throws(MemcachedError) {
            try self.init(SettingsReader(config.snapshot()))
        }

        fileprivate convenience init(_ settings: SettingsReader) throws(MemcachedError) {
            var protocols = Dictionary(uniqueKeysWithValues: MemcachedProtocol.allCases.map { ($0.rawValue, $0) })
            // As in addresses, and in the variables of `Client(environment:)`.
            protocols["ascii"] = .text
            do throws(MemcachedError) {
                try self.init(
                    servers: try settings.servers(),
                    protocol: try settings.choice("protocol", of: protocols) ?? .automatic,
                    username: try settings.string("username"),
                    password: try settings.string("password", isSecret: true),
                    behaviors: try settings.behaviors()
                )
            } catch {
                throw settings.named(error)
            }
        }
    }

    extension AsyncClient {
        /// Makes a client from a configuration.
        ///
        /// ## Configuration keys
        ///
        /// The keys of ``Client/init(config:)``, and
        /// - `connections` (whole number): how many threads and connections to each server.
        /// - `commandTimeoutMs` (whole number, 5000 if not given): how long a call takes at most.
        /// - `queueLimit` (whole number, 10000 if not given): how many calls may wait.
        /// - `overload` (`waiting` or `throwing`, the former if not given): what happens to calls beyond that.
        ///
        /// - Parameters:
        ///   - config: The reader of the settings.
        ///   - observer: Is told of every command.
        /// - Throws: As ``Client/init(config:)`` does.
        public convenience init(
            config: ConfigReader,
            observer: (any CommandObserver)? = nil
        ) throws(MemcachedError) {
            let settings = SettingsReader(config.snapshot())
            try self.init(cloning: Client(settings), settings, observer)
        }

        /// Makes a client from a synchronous one, which has settings of its own such as ``Client/errorPolicy``, and the
        /// rest of a configuration.
        ///
        /// ```swift
        /// let client = try Client(config: config)
        /// client.errorPolicy = .missing
        /// let cache = try AsyncClient(cloning: client, config: config)
        /// ```
        ///
        /// ## Configuration keys
        ///
        /// `connections`, `commandTimeoutMs` (that of the client if not given), `queueLimit` and `overload`, as in
        /// ``init(config:observer:)``. Others are ignored: the client has them.
        ///
        /// - Parameters:
        ///   - client: Where everything else comes from.
        ///   - config: The reader of the settings.
        ///   - observer: Is told of every command.
        /// - Throws: `.invalidArguments`, with the key and the value; and what making a client throws.
        public convenience init(
            cloning client: Client,
            config: ConfigReader,
            observer: (any CommandObserver)? = nil
        ) throws(MemcachedError) {
            try self.init(cloning: client, SettingsReader(config.snapshot()), observer)
        }

        private convenience init(
            cloning client: Client,
            _ settings: SettingsReader,
            _ observer: (any CommandObserver)?
        ) throws(MemcachedError) {
            let overloads: [String: Overload] = ["waiting": .waiting, "throwing": .throwing]
            let timeout = try settings.int("commandTimeoutMs", in: 1...Int.max)
            try self.init(
                cloning: client,
                connections: try settings.int("connections", in: 1...1024),
                commandTimeout: timeout.map { .milliseconds($0) },
                queueLimit: try settings.int("queueLimit", in: 1...Int.max) ?? 10_000,
                overload: try settings.choice("overload", of: overloads) ?? .waiting,
                observer: observer
            )
        }

        /// Gives the client the servers of the configuration whenever they change; it returns when the task is
        /// cancelled, or the configuration does not change any more.
        ///
        /// A list that is wrong or missing changes nothing. If the client reaches its servers through a forwarder of
        /// `SwiftLibMCTLS`, it reaches the new ones through it, too.
        ///
        /// - Parameters:
        ///   - config: The reader of the key `servers`.
        ///   - onError: Is called with the errors of wrong lists.
        /// - Throws: What the providers of the configuration throw.
        public func followServers(
            of config: ConfigReader,
            onError: @Sendable (MemcachedError) -> Void = { _ in }
        ) async throws {
            try await config.watchSnapshot { updates in
                var known: [Server]?
                for await snapshot in updates {
                    do throws(MemcachedError) {
                        let settings = SettingsReader(snapshot)
                        guard try settings.names() != nil else { continue }
                        var servers = try settings.servers()
                        if let tunnel = self.servers.lazy.compactMap(\.tunnel).first {
                            servers = try tunnel.reaching(servers)
                        }
                        // The client may have brought its own into another order; later the order may be what changes.
                        if known.map({ $0 != servers }) ?? (Set(servers) != Set(self.servers)) {
                            try setServers(servers)
                        }
                        known = servers
                    } catch {
                        onError(error)
                    }
                }
            }
        }
    }
#endif
