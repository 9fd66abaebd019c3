#if TLS
    internal import NIOCore
    internal import SwiftLibMC

    /// The way to one server: what clients are given.
    ///
    /// It keeps the forwarder alive, and closes with the last reference.
    final class Door: ServerTunnel {
        let path: String
        private let core: ForwarderCore
        private let record: DoorRecord
        private let listener: Listener

        init(_ core: ForwarderCore, path: String, _ record: DoorRecord, _ listener: Listener) {
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

        func trouble(since count: Int) -> TunnelTrouble? {
            // A child that was forked off uses its parent's forwarder, and does not learn what goes on in it.
            core.isOurs ? record.trouble(since: count) : nil
        }

        func reaching(_ servers: [Server]) throws(MemcachedError) -> [Server] { try core.reaching(servers) }
    }
#endif
