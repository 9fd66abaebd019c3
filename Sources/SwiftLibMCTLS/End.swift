#if TLS
    internal import NIOCore
    internal import NIOTLS

    /// One of the two ends of a connection: it reports events, and reads only as much as the other end takes.
    final class End: ChannelDuplexHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        /// Not weak: it is released with the channel.
        private var connection: Connection?
        private var context: ChannelHandlerContext?
        private var holdsRead = false

        init(of connection: Connection) { self.connection = connection }

        var isWritable: Bool { context?.channel.isWritable ?? true }

        // MARK: - Actions

        func write(_ bytes: ByteBuffer) { context?.write(wrapOutboundOut(bytes), promise: nil) }

        func flush() { context?.flush() }

        /// Continues reading if it had to wait.
        func resumeReading() {
            guard holdsRead, let context, connection?.mayRead(self) == true else { return }
            holdsRead = false
            context.read()
        }

        /// Closes when everything has been sent.
        func finish() {
            guard let context else { return }
            let sent = context.eventLoop.makePromise(of: Void.self)
            sent.futureResult.assumeIsolated().whenComplete { _ in self.close() }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: sent)
        }

        func close() { context?.close(promise: nil) }

        // MARK: - Events

        func handlerAdded(context: ChannelHandlerContext) { self.context = context }

        func handlerRemoved(context: ChannelHandlerContext) {
            self.context = nil
            connection = nil
        }

        func read(context: ChannelHandlerContext) {
            guard connection?.mayRead(self) == true else {
                holdsRead = true
                return
            }
            context.read()
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            connection?.received(unwrapInboundIn(data), at: self)
        }

        func channelReadComplete(context: ChannelHandlerContext) {
            connection?.receivedAll(at: self)
            context.fireChannelReadComplete()
        }

        func channelWritabilityChanged(context: ChannelHandlerContext) {
            if context.channel.isWritable { connection?.canWrite(at: self) }
            context.fireChannelWritabilityChanged()
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case .handshakeCompleted = event as? TLSUserEvent { connection?.handshakeIsDone() }
            context.fireUserInboundEventTriggered(event)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            connection?.failed(error, at: self)
            context.close(promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            connection?.ended(self)
            context.fireChannelInactive()
        }
    }
#endif
