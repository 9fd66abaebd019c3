internal import CPlatform

/// A thread of the operating system that runs one body and ends with it.
enum DedicatedThread {
    private final class Job {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }

    /// Starts a thread.
    ///
    /// - Parameters:
    ///   - name: What debuggers and `/proc` call it, at most 15 bytes.
    ///   - body: What it runs.
    /// - Returns: False if the system has no thread to give.
    static func start(name: String, _ body: sending @escaping () -> Void) -> Bool {
        let job = unsafe Unmanaged.passRetained(Job(body))
        let code = withSignalsBlocked {
            unsafe swiftlibmc_start_thread(
                name,
                { context in
                    if let context = unsafe context {
                        unsafe Unmanaged<Job>.fromOpaque(context).takeRetainedValue().body()
                    }
                },
                job.toOpaque()
            )
        }
        guard code == 0 else {
            unsafe job.release()
            return false
        }
        return true
    }

    /// Runs `body` with all signals blocked, for a new thread to inherit that.
    ///
    /// A signal that interrupts libmemcached while it waits can turn its time-out into a wait without end (hazard 30).
    /// The program's own threads are there to take signals. Signals that an instruction raises are not blocked, or a
    /// crash could not be reported.
    private static func withSignalsBlocked(_ body: () -> CInt) -> CInt {
        var blocked = sigset_t()
        var before = sigset_t()
        unsafe sigfillset(&blocked)
        for signal in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS] {
            unsafe sigdelset(&blocked, signal)
        }
        unsafe pthread_sigmask(SIG_SETMASK, &blocked, &before)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        return body()
    }
}
