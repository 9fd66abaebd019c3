#if !Observability
    /// Metrics, traces and logs of memcached commands.
    @available(*, unavailable, message: "enable the trait \"Observability\" where your package depends on SwiftLibMC")
    public struct Instrumentation {}
#endif
