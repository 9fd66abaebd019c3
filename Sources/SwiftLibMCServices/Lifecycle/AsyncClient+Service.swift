#if ServiceLifecycle
    public import ServiceLifecycle
    public import SwiftLibMC

    /// A service of a `ServiceGroup`, which shuts the client down gracefully.
    ///
    /// The client works before and without it. Services are shut down in the reverse order of their list, so the client
    /// belongs at its beginning, before the services that use it.
    extension AsyncClient: Service {
        /// Waits for the graceful shutdown or a cancellation, then finishes waiting calls and closes all connections.
        public func run() async throws {
            try? await gracefulShutdown()
            await shutdown()
        }
    }
#else
    public import SwiftLibMC

    extension AsyncClient {
        /// Waits for a graceful shutdown, then ends the client.
        @available(
            *,
            unavailable,
            message: "enable the trait \"ServiceLifecycle\" where your package depends on SwiftLibMC"
        )
        public func run() async throws { fatalError("not available") }
    }
#endif
