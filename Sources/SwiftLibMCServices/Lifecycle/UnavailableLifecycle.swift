#if !ServiceLifecycle
    public import SwiftLibMC

    extension AsyncClient {
        /// Works as a Service of swift-service-lifecycle.
        @available(
            *,
            unavailable,
            message: "enable the trait \"ServiceLifecycle\" where your package depends on SwiftLibMC"
        )
        public func run() async throws { fatalError() }
    }
#endif
