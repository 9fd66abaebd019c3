import Foundation

/// A program to start, with nothing inherited except what is named here.
package struct Spawn: Sendable {
    /// An absolute path.
    package var executable: String
    package var arguments: [String] = []
    package var environment: [String: String] = [:]
    /// Where standard input comes from.
    ///
    /// All three streams are files. Pipes are avoided: a leaked one keeps `swift test` waiting for a server.
    package var input = "/dev/null"
    package var output = "/dev/null"
    package var errors = "/dev/null"

    package init(executable: String, arguments: [String] = []) {
        self.executable = executable
        self.arguments = arguments
    }

    /// Starts the program, which dies with this process, however that ends, if util-linux is installed.
    package func start() throws(SystemError) -> ProcessID {
        var wrapped = self
        if let setpriv = Executable.find("setpriv") {
            wrapped.executable = setpriv
            wrapped.arguments = ["--pdeathsig", "KILL", "--", executable] + arguments
        }
        let ready = wrapped
        return try SpawnThread.run { () throws(SystemError) in try ready.spawn() }
    }

    private func spawn() throws(SystemError) -> ProcessID {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        // Not all of this process's descriptors are closed on exec. Closing one that has gone meanwhile is not an
        // error.
        for name in try openDescriptors() {
            if let descriptor = CInt(name), descriptor > 2 {
                unsafe posix_spawn_file_actions_addclose(&actions, descriptor)
            }
        }

        // Test threads run with blocked signals, and a child inherits that: SIGTERM would never reach it.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe sigfillset(&signals)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        // A process group of its own, so that a child and what it starts can be ended together.
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        unsafe posix_spawnattr_setflags(&attributes, CShort(flags))

        var pid: pid_t = 0
        let code = unsafe withCStrings([executable] + arguments) { argv in
            unsafe withCStrings(environment.map { "\($0.key)=\($0.value)" }) { envp in
                unsafe posix_spawn(&pid, executable, &actions, &attributes, argv, envp)
            }
        }
        guard code == 0 else { throw SystemError(call: "posix_spawn \(executable)", code: code) }
        return ProcessID(rawValue: pid)
    }

    private func openDescriptors() throws(SystemError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        } catch {
            throw SystemError("\(error)")
        }
    }

    /// Lends `strings` in C's form: an array of pointers with a nil at the end.
    private func withCStrings<Result>(
        _ strings: [String],
        _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        let pointers = unsafe strings.map { unsafe strdup($0) } + [nil]
        defer { unsafe pointers.forEach { unsafe free($0) } }
        return unsafe pointers.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("the array ends with nil, it is not empty") }
            return unsafe body(base)
        }
    }
}
