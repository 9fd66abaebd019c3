package import Foundation

/// How a process ended.
package enum ProcessEnding: Equatable, Sendable {
    /// It ended by itself with this status.
    case exited(CInt)
    /// A signal ended it.
    case signalled(CInt)
}

/// A child process that has not been waited for yet.
package struct ProcessID: Sendable {
    package let rawValue: pid_t

    package func send(_ signal: CInt) {
        kill(rawValue, signal)
    }

    /// Sends a signal to the process and to all that it started.
    package func sendToGroup(_ signal: CInt) {
        kill(-rawValue, signal)
    }

    /// Stops the process (`SIGSTOP`) and waits until none of its threads runs any more.
    package func suspend() throws(SystemError) {
        send(SIGSTOP)
        var information = unsafe siginfo_t()
        // The kernel reports "stopped" when the last thread has; WNOWAIT leaves an ending for `reap`.
        _ = try check("waitid") {
            unsafe waitid(P_PID, id_t(rawValue), &information, WSTOPPED | WEXITED | WNOWAIT)
        }
        guard unsafe information.si_code == CInt(CLD_STOPPED) else {
            throw SystemError("process \(rawValue) ended instead of stopping")
        }
    }

    /// Lets the process continue; it runs when this returns, no wait is needed.
    package func resume() {
        send(SIGCONT)
    }

    /// How the process ended, nil if it has not; the process no longer exists after that.
    package func reapIfEnded() -> ProcessEnding? {
        wait(options: WNOHANG)
    }

    /// Waits for the end of the process.
    @discardableResult package func reap() -> ProcessEnding? {
        wait(options: 0)
    }

    private func wait(options: CInt) -> ProcessEnding? {
        var status: CInt = 0
        guard let result = try? check("waitpid", { unsafe waitpid(rawValue, &status, options) }) else {
            // Other code has waited for this child: how it ended is lost.
            return .exited(-1)
        }
        guard result == rawValue else { return nil }
        // WIFEXITED and the like are macros, which Swift does not import.
        let signal = status & 0x7f
        return signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
    }
}
