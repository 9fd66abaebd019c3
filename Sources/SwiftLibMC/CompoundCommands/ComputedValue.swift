/// A value that many callers want and only one of them should compute: decides which request comes next in `getOrSet`,
/// and what follows from its response.
///
/// Nothing here waits or sends, so it is the same for synchronous and asynchronous caches.
struct ComputedValue<K: CacheKey, V> {
    /// What the caller has to do next.
    enum Step {
        /// Send ``lookForMark``, if there is one, and ``look``, and call ``found(_:isFresh:)``.
        case look
        /// Send ``takeLock``, and call ``locked(_:)``.
        case lock
        /// Wait because another caller computes, and call ``waited()``.
        case wait(Duration)
        /// Return the value.
        case use(V)
        /// Compute the value, and store it.
        case compute
        /// Compute the value. There is no point in storing it: the cache has just failed.
        case computeOnly
    }

    private(set) var step = Step.look
    /// The value that may be given while a new one is computed.
    private(set) var staleValue: V?
    /// Whether the value has been looked for before.
    private var hasLooked = false

    /// What is known about the lock.
    private enum Lock {
        case none
        /// It was asked for, and may have been taken.
        case uncertain
        case held
    }

    private var lockState = Lock.none
    /// When the lock was asked for.
    private var lockTime = ContinuousClock.now

    private let key: K
    /// When the value expires, once it is computed.
    var time: Expiration
    private let lock: Duration
    private let stale: Duration
    private var pauses = Pauses()
    private let start = ContinuousClock.now
    let memory = CallMemory()

    init(key: K, time: Expiration = .never, lock: Duration, stale: Duration) {
        self.key = key
        self.time = time
        self.lock = lock
        self.stale = stale
    }

    // MARK: - What follows

    mutating func found(_ value: V?, isFresh: Bool) {
        hasLooked = true
        if let value, isFresh {
            step = .use(value)
        } else if case .held = lockState {
            step = .compute
        } else {
            staleValue = value
            step = .lock
        }
    }

    mutating func locked(_ isOurs: Bool) {
        lockState = isOurs ? .held : .none
        if isOurs {
            // The previous holder may have finished since the last look.
            step = .look
        } else if let staleValue {
            step = .use(staleValue)
        } else if hasWaitedLongEnough {
            step = .compute
        } else {
            step = .wait(pauses.next())
        }
    }

    mutating func waited() { step = .look }

    /// The caller has waited for others long enough.
    mutating func stopWaiting() {
        if case .computeOnly = step { return }
        step = .compute
    }

    /// A request before the computation has failed; throws unless that counts as a miss.
    mutating func failed(_ error: MemcachedError, _ policies: CommandPolicies) throws(MemcachedError) {
        if case .uncertain = lockState, !error.isOutcomeUnknown { lockState = .none }
        step = .computeOnly
        try policies.forgive(named(error))
    }

    /// An error of one of the requests, as an error of the call.
    func named(_ error: MemcachedError) -> MemcachedError {
        var error = error
        error.operation = Operation.getOrSet.rawValue
        error.key = keyText
        return error
    }

    /// The key for people to read.
    var keyText: String { MemcachedRequest.Key(key).text }

    private var hasWaitedLongEnough: Bool { start.duration(to: .now) >= lock }

    // MARK: - The requests

    /// Reads the value.
    var look: MemcachedRequest { request(.one(.init(key)), .fetch(reading)) }

    /// How the value is read: of a call with several looks, only the first counts as a lookup.
    private var reading: MemcachedRequest.Reading { hasLooked ? .init().uncounted : .init() }

    /// Asks where the computation is shared within the process.
    var share: MemcachedRequest { request(.one(.init(key)), .computation) }

    /// Reads the value and looks whether it is fresh, by one request: results for the value, and for the mark if there
    /// is one.
    var lookAtBoth: MemcachedRequest {
        guard stale > .zero else { return look }
        let owner = MemcachedRequest.Key(key)
        return request(.many([owner, .companion(of: owner, suffix: ":fresh")]), .fetch(reading))
    }

    /// Looks whether the value is fresh; nil if it always is.
    var lookForMark: MemcachedRequest? { stale > .zero ? request(":fresh", .fetch(.init().uncounted)) : nil }

    /// Tries to become the caller that computes.
    mutating func takeLock() -> MemcachedRequest {
        (lockState, lockTime) = (.uncertain, .now)
        return request(":lock", .store(.one(.bytes(token)), .ifAbsent, .init(time: .duration(lockLife))))
    }

    /// How long the lock stays if it is not given back; without an end it would stay forever.
    private var lockLife: Duration { max(lock, .seconds(1)) }

    /// Whether the lock may have to be given back, by ``lookAtLock`` and ``release``, because the call has ended.
    var mayHoldLock: Bool { if case .none = lockState { false } else { true } }

    /// Leaves giving back the lock to another value.
    mutating func handOver() -> Self {
        defer { lockState = .none }
        return self
    }

    /// Reads the lock, which may be this call's or another's; nil if the owner is known.
    ///
    /// The version is read, too, so that a ``NearCache`` asks the server.
    var lookAtLock: MemcachedRequest? {
        switch lockState {
        case .none: nil
        case .uncertain: lockLook
        // Servers count whole seconds.
        case .held: lockTime.duration(to: .now) < lockLife - .seconds(1) ? nil : lockLook
        }
    }

    private var lockLook: MemcachedRequest { request(":lock", .fetch(.withVersion.uncounted)) }

    mutating func foundLock(_ response: MemcachedResponse) {
        lockState = response.results[0].value?.bytes == token.bytes ? .held : .none
    }

    /// The content of the lock, by which this call recognises it.
    private var token: Payload {
        // Hashes differ from process to process.
        let number = UInt(bitPattern: start.hashValue) >> 1
        return Payload(bytes: Array(String(number).utf8), flags: .long)
    }

    /// Gives the lock back; nil if there is none.
    var release: MemcachedRequest? {
        if case .held = lockState { request(":lock", .delete(noreply: false)) } else { nil }
    }

    /// How to store the value.
    var options: StoreOptions { StoreOptions(time: stale > .zero ? time.extended(by: stale) : time) }

    /// Stores the value, and marks it as fresh.
    func stores(_ value: MemcachedRequest.Value) -> [MemcachedRequest] {
        memory.close()
        let store = request(.one(.init(key)), .store(.one(value), .always, .init(options)))
        guard stale > .zero else { return [store] }
        return [store, request(":fresh", .store(.one(Self.mark), .always, .init(time: time)))]
    }

    private static var mark: MemcachedRequest.Value {
        .bytes(Payload(bytes: [UInt8(ascii: "1")], flags: .long))
    }

    /// A request for a companion item of the value's, on the same server.
    private func request(_ suffix: String, _ action: MemcachedRequest.Action) -> MemcachedRequest {
        request(.one(.companion(of: .init(key), suffix: suffix)), action)
    }

    private func request(
        _ keys: OneOrMany<MemcachedRequest.Key>,
        _ action: MemcachedRequest.Action
    ) -> MemcachedRequest {
        MemcachedRequest(.getOrSet, keys: .init(keys), action).remembering(memory.reference)
    }
}

extension ComputedValue: Sendable where V: Sendable {}
extension ComputedValue.Step: Sendable where V: Sendable {}

/// The pauses between two looks for a value that another caller computes.
struct Pauses {
    private var pause = Duration.milliseconds(5)

    mutating func next() -> Duration {
        defer { pause = min(pause * 1.5, .milliseconds(100)) }
        // Not all at the same moment.
        return pause * Double.random(in: 0.5...1.5)
    }
}
