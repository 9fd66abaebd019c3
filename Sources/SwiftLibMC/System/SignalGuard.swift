internal import CPlatform

/// Keeps signals away from a thread while it waits for a server.
///
/// Two signals during one wait can turn libmemcached's time-out into a wait without end, since it subtracts the time
/// until the first one twice (hazard 30). The guard costs two system calls, about two hundredths of a `get` over TCP.
struct SignalGuard {
    /// What the thread blocked before.
    private let before: UInt64

    /// Starts to block signals, if `isOn`.
    @inline(__always)
    init(isOn: Bool) { before = isOn ? swiftlibmc_hold_signals() : .max }

    /// Unblocks the thread's signals.
    @inline(__always)
    func end() { swiftlibmc_release_signals(before) }
}
