#if TLS
    internal import NIOCore
    internal import NIOPosix
    internal import NIOSSL
    internal import SwiftLibMC

    /// A client's connection and the corresponding one to the server; all on one event loop.
    ///
    /// Without a client it only tries whether the server can be reached.
    final class Connection {
        private enum Phase {
            case opening
            case loggingIn
            case open
            case over
        }

        /// After how many idle seconds a connection is tested: firewalls drop them silently.
        private static let idleTime: ChannelOptions.Types.SocketOption.Value = 60

        private let target: Target
        private let record: ConnectionRecord
        private let number: Int
        private let loop: any EventLoop
        /// Is called with the reason why it failed before it was open; for a trial also, with nil, if it succeeded.
        private let outcome: (_ number: Int, ConnectionProblem?) -> Void
        private let isTrial: Bool

        private(set) var client: End?
        private(set) var server: End?
        private var tls: NIOSSLClientHandler?
        private var phase = Phase.opening
        private var hasHandshake = false
        private var hasAnswer = false
        /// The bytes that the client sent before there was a connection to the server.
        private var early = ByteBuffer()
        private var reply = ByteBuffer()
        private var framer = RequestFramer()
        private var deadline: Scheduled<Void>?

        /// A connection with a client.
        init(
            _ target: Target,
            _ record: ConnectionRecord,
            on loop: any EventLoop,
            onFailure outcome: @escaping (_ number: Int, ConnectionProblem?) -> Void
        ) {
            self.target = target
            self.record = record
            self.loop = loop
            self.outcome = outcome
            isTrial = false
            number = record.accept()
            client = End(of: self)
        }

        /// A trial.
        init(
            trying target: Target,
            _ record: ConnectionRecord,
            on loop: any EventLoop,
            outcome: @escaping (_ number: Int, ConnectionProblem?) -> Void
        ) {
            self.target = target
            self.record = record
            self.loop = loop
            self.outcome = outcome
            isTrial = true
            number = 0
        }

        // MARK: - Opening

        func open() {
            let limit = target.options.connectTimeout
            deadline = loop.assumeIsolated().scheduleTask(in: TimeAmount(limit)) { self.isLate() }
            ClientBootstrap(group: loop)
                .connectTimeout(TimeAmount(limit))
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelOption(.socketOption(.so_keepalive), value: 1)
                .channelOption(.tcpOption(.init(rawValue: SocketOptions.keepIdle)), value: Self.idleTime)
                .connect(host: target.host, port: target.port)
                .assumeIsolated()
                .whenComplete { result in
                    do {
                        try self.begin(on: result.get())
                    } catch {
                        self.fail(self.target.problem(of: error, certificate: nil))
                    }
                }
        }

        /// Begins TLS, once it is known which of the host's addresses is used.
        private func begin(on channel: any Channel) throws {
            if phase == .over { return channel.close(promise: nil) }
            if !isTrial { record.connected(number) }
            do {
                let tls = try NIOSSLClientHandler(context: target.context, serverHostname: target.name)
                let server = End(of: self)
                (self.tls, self.server) = (tls, server)
                try channel.pipeline.syncOperations.addHandlers([tls, server])
            } catch {
                channel.close(promise: nil)
                throw error
            }
        }

        private func isLate() {
            let limit = target.options.connectTimeout.milliseconds
            let what = hasHandshake ? "no answer to the forwarder's user name" : "no TLS connection"
            let hint = server == nil ? "" : target.hint(hasHandshake)
            fail(ConnectionProblem(.timeout, "\(what) within \(limit) ms (the forwarder's connectTimeout)\(hint)"))
        }

        /// Ends it before it is open.
        private func fail(_ problem: ConnectionProblem) {
            guard phase == .opening || phase == .loggingIn else { return }
            let isRefusal = phase == .loggingIn
            end()
            if isRefusal { record.refused(number, problem) } else { outcome(number, problem) }
            closeAll()
        }

        private func end() {
            phase = .over
            deadline?.cancel()
            deadline = nil
        }

        private func closeAll() {
            server?.close()
            client?.finish()
        }

        func handshakeIsDone() {
            guard phase == .opening else { return }
            hasHandshake = true
            if let certificate = tls?.peerCertificate, !target.isNamed(by: certificate) {
                return fail(target.notNamed)
            }
            if isTrial {
                end()
                outcome(number, nil)
                return closeAll()
            }
            proceed()
        }

        /// The next step after the handshake: at once, or when the client has said which protocol it speaks.
        private func proceed() {
            guard phase == .opening, hasHandshake else { return }
            guard let login = target.login else { return pair() }
            guard early.readableBytes > 0 else { return }
            let first = early.getInteger(at: early.readerIndex, as: UInt8.self)
            phase = .loggingIn
            record.loggingIn(number)
            guard Login.isPossible(forClientsFirst: first) else { return fail(Login.needsBinary) }
            server?.write(login.request)
            server?.flush()
        }

        private func pair() {
            phase = .open
            deadline?.cancel()
            deadline = nil
            record.opened(number)
            if early.readableBytes > 0 {
                passOn(early)
                server?.flush()
                early = ByteBuffer()
            }
            client?.resumeReading()
        }

        // MARK: - Events of the two ends

        func mayRead(_ end: End) -> Bool {
            switch phase {
            case .open: (end === client ? server : client)?.isWritable ?? false
            // From the client one piece, to know its protocol; from the server whatever belongs to opening the
            // connection.
            case .opening, .loggingIn: end === server || early.readableBytes == 0
            case .over: end === server
            }
        }

        func received(_ bytes: ByteBuffer, at end: End) {
            var bytes = bytes
            switch (phase, end === client) {
            case (.open, true): passOn(bytes)
            case (.open, false):
                if !hasAnswer {
                    hasAnswer = true
                    record.isGood()
                }
                client?.write(bytes)
            case (.opening, true), (.loggingIn, true):
                early.writeBuffer(&bytes)
                proceed()
            case (.loggingIn, false):
                reply.writeBuffer(&bytes)
                switch Login.answer(in: reply) {
                case .unfinished: break
                case .welcome: pair()
                case .refusal(let problem): fail(problem)
                }
            case (.opening, false), (.over, _): break
            }
        }

        private func passOn(_ bytes: ByteBuffer) { framer.add(bytes) { piece in server?.write(piece) } }

        func receivedAll(at end: End) {
            guard phase == .open else { return }
            (end === client ? server : client)?.flush()
        }

        func canWrite(at end: End) { (end === client ? server : client)?.resumeReading() }

        func failed(_ error: any Error, at end: End) {
            guard end === server else { return }
            if phase == .open {
                if !hasAnswer, let problem = target.rejection(in: error) { record.rejected(number, problem) }
            } else {
                fail(target.problem(of: error, certificate: tls?.peerCertificate))
            }
        }

        func ended(_ end: End) {
            if end === client {
                if phase == .opening || phase == .loggingIn { record.gaveUp(number) }
                self.end()
                server?.flush()
                server?.close()
            } else if phase == .open {
                self.end()
                client?.finish()
            } else {
                let detail = "the server closed the connection" + target.hint(hasHandshake)
                fail(ConnectionProblem(.connectionFailure, detail))
            }
        }
    }

    extension TimeAmount {
        init(_ duration: Duration) {
            let (seconds, attoseconds) = duration.components
            self = .seconds(seconds) + .nanoseconds(attoseconds / 1_000_000_000)
        }
    }
#endif
