extension Client {
    /// The settings that can be changed at any time, and that clones take over.
    struct Settings: Sendable {
        var compression: Compression
        var format: ValueFormat
        var maxInflatedBytes: Int
        var maxValueBytes: Int
        var onError: (@Sendable (MemcachedError) -> Void)?
        var partialFailures: PartialFailures
        var blocksSignals: Bool?
        var commandTimeout: Duration?
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
                maxValueBytes: maxValueBytes,
                onError: onError,
                partialFailures: partialFailures,
                blocksSignals: handle.blocksSignalsIfSaid,
                commandTimeout: handle.commandTimeoutIfSaid,
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
            maxValueBytes = newValue.maxValueBytes
            onError = newValue.onError
            partialFailures = newValue.partialFailures
            handle.blocksSignalsIfSaid = newValue.blocksSignals
            handle.commandTimeoutIfSaid = newValue.commandTimeout
            hasNewSettings = true
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
    /// Which protocol the client speaks: ``MemcachedProtocol/automatic`` while it has both to choose from.
    public final var wireProtocol: MemcachedProtocol {
        if handle.traits.usesBothProtocols { return .automatic }
        return isBinary ? .binary : .text
    }
    /// Clones share computations, unless they have been given other servers or another namespace.
    final var computationScope: [UInt8] {
        Array("\(servers) \(handle.configuration.behaviors.namespace ?? "")".utf8)
    }
    /// Whether credentials were given.
    public final var isAuthenticated: Bool { handle.configuration.credentials != nil }
}

extension Client: CustomStringConvertible {
    /// The class, the protocol (`automatic` where the client chooses one for each command) and the servers.
    ///
    /// Never the credentials.
    public var description: String {
        let servers = servers.map(\.description).joined(separator: ", ")
        return "\(type(of: self))(\(wireProtocol == .text ? "ASCII" : wireProtocol.rawValue): \(servers))"
    }
}

extension Client {
    /// The behaviors as they are, with libmemcached's own values where none was set: pylibmc's `behaviors`.
    ///
    /// Read only: a Swift setter can't throw; see ``setBehaviors(_:)``.
    public final var behaviors: Behaviors { handle.behaviors }

    /// Applies those behaviors that are not nil; pylibmc's `set_behaviors`.
    ///
    /// The client starts anew with them: connections are closed, and keys may live elsewhere after a change of
    /// placement. On an error nothing has changed.
    ///
    /// - Throws: `.invalidArguments`, or libmemcached's code, naming the behavior and why it is refused.
    public final func setBehaviors(_ behaviors: Behaviors) throws(MemcachedError) {
        var configuration = handle.configuration
        configuration.behaviors = configuration.behaviors.merging(behaviors)
        try reconfigure(configuration, .setBehaviors)
        hasNewConfiguration = true
    }

    /// Starts anew with another configuration; what is wrong with it is said of the method that wants it.
    final func reconfigure(_ configuration: Configuration, _ operation: Operation) throws(MemcachedError) {
        do throws(MemcachedError) {
            try handle.reconfigure(configuration)
        } catch {
            var error = error
            error.operation = operation.rawValue
            throw error
        }
    }
}

// Everything here happens after a miss, a refusal or a failure; a call that succeeds does not get here.

extension Client {
    /// The result of a single read that finds nothing: nil, or an error if the policies say so.
    @inline(never)
    final func missed<R>(_ operation: Operation, _ key: RawSpan) throws(MemcachedError) -> R? {
        guard outcomes == .throwing else { return nil }
        throw MemcachedError(outcome: .noValue, operation, key: key.text)
    }

    /// The result of a call that has failed: a miss or "not stored", or else the error.
    @inline(never)
    final func forgiving<R>(_ error: MemcachedError, _ substitute: R) throws(MemcachedError) -> R {
        guard errorPolicy.forgives(error) else { throw error }
        onError?(error)
        return substitute
    }
}

extension Client {
    /// Ends a multi-key call of this client's own during which some servers failed, or some keys only.
    final func conclude(
        _ failures: [Int: MemcachedError],
        _ keyFailures: [Int: MemcachedError],
        _ keys: KeyList,
        isFailed: (Int) -> Bool
    ) throws(MemcachedError) {
        guard _slowPath(!(failures.isEmpty && keyFailures.isEmpty)) else { return }
        let (list, isTotal) = inOrder(failures, keyFailures, keys)
        try policies.conclude(list, isTotal: isTotal) {
            let failed = keys.indices.filter(isFailed)
            if isTotal, failed.count == keys.count { return nil }
            return PartialResult(failures: list, failedKeys: failed.map(keys.callersText), items: [])
        }
    }

    /// One failure for each server, in the order of the servers, and whether no key got an answer.
    final func inOrder(
        _ failures: [Int: MemcachedError],
        _ keyFailures: [Int: MemcachedError],
        _ keys: KeyList
    ) -> (list: [MemcachedResponse.Failure], isTotal: Bool) {
        let positions = keys.indices.map { keys.withKey($0) { _, routing in handle.position(of: routing) } }
        let byPosition = failures.merging(firstOfEachServer(keyFailures, positions)) { failure, _ in failure }
        let list = byPosition.sorted { $0.key < $1.key }.map { position, error in
            MemcachedResponse.Failure(server: handle.servers[position], error: keys.named(error))
        }
        return (list, keys.indices.allSatisfy { failures[positions[$0]] != nil || keyFailures[$0] != nil })
    }

    /// The first error of each server's keys, which says how many of them failed.
    private final func firstOfEachServer(
        _ keyFailures: [Int: MemcachedError],
        _ positions: [Int]
    ) -> [Int: MemcachedError] {
        var counts: [Int: Int] = [:]
        for index in keyFailures.keys { counts[positions[index], default: 0] += 1 }
        var errors: [Int: MemcachedError] = [:]
        for (index, error) in keyFailures.sorted(by: { $0.key < $1.key }) where errors[positions[index]] == nil {
            var error = error
            let position = positions[index]
            let total = positions.count { $0 == position }
            if total > 1 { error.detail += " (\(counts[position, default: 0]) of \(total) keys)" }
            errors[position] = error
        }
        return errors
    }
}

extension PartialResult {
    init(failures: [MemcachedResponse.Failure], failedKeys: [String], items: [Item]) {
        self.init(
            failures: failures.compactMap { failure in failure.server.map { (server: $0, error: failure.error) } },
            failedKeys: failedKeys,
            items: items
        )
    }
}

extension Client {
    /// All that a borrower of the client may change.
    struct State: Sendable {
        fileprivate let settings: Settings
        fileprivate let configuration: Configuration
    }

    /// The client's present state.
    final var state: State { State(settings: settings, configuration: handle.configuration) }

    /// Whether a borrower has changed the client.
    final var isChanged: Bool { hasNewSettings || hasNewConfiguration || !seenVersions.isEmpty }

    /// Undoes a borrower's changes.
    ///
    /// Connections stay, unless servers, behaviors or the selector have been changed. Later changes of a cluster's
    /// servers are applied the next time.
    ///
    /// - Throws: If memory runs out; then the client is no longer what it was.
    final func restore(_ own: State) throws(MemcachedError) {
        settings = own.settings
        seenVersions.removeAll()
        if hasNewConfiguration { try handle.reconfigure(own.configuration) }
        hasNewSettings = false
        hasNewConfiguration = false
    }
}
