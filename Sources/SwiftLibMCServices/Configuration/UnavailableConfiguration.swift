#if !Configuration
    public import SwiftLibMC

    extension Client {
        /// Makes a client from a configuration.
        @available(
            *,
            unavailable,
            message: "enable the trait \"Configuration\" where your package depends on SwiftLibMC"
        )
        public convenience init<C>(config: C) throws { fatalError("not available") }
    }

    extension AsyncClient {
        /// Makes a client from a configuration.
        @available(
            *,
            unavailable,
            message: "enable the trait \"Configuration\" where your package depends on SwiftLibMC"
        )
        public convenience init<C>(config: C, observer: (any CommandObserver)? = nil) throws {
            fatalError("not available")
        }

        /// Makes a client from a synchronous one and a configuration.
        @available(
            *,
            unavailable,
            message: "enable the trait \"Configuration\" where your package depends on SwiftLibMC"
        )
        public convenience init<C>(
            cloning client: Client,
            config: C,
            observer: (any CommandObserver)? = nil
        ) throws { fatalError("not available") }

        /// Gives the client the servers of the configuration whenever they change.
        @available(
            *,
            unavailable,
            message: "enable the trait \"Configuration\" where your package depends on SwiftLibMC"
        )
        public func followServers<C>(
            of config: C,
            onError: @Sendable (MemcachedError) -> Void = { _ in }
        ) async throws { fatalError("not available") }
    }
#endif
