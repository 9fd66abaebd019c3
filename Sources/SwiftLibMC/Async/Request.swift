internal import Synchronization

/// One call of an asynchronous client, from the moment it is queued until its caller goes on.
///
/// `@unchecked`: ``phase`` says whose the rest is. The caller's until the request is queued; then that of the thread
/// that serves it; the caller's again when it has been answered. A caller that gives up before takes nothing but the
/// phase.
@usableFromInline
final class Request: @unchecked Sendable {
    /// What can go out together.
    enum Kind: UInt8 {
        case read, store, delete
        /// Goes alone.
        case other

        var bit: UInt8 { 1 << rawValue }
    }

    enum Phase: UInt8, AtomicRepresentable {
        case fresh, queued
        /// The thread has begun with it.
        case running
        /// The thread has finished it.
        case answered
        /// The caller's task was cancelled: before the thread began, or after.
        case cancelled, cancelledLate
        /// Its time was up: before the thread began, or after.
        case expired, expiredLate

        var isFinal: Bool { rawValue >= Self.answered.rawValue }
    }

    /// What the thread has to do.
    enum Work {
        /// Fetch the item; `decode` is what a class with its own format does with it.
        case read(Reading, decode: ((Client, Item) throws(MemcachedError) -> Bool)?)
        /// Store the payload, or what `encode` makes if the class has its own format.
        case store(Expiration, encode: ((Client) throws(MemcachedError) -> Payload)?)
        case delete
        /// Anything else.
        case job((Client) throws(MemcachedError) -> Void)
    }

    /// What is wanted of an item.
    struct Reading {
        var withBytes = true
        var withVersion = false
    }

    let operation: Operation
    let work: Work
    let kind: Kind
    /// Missing for work that is not about one key.
    let key: QueuedKey?
    let route: RouteTable.Route
    let deadline: Moment
    /// Whether its result is wanted as it is, whatever the client makes of misses and failures.
    let isPlain: Bool

    /// What is to be stored.
    var payload: Payload
    /// What has been read.
    var found = FoundValue([], .bytes, CAS(rawValue: 0))
    /// Whether the item was found, stored, deleted.
    var isPositive = false
    /// Why the thread could not do it.
    private var failure: (any Error)?

    private let phase = Atomic(Phase.fresh)
    private var sleeper: Sleeper?
    /// Whether its task runs on a client's thread, where it is woken at little cost.
    private var isNear = false
    /// Whether ``tell()`` is going to wake it.
    private(set) var isToldLater = false

    init(
        _ operation: Operation,
        _ work: Work,
        _ key: QueuedKey?,
        _ route: RouteTable.Route,
        deadline: Moment,
        payload: Payload = Payload(bytes: [], flags: .bytes),
        isPlain: Bool = false
    ) {
        self.operation = operation
        self.work = work
        self.key = key
        self.route = route
        self.deadline = deadline
        self.payload = payload
        self.isPlain = isPlain
        kind =
            switch work {
            case .read: .read
            case .store: .store
            case .delete: .delete
            case .job: .other
            }
    }

    /// Whether its caller has gone on, or is about to.
    var isFinished: Bool { phase.load(ordering: .relaxed).isFinal }

    /// The same for requests about equal keys.
    var keyHash: UInt64 { key?.hash ?? 0 }

    /// The item that has been read.
    var item: Item {
        Item(
            key: key?.withKeyBytes { key, _ in Array(copying: key) } ?? [],
            bytes: found.bytes,
            flags: found.flags,
            cas: found.cas
        )
    }

    // MARK: - The caller's side

    /// Notes who is to be woken; false if it has been cancelled already.
    func begin(_ sleeper: Sleeper) -> Bool {
        self.sleeper = sleeper
        isNear = RunQueue.current != nil
        return move(from: .fresh, to: .queued)
    }

    /// Ends it because its task was cancelled; true if it was still waiting in a queue.
    func cancel() -> Bool {
        if move(from: .fresh, to: .cancelled) { return false }
        if giveUp(.cancelled) {
            sleeper?.wake()
            return true
        }
        if giveUp(.cancelledLate) { sleeper?.wake() }
        return false
    }

    /// Throws what went wrong, once the caller has been woken.
    func check(timeout: Duration) throws(MemcachedError) {
        let phase = phase.load(ordering: .acquiring)
        switch phase {
        case .fresh, .queued, .running: preconditionFailure("the caller was woken too early")
        case .answered:
            guard let failure else { return }
            guard let error = failure as? MemcachedError else { preconditionFailure("not an error of ours") }
            throw named(error)
        case .cancelled, .cancelledLate:
            throw givenUp(.cancelled, "the task was cancelled", isSent: phase == .cancelledLate)
        case .expired, .expiredLate:
            throw givenUp(.commandTimeout, "not done within \(timeout)", isSent: phase == .expiredLate)
        }
    }

    /// An error of a whole group, as that of this call.
    func named(_ error: MemcachedError) -> MemcachedError {
        var error = error
        error.operation = operation.rawValue
        error.key = error.key ?? key?.text
        return error
    }

    private func givenUp(_ code: MemcachedError.Code, _ detail: String, isSent: Bool) -> MemcachedError {
        var error = MemcachedError(code: code, operation: operation, detail: detail, key: key?.text)
        error.isOutcomeUnknown = isSent && !operation.isReading
        return error
    }

    // MARK: - The thread's side

    /// Takes it up; false if nobody waits for it any more.
    ///
    /// If the caller `isToldLater`, ``tell()`` wakes it, and not what finishes the request, unless it is near.
    func start(isToldLater: Bool = false) -> Bool {
        self.isToldLater = isToldLater && !isNear
        return move(from: .queued, to: .running)
    }

    /// Ends it with what the thread has found out.
    func finish(_ failure: MemcachedError? = nil) {
        if let failure { self.failure = failure }
        if move(from: .running, to: .answered), !isToldLater { sleeper?.wake() }
    }

    /// Wakes the caller of a finished request who has not been told yet; to be called once.
    func tell() {
        if isToldLater, phase.load(ordering: .acquiring) == .answered { sleeper?.wake() }
    }

    /// Ends it before the thread has begun.
    func refuse(_ failure: MemcachedError) {
        self.failure = failure
        if move(from: .queued, to: .answered) { sleeper?.wake() }
    }

    /// Ends it if its time is up; the caller is to be woken then.
    func expire(_ now: Moment) -> Bool {
        deadline <= now && (giveUp(.expired) || giveUp(.expiredLate))
    }

    func wake() { sleeper?.wake() }

    // MARK: -

    private func giveUp(_ phase: Phase) -> Bool {
        let isLate = phase == .cancelledLate || phase == .expiredLate
        return move(from: isLate ? .running : .queued, to: phase)
    }

    @inline(__always)
    private func move(from old: Phase, to new: Phase) -> Bool {
        phase.compareExchange(expected: old, desired: new, ordering: .acquiringAndReleasing).exchanged
    }
}

extension Operation {
    /// Whether it leaves the servers as they are.
    var isReading: Bool {
        switch self {
        case .get, .gets, .withBytes, .item, .contains, .getMulti, .getMultiArray, .getsMulti, .items, .getStats,
            .version, .ping, .hash, .server, .decode:
            true
        default: false
        }
    }
}
