import Dispatch
import Foundation

/// A small server that does what a real memcached never does, by script.
///
/// It has threads of its own, so it works while the test's thread is blocked in a client. It stops with the object.
public final class FakeServer: Sendable {
    /// Where it listens: `127.0.0.1:port` or a socket's path.
    public let address: String

    private let core: FakeServerCore
    private let stopper: Locked<Descriptor?>
    private let scratch: ScratchDirectory?

    /// Starts a server on TCP; the first connection runs the first script, and so on, all further ones the last.
    public convenience init(_ scripts: FakeScript...) throws {
        try self.init(unix: false, scripts: scripts)
    }

    /// Starts a server, on a unix socket if `unix`.
    public init(unix: Bool, scripts: [FakeScript]) throws {
        precondition(!scripts.isEmpty, "a fake server needs a script")
        let listener: Descriptor
        if unix {
            let scratch = try ScratchDirectory()
            self.scratch = scratch
            self.address = "\(scratch.path)/socket"
            listener = try .listening(at: .unix(path: address))
        } else {
            self.scratch = nil
            listener = try .listening(at: .tcp(port: 0))
            self.address = "127.0.0.1:\(try listener.port())"
        }
        let (stopped, stopper) = try Descriptor.pair()
        self.stopper = Locked(stopper)
        self.core = FakeServerCore(listener: listener, stopped: stopped, scripts: scripts)
        core.start()
    }

    deinit {
        stop()
    }

    /// Closes the address and all connections, and ends the threads.
    public func stop() {
        stopper.withLock { $0 = nil }
        core.waitUntilStopped()
    }

    /// How many connections there have been.
    public var connectionCount: Int { core.state.withLock { $0.connectionCount } }

    /// How many connections are open now.
    public var openConnectionCount: Int { core.state.withLock { $0.connections.count } }

    /// Everything that has come, over all connections, in the order in which it was read.
    public var received: [UInt8] { core.state.withLock { $0.received } }

    /// The requests that scripts have waited for, in the order in which they were complete.
    public var requests: [FakeRequest] { core.state.withLock { $0.requests } }
}

/// What the server and its threads share.
final class FakeServerCore: Sendable {
    struct State {
        var listener: Descriptor?
        var connectionCount = 0
        /// By number; a descriptor is closed when it leaves the table.
        var connections: [Int: Descriptor] = [:]
        var received: [UInt8] = []
        var requests: [FakeRequest] = []
    }

    let state: Locked<State>
    /// Readable once the server is to stop, for every thread that waits.
    let stopped: Descriptor
    private let scripts: [FakeScript]
    private let threads = DispatchGroup()

    init(listener: Descriptor, stopped: Descriptor, scripts: [FakeScript]) {
        self.state = Locked(State(listener: listener))
        self.stopped = stopped
        self.scripts = scripts
    }

    func start() {
        onNewThread { $0.acceptConnections() }
    }

    func waitUntilStopped() {
        threads.wait()
        state.withLock { $0.listener = nil }
    }

    private func onNewThread(_ body: @escaping @Sendable (FakeServerCore) -> Void) {
        threads.enter()
        Thread.detachNewThread {
            body(self)
            self.threads.leave()
        }
    }

    private func acceptConnections() {
        guard let listener = state.withLock({ $0.listener }) else { return }
        while let ready = try? Descriptor.wait([(listener, POLLIN), (stopped, POLLIN)]), !ready[1] {
            guard let descriptor = listener.accepted() else { continue }
            let number = state.withLock { state in
                state.connectionCount += 1
                state.connections[state.connectionCount] = descriptor
                return state.connectionCount
            }
            onNewThread { $0.serve(number) }
        }
    }

    private func serve(_ number: Int) {
        let script = scripts[min(number, scripts.count) - 1]
        if let descriptor = state.withLock({ $0.connections[number] }) {
            var connection = FakeConnection(descriptor: descriptor, core: self)
            connection.run(script)
        }
        state.withLock { _ = $0.connections.removeValue(forKey: number) }
    }
}
