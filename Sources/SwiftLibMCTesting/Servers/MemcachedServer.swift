import Foundation
public import SwiftLibMC

/// One real memcached process, which dies with this object and with the test process, however that ends.
///
/// ```swift
/// let server = try MemcachedServer.start()
/// let cache = try server.asyncClient()
/// ```
///
/// `MEMCACHED_TEST_SERVERS` names running servers, as in `127.0.0.1:11211,127.0.0.1:11212`: they are used by tests that
/// need no options, and nothing is started. Such a server can't be suspended, killed or restarted, and other tests may
/// use it, too.
///
/// All calls block the thread, for milliseconds.
public final class MemcachedServer: Sendable {
    /// The options it was started with.
    public let options: MemcachedOptions
    /// Its address: `127.0.0.1:11213`, `udp:127.0.0.1:11213` or `/path/to/socket`; the same after a restart.
    public let address: String
    /// Its port, nil for a unix socket.
    public let port: Int?

    private enum State {
        case given
        case down
        case running(ProcessID)
        case suspended(ProcessID)

        var process: ProcessID? {
            switch self {
            case .given, .down: nil
            case .running(let process), .suspended(let process): process
            }
        }
    }

    private let state = Locked(State.down)
    private let scratch: ScratchDirectory
    private let owner = getpid()

    /// The server of the suite or test that has the trait `.memcached(…)`.
    ///
    /// A task-local value: threads and detached tasks do not see it.
    @TaskLocal public static var current: MemcachedServer?

    /// Whether there is a memcached to start.
    public static let isInstalled = Executable.find("memcached") != nil

    /// Whether tests can have a server: one can be started, or some are given.
    public static var isAvailable: Bool { isInstalled || !GivenServers.addresses.isEmpty }

    /// Starts a server; it answers when this returns.
    ///
    /// - Throws: An error with memcached's own words if it does not start.
    public static func start(_ options: MemcachedOptions = .tcp) throws -> MemcachedServer {
        if options == .tcp, let address = GivenServers.addresses.first { return try given(address) }
        // Each time with another port, in case the first is taken.
        for _ in 0..<20 {
            let server = try MemcachedServer(options)
            do {
                try server.restart()
                return server
            } catch let error as SystemError {
                guard error.code == EADDRINUSE else { throw error }
            }
        }
        throw SystemError("memcached found no free port")
    }

    /// Starts a TCP server with flags of memcached's own.
    public static func start(_ arguments: String...) throws -> MemcachedServer {
        try start(.tcp.adding(arguments))
    }

    /// A server that was started elsewhere; it answers when this returns.
    package static func given(_ address: String) throws -> MemcachedServer {
        let server = try MemcachedServer(given: Server(parsing: address))
        let client = try Client([address])
        guard Deadline(in: .seconds(30)).poll({ client.ping().allSatisfy { $0.error == nil } ? true : nil }) == true
        else {
            throw SystemError("\(address), which \(GivenServers.variable) names, does not answer")
        }
        return server
    }

    private init(given server: Server) throws {
        options = .tcp
        address = server.description
        if case .tcp(_, let port) = server.transport { self.port = port } else { port = nil }
        scratch = try ScratchDirectory()
        state.withLock { $0 = .given }
    }

    private init(_ options: MemcachedOptions) throws {
        self.options = options
        self.scratch = try ScratchDirectory()
        if options.transport == .unix {
            self.port = nil
            self.address = "\(scratch.path)/socket"
        } else {
            let port = TestPort.next()
            self.port = port
            self.address = options.transport == .udp ? "udp:127.0.0.1:\(port)" : "127.0.0.1:\(port)"
        }
        try options.account?.prepare(in: scratch.path)
    }

    deinit {
        kill()
    }

    // MARK: - Clients

    /// A client of this server, with the account that it demands.
    public func client(binary: Bool? = nil, behaviors: Behaviors = .default) throws(MemcachedError) -> Client {
        try options.client(of: [address], binary, behaviors)
    }

