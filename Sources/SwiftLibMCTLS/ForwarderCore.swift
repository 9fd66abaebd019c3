#if TLS
    internal import NIOCore
    internal import NIOPosix
    internal import NIOSSL
    internal import SwiftLibMC

    /// What a forwarder and the ways to its servers have in common.
    ///
    /// `Mirror` shows nothing of it: swift-nio's threads change what it leads to.
    final class ForwarderCore: CustomReflectable, Sendable {
        private struct Entry {
            weak var door: Door?
        }

        private struct State {
            var doors: [String: Entry] = [:]
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

        /// The servers, each with the way to it.
        func reaching(_ servers: [Server]) throws(MemcachedError) -> [Server] {
            var reached: [Server] = []
            for var server in servers {
                server.tunnel = try door(to: server)
                reached.append(server)
            }
            return reached
        }

        private func door(to server: Server) throws(MemcachedError) -> Door {
            if let door = server.tunnel as? Door, door.belongs(to: self) { return door }
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
                if let door = state.doors["\(host) \(port)"]?.door { return door }
                if state.isShutDown { throw Self.failure(.shutdown, "the forwarder has been shut down") }
                let name = "\(state.count)"
                state.count += 1
                let record = DoorRecord()
                let listener = Listener(target, record, in: folder, name: name, on: group)
                do throws(SystemFailure) {
                    try listener.start()
                } catch {
                    throw Self.failure(error)
                }
                let door = Door(self, path: "\(folder.path)/\(name)", record, listener)
                state.doors["\(host) \(port)"] = Entry(door: door)
                return door
            }
        }

        func shutdown() async {
            let doors = state.withLock { state in
                state.isShutDown = true
                return state.doors.values.compactMap(\.door)
            }
            for door in doors { await door.close() }
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
