import Foundation

/// A program that runs beside a test, and dies with this object and with the test process.
public final class BackgroundProcess: Sendable {
    private let process: ProcessID
    private let ending = Locked<ProcessEnding?>(nil)
    private let scratch: ScratchDirectory
    private let owner = getpid()

    /// Starts a program; nil for `environment` means this process's own.
    public init(executable: String, arguments: [String] = [], environment: [String: String]? = nil) throws {
        scratch = try ScratchDirectory()
        var spawn = Spawn(executable: executable, arguments: arguments)
        spawn.environment = environment ?? ProcessInfo.processInfo.environment
        spawn.errors = "\(scratch.path)/errors"
        process = try spawn.start()
    }

    deinit {
        // A forked child has a copy of this object, but the program is its parent's.
        guard getpid() == owner else { return }
        ending.withLock { ending in
            guard ending == nil else { return }
            process.sendToGroup(SIGKILL)
            ending = process.reap()
        }
    }

    /// Whether the program still runs.
    public var isRunning: Bool {
        ending.withLock { ending in
            if ending == nil { ending = process.reapIfEnded() }
            return ending == nil
        }
    }

    /// What it has written to standard error.
    public var standardError: String {
        (try? String(contentsOfFile: "\(scratch.path)/errors", encoding: .utf8)) ?? ""
    }
}
