import Foundation

/// Whether there can be threads in a forked child: the thread sanitizer does not allow them.
public let canFork = unsafe dlsym(nil, "__tsan_init") == nil

/// Whether a sanitizer watches the process: then it is slow, memory is not the program's alone, and crashes end otherwise.
public let isSanitized = unsafe !canFork || dlsym(nil, "__asan_init") != nil

/// Runs `body` in a forked child and waits for the child's end.
///
/// - Returns: What `body` returns, as the child's exit status: 0 for true.
public func inForkedChild(_ body: () throws -> Bool) -> CInt { exitStatus(of: forkedChild(body)) }

/// Waits for a child's end.
///
/// - Returns: What `waitpid` says of it: 0 if all was well, -1 if there is none.
public func exitStatus(of child: Int32) -> CInt {
    var status: CInt = -1
    if child > 0 { unsafe waitpid(child, &status, 0) }
    return status
}

/// Starts to run `body` in a forked child, whose exit status is 0 if that returns true.
///
/// - Returns: The child, or -1 if there is none.
public func forkedChild(_ body: () throws -> Bool) -> Int32 {
    // Swift hides `fork`, because a child can do so little; that little is what the tests are about.
    typealias Fork = @convention(c) () -> pid_t
    guard let symbol = unsafe dlsym(nil, "fork") else { return -1 }
    letOthersSleep()
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
    return child
}

/// Waits until no other thread is at work, for some seconds at most.
///
/// One may hold a lock of Swift's runtime, such as that of its table of conformances; in a child it would stay locked
/// for ever.
private func letOthersSleep() {
    // A link to "<process>/task/<thread>".
    let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")
    _ = eventually(timeout: .seconds(5)) {
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
        return threads.allSatisfy { thread in
            own?.hasSuffix("/\(thread)") == true || Int32(thread).flatMap(processState) != "R"
        }
    }
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
