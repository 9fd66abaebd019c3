#if !Observability
    public import SwiftLibMC

    /// Metrics, traces and logs of memcached commands.
    @available(*, unavailable, message: "enable the trait \"Observability\" where your package depends on SwiftLibMC")
    public struct Instrumentation {
        /// Makes an observer.
        public init(servers: [Server] = []) {}
    }
#endif
