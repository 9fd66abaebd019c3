extension Client {
    /// The settings that can be changed at any time, and that clones take over.
    struct Settings: Sendable {
        var compression: Compression
        var format: ValueFormat
        var maxInflatedBytes: Int
        var onError: (@Sendable (MemcachedError) -> Void)?
        var partialFailures: PartialFailures
        var blocksSignals: Bool
        var cacheCAS: Bool
        var errorPolicy: ErrorPolicy
        var outcomes: Outcomes
        var following: ClusterFollowing
        var computations: SharedComputations
        var observer: (any CommandObserver)?
    }

    final var settings: Settings {
        get {
            Settings(
                compression: compression,
                format: format,
                maxInflatedBytes: maxInflatedBytes,
                onError: onError,
                partialFailures: partialFailures,
                blocksSignals: blocksSignals,
                cacheCAS: cacheCAS,
                errorPolicy: errorPolicy,
                outcomes: outcomes,
                following: following,
                computations: computations,
                observer: observer
            )
        }
        set {
            compression = newValue.compression
            format = newValue.format
            maxInflatedBytes = newValue.maxInflatedBytes
            onError = newValue.onError
            partialFailures = newValue.partialFailures
            blocksSignals = newValue.blocksSignals
            cacheCAS = newValue.cacheCAS
            errorPolicy = newValue.errorPolicy
            outcomes = newValue.outcomes
            following = newValue.following
            computations = newValue.computations
            observer = newValue.observer
        }
    }

    // MARK: - What the client was made of

    /// The servers, in the order that libmemcached keeps them.
    public final var servers: [Server] { handle.servers }
    /// Whether the client speaks the binary protocol.
    public final var isBinary: Bool { handle.traits.isBinary }
    /// Whether credentials were given.
    public final var isAuthenticated: Bool { handle.configuration.credentials != nil }
}

extension Client: CustomStringConvertible {
    /// The class, the protocol and the servers.
    ///
    /// Never the credentials.
    public var description: String {
        let servers = servers.map(\.description).joined(separator: ", ")
        return "\(type(of: self))(\(isBinary ? "binary" : "ASCII"): \(servers))"
    }
}
