import TestSupport
import Testing

/// Facts about the programs that run beside tests.
@Suite("Background processes", .timeLimit(.minutes(1)))
struct BackgroundProcessTests {
    @Test("Runs until its object goes, and then ends with all that it has started")
    func endsWithTheObject() async throws {
        let scratch = try ScratchDirectory()
        // The shell's child holds the lock as long as it lives.
        let script = "flock \(scratch.path)/lock sleep 1000 & sleep 1000"
        var process: BackgroundProcess? = try BackgroundProcess(executable: "/bin/sh", arguments: ["-c", script])
        func isLocked() throws -> Bool {
            try ChildProcess.run(
                executable: "/usr/bin/flock",
                arguments: ["--nonblock", "\(scratch.path)/lock", "true"]
            ).status != 0
        }
        #expect(try await eventually { try isLocked() })
        #expect(process?.isRunning == true)
        process = nil
        #expect(try await eventually { try !isLocked() })
    }

    @Test("What it complained about can be read after its end")
    func standardErrorIsKept() async throws {
        let process = try BackgroundProcess(executable: "/bin/sh", arguments: ["-c", "echo sorry >&2; exit 3"])
        #expect(await eventually { !process.isRunning })
        #expect(process.standardError == "sorry\n")
    }
}
