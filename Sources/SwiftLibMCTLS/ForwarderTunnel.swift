#if TLS
    internal import NIOCore
    internal import SwiftLibMC

    /// The tunnel to one server, which clients are given.
    ///
    /// It keeps the forwarder alive, and closes with the last reference.
    final class ForwarderTunnel: ServerTunnel {
        let path: String
        private let core: ForwarderCore
        private let record: ConnectionRecord
        private let listener: Listener

        init(_ core: ForwarderCore, path: String, _ record: ConnectionRecord, _ listener: Listener) {
            self.core = core
            self.path = path
            self.record = record
            self.listener = listener
        }

        deinit { listener.close() }

        func belongs(to core: ForwarderCore) -> Bool { self.core === core }

        func close() async {
            for future in listener.close() { try? await future.get() }
        }

        var logsIn: Bool { core.logsIn }

        var connectionCount: Int { record.connectionCount }

        func problem(since count: Int) -> TunnelProblem? {
            // A forked child uses its parent's forwarder, and can't see its state.
            core.isOurs ? record.problem(since: count) : nil
        }

        func reaching(_ servers: [Server]) throws(MemcachedError) -> [Server] { try core.reaching(servers) }
    }
#endif
