internal import CLibMemcached
internal import Synchronization

/// Ends calls of libmemcached whose time is up, by shutting down their connections.
///
/// libmemcached bounds each wait, but not a call: a server that sends a byte now and then keeps it for hours (hazard
/// 29). There is one for the process. It knows the handles that have been used lately, looks at their calls every few
/// milliseconds, and sleeps when none has been used for a while.
final class Watchdog: TimerClient {
    static let shared = Watchdog()

    /// The longest time between two looks for calls; a call may take that much longer.
    private static let longestTick = Moment.Distance(.milliseconds(25))
    private static let shortestTick = Moment.Distance(.milliseconds(1))
    /// How often it looks again for new connections of an overdue call.
    private static let pause = Moment.Distance(.milliseconds(5))
    /// A generous bound on the time until one thread's store is seen by another.
    private static let settling = Moment.Distance(.milliseconds(1))
    /// How long an unused handle is still watched.
    private static let idleLimit = Moment.Distance(.seconds(1))

    @safe
    private struct Entry {
        let watch: CallWatch
        /// The library's object; nil while it is replaced.
        var pointer: LibraryPointer?
        var servers: [Server]
        /// The process that its connections belong to.
        let process: UInt32
        /// The number that was seen last, and when it was first seen.
        var number: UInt64
        var since: Moment

        /// When its present call has to end.
        var end: Moment {
            let end = watch.end.load(ordering: .relaxed)
            return end != 0 ? Moment(nanoseconds: end) : since + limit
        }

        var limit: Moment.Distance { Moment.Distance(nanoseconds: watch.limit.load(ordering: .relaxed)) }

        func shutDownConnections() {
            guard let pointer = unsafe pointer else { return }
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

    private let state = Monitor(State(), inChildren: { State() })

    private init() {}

    // MARK: - Handles

    /// Watches the calls of a handle, which use this library object from now on.
    func add(_ watch: CallWatch, _ pointer: LibraryPointer, _ servers: [Server]) {
        let now = Moment.now
        let first = now + Self.shortestTick
        let sleeps = state.withLock { state in
            let process = ForkWatch.count
            let number = watch.number.load(ordering: .relaxed)
            var entry = unsafe Entry(
                watch: watch,
                pointer: pointer,
                servers: servers,
                process: process,
                number: number,
                since: now
            )
            // It may be a new object during the same call.
            if let known = state.entries[ObjectIdentifier(watch)], known.number == number { entry.since = known.since }
            state.entries[ObjectIdentifier(watch)] = entry
            watch.unmark(CallWatch.unwatched | CallWatch.isBeingEnded)
            // If the last look is long overdue, the system had no thread for it.
            if state.process == process, let next = state.next, now < next + Self.idleLimit { return false }
            state.process = process
            state.next = first
            return true
        }
        if sleeps { DeadlineTimer.shared.call(self, at: first) }
    }

    /// Stops touching a library object that is about to be freed, until there is another.
    func leave(_ watch: CallWatch) {
        state.withLock { state in
            watch.mark(CallWatch.unwatched)
            unsafe state.entries[ObjectIdentifier(watch)]?.pointer = nil
        }
    }

    /// Forgets a handle, whose library object may be freed then.
    func remove(_ watch: CallWatch) {
        state.withLock { state in _ = state.entries.removeValue(forKey: ObjectIdentifier(watch)) }
    }

    /// Waits until the watchdog no longer touches the connections of a call that has ended.
    func waitUntilDone(_ watch: CallWatch) { state.withLock { _ in watch.unmark(CallWatch.isBeingEnded) } }

    /// When the present call of a handle has to end; nil if it has not been seen yet.
    func end(of watch: CallWatch) -> Moment? {
        state.withLock { state in
            guard let entry = state.entries[ObjectIdentifier(watch)] else { return nil }
            let isSeen = entry.number == watch.number.load(ordering: .relaxed)
            return isSeen || watch.end.load(ordering: .relaxed) != 0 ? entry.end : nil
        }
    }

    // MARK: - Looking

    func timerFired(_ now: Moment) -> Moment? {
        state.withLock { state in
            guard let next = state.next, next <= now else { return nil }
            var soonest = now + Self.longestTick
            for (key, entry) in state.entries {
                var entry = entry
                if let next = look(at: &entry, now) {
                    soonest = min(soonest, next)
                    state.entries[key] = entry
                } else {
                    state.entries[key] = nil
                }
            }
            state.next = state.entries.isEmpty ? nil : max(soonest, now + Self.shortestTick)
            return state.next
        }
    }

    /// Looks at one handle; returns when to look again, nil if it need not be watched any more.
    private func look(at entry: inout Entry, _ now: Moment) -> Moment? {
        guard entry.process == ForkWatch.count else { return nil }
        let watch = entry.watch
        let tick = now + Moment.Distance(nanoseconds: entry.limit.nanoseconds / 8)
        let number = watch.number.load(ordering: .acquiring)
        if number != entry.number {
            entry.number = number
            entry.since = now
            watch.unmark(CallWatch.unwatched)
        }
        guard CallWatch.isCall(number) else {
            guard entry.since + Self.idleLimit <= now else { return tick }
            // A call that has just begun may not have seen the mark; the next look sees the call.
            if watch.has(CallWatch.unwatched) { return nil }
            watch.mark(CallWatch.unwatched)
            return tick
        }
        let end = entry.end
        // If the call has ended meanwhile, the mark may be another call's.
        guard watch.number.load(ordering: .acquiring) == number else { return tick }
        guard end <= now else { return min(end, tick) }
        if watch.overdue.load(ordering: .relaxed) == number {
            entry.shutDownConnections()
            return now + Self.pause
        }
        // If the call ends now, it waits for the watchdog as soon as it sees the mark, so that no later call is hit.
        watch.overdue.store(number, ordering: .relaxed)
        watch.mark(CallWatch.isBeingEnded)
        return now + Self.settling
    }
}
