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

extension Configuration.Credentials {
    /// Checks that both parts were given, or neither.
    init?(username: String?, password: String?) throws(MemcachedError) {
        guard username != nil || password != nil else { return nil }
        guard let username = username.map(Self.withoutLineEnds), let password = password.map(Self.withoutLineEnds)
        else {
            throw Self.refusal("credentials need both a user name and a password")
        }
        // The library copies them as C strings, into buffers of fixed size (hazard 64).
        for part in [username, password] {
            guard !part.utf8.contains(0) else { throw Self.refusal("credentials can't contain a NUL byte") }
            guard part.utf8.count <= 1024 else { throw Self.refusal("credentials can't be longer than 1024 bytes") }
        }
        guard !username.isEmpty else { throw Self.refusal("the user name is empty") }
        self.init(username: username, password: password)
    }

    /// A secret as it was meant: one with a line end around it was read from a file.
    ///
    /// Blanks count without one, as they may be part of a password.
    private static func withoutLineEnds(_ secret: String) -> String {
        let trimmed = secret.trimmed
        let hasLineEnd =
            secret.utf8.prefix(upTo: trimmed.startIndex).contains(where: isLineEnd)
            || secret.utf8.suffix(from: trimmed.endIndex).contains(where: isLineEnd)
        return hasLineEnd ? String(trimmed) : secret
    }

    private static func isLineEnd(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }

    private static func refusal(_ detail: String) -> MemcachedError {
        MemcachedError(code: .invalidArguments, operation: .create, detail: detail)
    }
}
