import Foundation

/// A program that has run, for tests of what ends a process.
package struct ChildProcess: Sendable {
    /// How it ended; nil if it was still running after the time-out, and was killed then.
    package let ending: ProcessEnding?
    /// What it wrote to standard output.
    package let standardOutput: String
    /// What it wrote to standard error.
    package let standardError: String

    /// The exit status, nil if it did not end by itself.
    package var status: CInt? {
        if case .exited(let status) = ending { status } else { nil }
    }

    /// The signal that ended it, nil if none did.
    package var signal: CInt? {
        if case .signalled(let signal) = ending { signal } else { nil }
    }

    /// Runs a program to its end, blocking the thread.
    ///
    /// Past `timeout` the program and what it started are killed. `environment` nil means this process's own.
    package static func run(
        executable: String,
        arguments: [String] = [],
        environment: [String: String]? = nil,
        input: String = "",
        timeout: Duration = .seconds(30)
    ) throws -> ChildProcess {
        let scratch = try ScratchDirectory()
        var spawn = Spawn(executable: executable, arguments: arguments)
        spawn.environment = environment ?? ProcessInfo.processInfo.environment
        // Files, not pipes: nothing can fill up, and a surviving grandchild does not keep the test waiting.
        spawn.input = "\(scratch.path)/input"
        spawn.output = "\(scratch.path)/output"
        spawn.errors = "\(scratch.path)/errors"
        try input.write(toFile: spawn.input, atomically: false, encoding: .utf8)

        let process = try spawn.start()
        let ending = Deadline(in: timeout).poll { process.reapIfEnded() }
        process.sendToGroup(SIGKILL)
        if ending == nil { process.reap() }
        return ChildProcess(
            ending: ending,
            standardOutput: try text(of: spawn.output),
            standardError: try text(of: spawn.errors)
        )
    }

    private static func text(of path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    }
}
