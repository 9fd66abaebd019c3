internal import CLibMemcached
internal import Glibc

/// Keeps signals away from a thread while it waits for a server.
///
/// Two signals during one wait can turn libmemcached's time-out into a wait that only the watchdog ends, since it takes
/// off the time until the first one twice (hazard 30); others make it shorter.
struct SignalGuard {
    /// What the thread blocked before.
    private var before = sigset_t()

    /// Starts to hold signals back.
    init() {
        var blocked = sigset_t()
        unsafe sigfillset(&blocked)
        for signal in Self.faults { unsafe sigdelset(&blocked, signal) }
        unsafe pthread_sigmask(SIG_BLOCK, &blocked, &before)
    }

    /// Lets the thread have its signals again.
    mutating func end() { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }

    /// The signals that an instruction raises: without them a crash could not be reported.
    static var faults: [CInt] { [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS] }
}
