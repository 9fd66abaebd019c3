#if !TLS
    /// Connects clients with servers that want TLS.
    @available(*, unavailable, message: "enable the trait \"TLS\" where your package depends on SwiftLibMC")
    public struct TLSForwarder {}
#endif