    /// An asynchronous client of this server, with the account that it demands.
    public func asyncClient(binary: Bool? = nil, behaviors: Behaviors = .default) throws(MemcachedError) -> AsyncClient
    {
        try AsyncClient(cloning: client(binary: binary, behaviors: behaviors))
    }

    // MARK: - State

    /// The number of its process, nil while it is down.
    public var processIdentifier: Int32? {
        state.withLock { $0.process?.rawValue }
    }

    /// Stops the process (`SIGSTOP`): connections are still accepted by the kernel, but nothing is answered.
    public func suspend() throws {
        try state.withLock { state in
            try check(state)
            guard case .running(let process) = state else { return }
            try process.suspend()
            state = .suspended(process)
        }
    }

    /// Lets a suspended server continue; it then answers the requests that arrived meanwhile.
    public func resume() {
        state.withLock { state in
            guard case .suspended(let process) = state else { return }
            process.resume()
            state = .running(process)
        }
    }

    /// Runs `body` while the server is suspended.
    public func whileSuspended<Result>(_ body: () throws -> Result) throws -> Result {
        try suspend()
        defer { resume() }
        return try body()
    }

    /// Ends the process (`SIGKILL`) and waits until it has ended.
    ///
    /// Its connections are closed then, and its address refuses new ones. A given server keeps running.
    public func kill() {
        // A forked child has a copy of this object, but the server is its parent's.
        guard getpid() == owner else { return }
        state.withLock { state in
            guard let process = state.process else { return }
            process.send(SIGKILL)
            process.reap()
            state = .down
        }
    }

    /// Starts the server afresh, empty, at the same address; kills it first if it runs.
    public func restart() throws {
        kill()
        try state.withLock { state in
            try check(state)
            state = .running(try launch())
        }
    }

    private func check(_ state: State) throws {
        if case .given = state { throw SystemError("\(address) is a given server: this is not its test's to do") }
    }

    // MARK: - Starting

    private func launch() throws -> ProcessID {
        let log = "\(scratch.path)/log"
        let portFile = "\(scratch.path)/ports"
        for leftover in [log, portFile, "\(scratch.path)/socket"] {
            try? FileManager.default.removeItem(atPath: leftover)
        }
        var spawn = Spawn(executable: try Executable.path(of: "memcached"), arguments: arguments)
        spawn.environment = ["MEMCACHED_PORT_FILENAME": portFile, "SASL_CONF_PATH": scratch.path]
        spawn.errors = log
        let process = try spawn.start()

        let isUp = Deadline(in: .seconds(30)).poll { () -> Bool? in
            if isListening(portFile) { return true }
            return process.reapIfEnded() == nil ? nil : false
        }
        if isUp == true { return process }
        if isUp == nil {
            process.send(SIGKILL)
            process.reap()
        }
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        if text.contains("Address already in use") { throw SystemError(call: "memcached", code: EADDRINUSE) }
        throw SystemError("memcached \(arguments.joined(separator: " ")) did not start: \(text)")
    }

    private var arguments: [String] {
        // As root memcached insists on a user, and one without rights could not write the port file.
        var arguments = getuid() == 0 ? ["-u", "root"] : []
        if let port {
            let udp = options.transport == .udp ? port : 0
            arguments += ["-l", "127.0.0.1", "-p", "\(port)", "-U", "\(udp)"]
        } else {
            arguments += ["-s", address]
        }
        if options.account != nil { arguments.append("-S") }
        return arguments + options.arguments
    }

    /// Whether the server listens: memcached writes the port file then, but none for a unix socket, where this tries to
    /// connect.
    private func isListening(_ portFile: String) -> Bool {
        if port != nil { return FileManager.default.fileExists(atPath: portFile) }
        return (try? Descriptor.connected(to: .unix(path: address), until: Deadline(in: .seconds(1)))) != nil
    }
}
