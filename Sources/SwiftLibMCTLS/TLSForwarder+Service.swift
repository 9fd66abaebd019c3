#if TLS && ServiceLifecycle
    public import ServiceLifecycle

    /// A service of a `ServiceGroup`, which shuts the forwarder down gracefully.
    ///
    /// The forwarder also works without being run as a service. Services are shut down in the reverse order of their
    /// list, so that the forwarder belongs before its clients.
    extension TLSForwarder: Service {
        /// Waits for the graceful shutdown or a cancellation, then closes all connections.
        public func run() async throws {
            try? await gracefulShutdown()
            await shutdown()
        }
    }
#elseif TLS
    extension TLSForwarder {
        /// Waits for a graceful shutdown, then ends the forwarder.
        @available(
            *,
            unavailable,
            message: "enable the trait \"ServiceLifecycle\" where your package depends on SwiftLibMC"
        )
        public func run() async throws { fatalError("not available") }
    }
#endif
