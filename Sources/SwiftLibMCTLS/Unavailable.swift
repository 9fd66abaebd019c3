#if !TLS
    public import SwiftLibMC

    /// How a forwarder speaks with the servers.
    @available(*, unavailable, message: "enable the trait \"TLS\" where your package depends on SwiftLibMC")
    public struct TLSOptions {
        /// Makes the default options.
        public init() {}
    }

    /// Speaks TLS for clients, which libmemcached can't.
    @available(*, unavailable, message: "enable the trait \"TLS\" where your package depends on SwiftLibMC")
    public struct TLSForwarder {
        /// The servers, to be given to clients.
        public let servers: [Server]

        /// Makes a forwarder.
        public init(_ servers: [String]) { self.servers = [] }
    }
#endif
