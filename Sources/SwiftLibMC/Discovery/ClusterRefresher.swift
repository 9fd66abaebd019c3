internal import Synchronization

/// Follows the changes of a cluster: asks its configuration endpoint from time to time, on a thread of its own.
///
/// ```swift
/// let discovery = try ClusterDiscovery(endpoint: "mycluster.cfg.use1.cache.amazonaws.com:11211")
/// let refresher = try ClusterRefresher(discovery, every: .seconds(60))
/// client.cluster = refresher
/// let pool = try ClientPool(cloning: client, size: 8)     // its clients follow, too
/// ```
///
/// An inquiry that fails changes nothing; the last answer stays. The thread ends with ``stop()`` or with the last
/// reference to the refresher. A forked child process has no such thread, and has to make a new refresher.
public final class ClusterRefresher: Sendable {
    /// Where the servers are asked for.
    public let discovery: ClusterDiscovery
    private let core: Core

    /// The part that the thread retains; it does not retain the refresher, whose end is also the thread's.
    fileprivate final class Core: Sendable {
        struct State {
            var configuration: ClusterConfiguration
            var isStopped = false
        }

        let state: Monitor<State>
        /// How many changes there have been; clients compare it before they take the lock.
        let generation = Atomic(1)
        let onChange: (@Sendable (ClusterConfiguration) -> Void)?
        let onError: (@Sendable (MemcachedError) -> Void)?

        init(
            _ configuration: ClusterConfiguration,
            onChange: (@Sendable (ClusterConfiguration) -> Void)?,
            onError: (@Sendable (MemcachedError) -> Void)?
        ) {
            state = Monitor(State(configuration: configuration))
            self.onChange = onChange
            self.onError = onError
        }
    }

    /// Asks for the servers now, and from then on at intervals.
    ///
    /// - Parameters:
    ///   - discovery: Where to ask.
    ///   - interval: The time between two inquiries. AWS recommends 60 seconds.
    ///   - onChange: Is called with each new configuration, on the refresher's thread or that of ``refresh()``.
    ///   - onError: Is called with the error of an inquiry that failed, on the refresher's thread.
    /// - Throws: As ``ClusterDiscovery/configuration()`` does, `.invalidArguments` for an interval that is not
    ///   positive, or `.systemError` if there is no thread.
    public convenience init(
        _ discovery: ClusterDiscovery,
        every interval: Duration = .seconds(60),
        onChange: (@Sendable (ClusterConfiguration) -> Void)? = nil,
        onError: (@Sendable (MemcachedError) -> Void)? = nil
    ) throws(MemcachedError) {
        try self.init(
            discovery,
            startingWith: discovery.configuration(),
            every: interval,
            onChange: onChange,
            onError: onError
        )
    }

    /// Begins with servers that are known already, and asks when the first interval is over.
    ///
    /// - Parameters:
    ///   - discovery: Where to ask.
    ///   - configuration: The known configuration.
    ///   - interval: The time between two inquiries.
    ///   - onChange: Is called with each new configuration, on the refresher's thread or that of ``refresh()``.
    ///   - onError: Is called with the error of an inquiry that failed, on the refresher's thread.
    /// - Throws: `.invalidArguments` for an interval that is not positive, or `.systemError` if there is no thread.
    public init(
        _ discovery: ClusterDiscovery,
        startingWith configuration: ClusterConfiguration,
        every interval: Duration = .seconds(60),
        onChange: (@Sendable (ClusterConfiguration) -> Void)? = nil,
        onError: (@Sendable (MemcachedError) -> Void)? = nil
    ) throws(MemcachedError) {
        guard interval > .zero else {
            throw MemcachedError(code: .invalidArguments, operation: .create, detail: "the interval is not positive")
        }
        let core = Core(configuration, onChange: onChange, onError: onError)
        self.discovery = discovery
        self.core = core
        guard DedicatedThread.start(name: "mc-cluster", { core.run(discovery, every: interval) }) else {
            throw MemcachedError(code: .systemError, operation: .create, detail: "the system has no thread to give")
        }
    }

    deinit { stop() }

    /// The endpoint's last answer.
    public var configuration: ClusterConfiguration { core.state.withLock { $0.configuration } }

    /// How often the servers have changed, plus one.
    var generation: Int { core.generation.load(ordering: .acquiring) }

    /// Asks now.
    ///
    /// It blocks the thread, for the discovery's time-out at most.
    ///
    /// - Returns: Whether the configuration has changed.
    /// - Throws: As ``ClusterDiscovery/configuration()`` does; then the last answer stays.
    @discardableResult
    public func refresh() throws(MemcachedError) -> Bool { try core.refresh(discovery) }

    /// Stops asking, except for an inquiry that is under way; the last answer stays.
    public func stop() {
        core.state.withLock { $0.isStopped = true }
        core.state.wakeAll()
    }
}

extension ClusterRefresher.Core {
    /// The thread.
    fileprivate func run(_ discovery: ClusterDiscovery, every interval: Duration) {
        while true {
            let isOver = state.wait(until: .now + interval) { $0.isStopped ? true : nil }
            if isOver != nil { return }
            do throws(MemcachedError) {
                try refresh(discovery)
            } catch {
                onError?(error)
            }
        }
    }

    @discardableResult
    fileprivate func refresh(_ discovery: ClusterDiscovery) throws(MemcachedError) -> Bool {
        let new = try discovery.configuration()
        let isNews = state.withLock { state in
            // Not only later versions: an endpoint that was recreated begins with a low one.
            guard new != state.configuration else { return false }
            state.configuration = new
            generation.add(1, ordering: .releasing)
            return true
        }
        if isNews { onChange?(new) }
        return isNews
    }
}
