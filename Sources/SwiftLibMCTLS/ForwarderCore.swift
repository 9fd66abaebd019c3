#if TLS
    internal import NIOCore
    internal import NIOPosix
    internal import NIOSSL
    internal import SwiftLibMC

    /// The state that a forwarder shares with the tunnels to its servers.
    ///
    /// `Mirror` shows none of its content: swift-nio's threads change what it leads to.
    final class ForwarderCore: CustomReflectable, Sendable {
        private struct Entry {
            weak var tunnel: ForwarderTunnel?
        }

        private struct State {
            var tunnels: [String: Entry] = [:]
            /// How many sockets there have been, which names the next one.
            var count = 0
            var isShutDown = false
        }

        private let options: TLSOptions
        private let context: NIOSSLContext
        private let verifiesNames: Bool
        private let login: Login?
        private let folder: PrivateFolder
        private let group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
        private let state = Monitor(State())

        init(_ options: TLSOptions, _ login: Login?) throws(MemcachedError) {
            self.options = options
            self.login = login
            (context, verifiesNames) = try options.context()
            do throws(SystemFailure) {
                folder = try PrivateFolder()
            } catch {
                throw Self.failure(error)
            }
        }

        var customMirror: Mirror { Mirror(self, children: []) }

        /// Whether this is the process that the forwarder works in.
        var isOurs: Bool { folder.isOurs }

        var logsIn: Bool { login != nil }

        /// The servers, each with its tunnel.
        func reaching(_ servers: [Server]) throws(MemcachedError) -> [Server] {
            var reached: [Server] = []
            for var server in servers {
                server.tunnel = try tunnel(to: server)
                reached.append(server)
            }
            return reached
        }

        private func tunnel(to server: Server) throws(MemcachedError) -> ForwarderTunnel {
            if let tunnel = server.tunnel as? ForwarderTunnel, tunnel.belongs(to: self) { return tunnel }
            guard case .tcp(let host, let port) = server.transport else {
                throw Self.failure(.invalidServer, "\(server) can't be reached by TLS, only TCP servers can")
            }
            let target = Target(
                host: host,
                port: port,
                options: options,
                context: context,
                verifiesNames: verifiesNames,
                login: login
            )
            return try state.withLock { state throws(MemcachedError) in
                if let tunnel = state.tunnels["\(host) \(port)"]?.tunnel { return tunnel }
                if state.isShutDown { throw Self.failure(.shutdown, "the forwarder has been shut down") }
                let name = "\(state.count)"
                state.count += 1
                let record = ConnectionRecord()
                let listener = Listener(target, record, in: folder, name: name, on: group)
                do throws(SystemFailure) {
                    try listener.start()
                } catch {
                    throw Self.failure(error)
                }
                let tunnel = ForwarderTunnel(self, path: "\(folder.path)/\(name)", record, listener)
                state.tunnels["\(host) \(port)"] = Entry(tunnel: tunnel)
                return tunnel
            }
        }

        func shutdown() async {
            let tunnels = state.withLock { state in
                state.isShutDown = true
                return state.tunnels.values.compactMap(\.tunnel)
            }
            for tunnel in tunnels { await tunnel.close() }
        }

        private static func failure(_ failure: SystemFailure) -> MemcachedError {
            MemcachedError(
                code: .systemError,
                operation: operation,
                detail: "the forwarder's sockets can't be made: \(failure.reason)",
                systemErrno: failure.errno
            )
        }

        private static func failure(_ code: MemcachedError.Code, _ detail: String) -> MemcachedError {
            MemcachedError(code: code, operation: operation, detail: detail)
        }

        private static let operation = "TLSForwarder(servers:)"
    }
#endif
