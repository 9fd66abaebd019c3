import Dispatch
import Foundation

/// A proxy between clients and one real server that does to connections what networks do: when told, or by chance.
///
/// What it does by chance is the same for the same seed and connection number, as far as the timing is. It has threads of
/// its own, and stops with the object.
public final class FaultProxy: Sendable {
    /// Where it listens: `127.0.0.1:port`.
    public let address: String
    private let core: FaultProxyCore
    private let stopper: Locked<Descriptor?>

    /// Starts a proxy to the server at an address, `127.0.0.1:port` or a socket's path.
    public init(to server: String, _ fault: Fault = .pass, seed: UInt64 = 0) throws {
        let listener = try Descriptor.listening(at: .tcp(port: 0))
        let port = try listener.port()
        address = "127.0.0.1:\(port)"
        let (stopped, stopper) = try Descriptor.pair()
        self.stopper = Locked(stopper)
        core = FaultProxyCore(
            server: try Endpoint(server),
            port: port,
            seed: seed,
            stopped: stopped,
            state: .init(fault: fault, listener: fault == .refuse ? nil : listener)
        )
        core.start()
    }

    deinit { stop() }

    /// What it does from now on, also to connections that are open.
    public var fault: Fault {
        get { core.state.withLock { $0.fault } }
        set { core.change(to: newValue) }
    }

    /// Closes all connections that are open now, with a reset or in an orderly way.
    public func cutConnections(reset: Bool) {
        core.state.withLock { state in
            state.cut += 1
            state.cutsWithReset = reset
        }
    }

    /// How many connections there have been.
    public var connectionCount: Int { core.state.withLock { $0.connectionCount } }
    /// How many connections are open now.
    public var openConnectionCount: Int { core.state.withLock { $0.openConnectionCount } }

    /// How many replies have been changed.
    public var garbledCount: Int { core.state.withLock { $0.garbledCount } }

    /// Closes the address and all connections, and ends the threads.
    public func stop() {
        stopper.withLock { $0 = nil }
        core.waitUntilStopped()
    }
}

/// What the proxy and its threads share.
final class FaultProxyCore: Sendable {
    struct State {
        var fault: Fault
        var listener: Descriptor?
        var connectionCount = 0
        var openConnectionCount = 0
        var garbledCount = 0
        /// How many times all connections were to be cut.
        var cut = 0
        var cutsWithReset = false
    }

    let server: Endpoint
    let seed: UInt64
    /// Readable once the proxy is to stop, for every thread that waits.
    let stopped: Descriptor
    let state: Locked<State>
    private let port: Int
    private let threads = DispatchGroup()

    init(server: Endpoint, port: Int, seed: UInt64, stopped: Descriptor, state: State) {
        self.server = server
        self.port = port
        self.seed = seed
        self.stopped = stopped
        self.state = Locked(state)
    }

    func start() {
        onNewThread { $0.acceptConnections() }
    }

    func waitUntilStopped() {
        threads.wait()
        state.withLock { $0.listener = nil }
    }

    func change(to fault: Fault) {
        state.withLock { state in
            state.fault = fault
            if fault == .refuse {
                state.listener = nil
                state.cut += 1
                state.cutsWithReset = true
            } else if state.listener == nil {
                state.listener = try? Descriptor.listening(at: .tcp(port: port))
            }
        }
    }

    private func onNewThread(_ body: @escaping @Sendable (FaultProxyCore) -> Void) {
        threads.enter()
        Thread.detachNewThread {
            body(self)
            self.threads.leave()
        }
    }

    private func acceptConnections() {
        while true {
            let listener = state.withLock { $0.listener }
            var interests = [(descriptor: stopped, events: POLLIN)]
            if let listener { interests.append((listener, POLLIN)) }
            // Not for long: the fault may change.
            guard let ready = try? Descriptor.wait(interests, until: Deadline(in: .milliseconds(5))) else { return }
            if ready[0] { return }
            guard ready.count == 2, ready[1], let client = listener?.accepted() else { continue }
            let number = state.withLock { state in
                state.connectionCount += 1
                state.openConnectionCount += 1
                return state.connectionCount
            }
            onNewThread { core in
                var connection = FaultProxyConnection(number: number, client: client, core: core)
                connection.run()
                core.state.withLock { $0.openConnectionCount -= 1 }
            }
        }
    }
}
