import Foundation

/// Whether there can be threads in a forked child: the thread sanitizer does not allow them.
public let canFork = unsafe dlsym(nil, "__tsan_init") == nil

/// Runs `body` in a forked child and waits for the child's end.
///
/// - Returns: What `body` returns, as the child's exit status: 0 for true.
public func inForkedChild(_ body: () throws -> Bool) -> CInt {
    // Swift hides `fork`, because a child can do so little; that little is what the tests are about.
    typealias Fork = @convention(c) () -> pid_t
    guard let symbol = unsafe dlsym(nil, "fork") else { return -1 }
    let child = unsafe unsafeBitCast(symbol, to: Fork.self)()
    if child == 0 {
        // The thread that forked may keep signals from being delivered.
        var alarmSignal = sigset_t()
        unsafe sigemptyset(&alarmSignal)
        unsafe sigaddset(&alarmSignal, SIGALRM)
        unsafe pthread_sigmask(SIG_UNBLOCK, &alarmSignal, nil)
        alarm(60)
        _exit((try? body()) == true ? 0 : 1)
    }
    var status: CInt = -1
    unsafe waitpid(child, &status, 0)
    return status
}

/// The same for asynchronous code.
///
/// Swift's own executors have no threads in a child, so that `body` runs on an executor that has. Sleeping does not
/// work there either.
public func inForkedChild(_ body: @escaping @Sendable () async -> Bool) -> CInt {
    inForkedChild { () -> Bool in
        Task.detached(executorPreference: ThreadExecutor()) { _exit(await body() ? 0 : 1) }
        while true { pause() }
    }
}
