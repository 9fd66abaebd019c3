import Foundation

/// Signals that end the program, whatever it is waiting for.
enum Signals {
    private static let ending = [SIGINT, SIGTERM, SIGHUP]

    /// Runs the program on a thread of its own, while this one waits for a signal to end it.
    ///
    /// A call may hold signals back for as long as a server wants, and what a command has done to the terminal has to
    /// be undone.
    static func run(_ program: @escaping @Sendable () -> Never) -> Never {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        for signal in ending where !isIgnored(signal) { unsafe sigaddset(&signals, signal) }
        // The threads to come inherit it.
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
        Terminal.remember()
        Thread.detachNewThread { program() }
        var signal: CInt = 0
        repeat { unsafe sigwait(&signals, &signal) } while signal == 0
        Terminal.restore()
        // Whoever waits for the program is to see that the signal has ended it.
        _ = Foundation.signal(signal, SIG_DFL)
        unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        raise(signal)
        exit(128 + signal)
    }

    /// Whether whoever started the program wants it to go on, as `nohup` does.
    private static func isIgnored(_ signal: CInt) -> Bool {
        var action = sigaction()
        guard unsafe sigaction(signal, nil, &action) == 0 else { return false }
        let handler = unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
        return unsafe handler == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
