#if TLS
    internal import NIOCore
    internal import NIOPosix
    internal import SwiftLibMC

    /// Accepts the connections of clients to one server, as long as the server can be reached.
    final class Listener: Sendable {
        private struct State {
            /// The channel that accepts connections, unless clients are refused.
            var channel: (any Channel)?
            /// How often accepting or refusing has begun, which shows what is out of date.
            var turn = 0
            var clients: [ObjectIdentifier: any Channel] = [:]
            var isClosed = false
        }

        private let target: Target
        private let record: ConnectionRecord
        private let folder: PrivateFolder
        private let name: String
        private let group: any EventLoopGroup
        private let state = Monitor(State())

        /// How many clients may wait for their connection to be accepted.
        private static let backlog: CInt = 1024
        /// The times between trials to reach a server.
        private static let (shortestPause, longestPause) = (TimeAmount.milliseconds(100), TimeAmount.seconds(2))

        init(
            _ target: Target,
            _ record: ConnectionRecord,
            in folder: PrivateFolder,
            name: String,
            on group: any EventLoopGroup
        ) {
            self.target = target
            self.record = record
            self.folder = folder
            self.name = name
            self.group = group
        }

        /// Accepts clients from now on.
        func start() throws(SystemFailure) { serve(try folder.listen(name, backlog: Self.backlog)) }

        /// Stops accepting clients, and closes all connections.
        ///
        /// - Returns: A future that completes when they are closed.
        @discardableResult
        func close() -> [EventLoopFuture<Void>] {
            record.shutDown()
            let channels = state.withLock { state in
                state.isClosed = true
                state.turn += 1
                defer { (state.channel, state.clients) = (nil, [:]) }
                return Array(state.clients.values) + (state.channel.map { [$0] } ?? [])
            }
            folder.remove(name)
            for channel in channels { channel.close(promise: nil) }
            return channels.map(\.closeFuture)
        }

        // MARK: - Accepting clients

        private func serve(_ descriptor: CInt) {
            let turn = state.withLock { $0.turn }
            ServerBootstrap(group: group)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try self.welcome(channel) }
                }
                .withBoundSocket(descriptor)
                .whenSuccess { channel in
                    let isWanted = self.state.withLock { state in
                        guard state.turn == turn else { return false }
                        state.channel = channel
                        return true
                    }
                    if !isWanted { channel.close(promise: nil) }
                }
        }

        private func welcome(_ channel: any Channel) throws {
            let connection = Connection(target, record, on: channel.eventLoop) { number, problem in
                if let problem, self.record.failed(number, problem) { self.refuse(on: channel.eventLoop) }
            }
            guard let client = connection.client else { return }
            try channel.pipeline.syncOperations.addHandler(client)
            let id = ObjectIdentifier(channel)
            let isWanted = state.withLock { state in
                if !state.isClosed { state.clients[id] = channel }
                return !state.isClosed
            }
            guard isWanted else { throw ChannelError.ioOnClosedChannel }
            channel.closeFuture.whenComplete { _ in self.state.withLock { $0.clients[id] = nil } }
            connection.open()
        }

        // MARK: - Refusing clients

        /// Refuses clients until the server can be reached: their connections fail at once then, as they would with a
        /// server that is not running.
        private func refuse(on loop: any EventLoop) {
            let channel = state.withLock { state in
                state.turn += 1
                defer { state.channel = nil }
                return state.channel
            }
            channel?.close(promise: nil)
            tryAgain(after: Self.shortestPause, on: loop)
        }

        private func tryAgain(after pause: TimeAmount, on loop: any EventLoop) {
            guard state.withLock({ !$0.isClosed }) else { return }
            loop.scheduleTask(in: pause) {
                guard self.state.withLock({ !$0.isClosed }) else { return }
                Connection(trying: self.target, self.record, on: loop) { _, problem in
                    if let problem {
                        self.record.stillFailing(problem)
                        self.tryAgain(after: min(pause * 2, Self.longestPause), on: loop)
                    } else {
                        self.letIn(on: loop)
                    }
                }.open()
            }
        }

        private func letIn(on loop: any EventLoop) {
            guard state.withLock({ !$0.isClosed }) else { return }
            do throws(SystemFailure) {
                let descriptor = try folder.listen(name, backlog: Self.backlog)
                record.stopRefusing()
                serve(descriptor)
            } catch {
                record.stillFailing(
                    ConnectionProblem(.systemError, "the forwarder can't listen: \(error.reason)", errno: error.errno)
                )
                tryAgain(after: Self.longestPause, on: loop)
            }
        }
    }
#endif
