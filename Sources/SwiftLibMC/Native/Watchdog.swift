internal import CLibMemcached
internal import Synchronization

/// Ends calls of libmemcached whose time is up, by shutting down their connections.
///
/// libmemcached bounds each wait, but not a call: a server that sends a byte now and then keeps it for hours (hazard 29).
/// There is one for the process. It looks again when the first call can be due, and sleeps when there are none.
final class Watchdog: Timed {
    static let shared = Watchdog()

    /// How often connections are looked for again that an overdue call has made since.
    private static let pause = Duration.milliseconds(5)

    @safe
    private struct Entry {
        let watch: CallWatch
        let pointer: LibraryPointer
        let servers: [Server]
        /// The process that its connections belong to.
        let process: UInt32

        func shutDownConnections() {
            for (position, server) in servers.enumerated() {
                let instance = unsafe memcached_server_instance_by_position(pointer, UInt32(position))
                unsafe OwnSocket.present(in: instance, to: server)?.shutDown()
            }
        }
    }

    private struct State {
        var entries: [ObjectIdentifier: Entry] = [:]
        /// When it looks again, and in which process; nil if it sleeps.
        var next: Moment?
        var process: UInt32 = 0
    }

    private let state = Monitor(State())

    private init() {}

    // MARK: - Handles

    /// Watches the calls of a handle, which are about this library object from now on.
    func add(_ watch: CallWatch, _ pointer: LibraryPointer, _ servers: [Server]) {
        state.withLock { state in
            state.entries[ObjectIdentifier(watch)] = unsafe Entry(
                watch: watch,
                pointer: pointer,
                servers: servers,
                process: ForkWatch.count
            )
        }
    }

    /// Forgets a handle, whose library object may be freed then.
    func remove(_ watch: CallWatch) {
        state.withLock { state in _ = state.entries.removeValue(forKey: ObjectIdentifier(watch)) }
    }

    /// Makes sure that it looks at this moment.
    func wake(at moment: Moment) {
        let isNew = state.withLock { state in
            let process = ForkWatch.count
            if state.process == process, let next = state.next, next <= moment { return false }
            state.process = process
            state.next = moment
            return true
        }
        if isNew { Timekeeper.shared.call(self, at: moment) }
    }

    /// Waits until it does nothing more to the connections of a call that has ended.
    func letGo() { state.withLock { _ in } }

    // MARK: - Looking

    func timeHasCome(_ now: Moment) -> Moment? {
        state.withLock { state in
            guard let next = state.next, next <= now else { return nil }
            state.next = look(at: state.entries.values.filter { $0.process == ForkWatch.count }, now)
            return state.next
        }
    }

    /// Ends the calls whose time is up; gives when to look again, nil if there are no calls.
    private func look(at entries: [Entry], _ now: Moment) -> Moment? {
        // No call that begins from now on is due before that.
        var next = UInt64.max
        var isIdle = true
        for entry in entries {
            next = min(next, now.nanoseconds + entry.watch.limit.load(ordering: .relaxed))
            if let end = entry.watch.end {
                isIdle = false
                guard end <= now.nanoseconds else {
                    next = min(next, end)
                    continue
                }
                // If it has ended meanwhile, the next one is not due.
                _ = entry.watch.word.compareExchange(
                    expected: end,
                    desired: CallWatch.overdue,
                    ordering: .acquiringAndReleasing
                )
            }
            guard entry.watch.isOverdue else { continue }
            isIdle = false
            entry.shutDownConnections()
            next = min(next, (now + Self.pause).nanoseconds)
        }
        if isIdle, entries.allSatisfy({ $0.watch.unwatch() }) { return nil }
        return Moment(nanoseconds: max(next, (now + .milliseconds(1)).nanoseconds))
    }
}
