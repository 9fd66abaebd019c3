import NIOCore
import NIOPosix
import SwiftLibMC
import SwiftLibMCTesting

/// One address at which a server can be reached with and without TLS, so that clients of both kinds have the same name
/// for it: what a connection begins with decides on the server's port.
final class BothWays: Sendable {
    let server: MemcachedServer
    let port: Int
    private let channel: any Channel

    var address: String { "127.0.0.1:\(port)" }

    init(_ certificates: Certificates) throws {
        let plain = try Self.freePort()
        let pair = try certificates.issue()
        let server = try MemcachedServer.start(
            "-Z",
            "-o",
            "ssl_chain_cert=\(pair.certificate),ssl_key=\(pair.key)",
            "-l",
            "notls:127.0.0.1:\(plain)"
        )
        self.server = server
        guard let encrypted = server.port else { fatalError("no port") }
        channel = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Sorter(plain: plain, encrypted: encrypted))
                }
            }
            .bind(host: "127.0.0.1", port: 0).wait()
        port = channel.localAddress?.port ?? 0
    }

    deinit { channel.close(promise: nil) }

    private static func freePort() throws -> Int {
        let channel = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(host: "127.0.0.1", port: 0)
            .wait()
        defer { try? channel.close().wait() }
        return channel.localAddress?.port ?? 0
    }
}

/// Looks at the first byte of a connection, and passes it on to one of two ports.
private final class Sorter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let plain: Int
    private let encrypted: Int
    private var other: (any Channel)?
    private var isConnecting = false
    private var early: [ByteBuffer] = []

    init(plain: Int, encrypted: Int) { (self.plain, self.encrypted) = (plain, encrypted) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        if let other {
            other.writeAndFlush(bytes, promise: nil)
            return
        }
        early.append(bytes)
        if isConnecting { return }
        isConnecting = true
        let channel = context.channel
        // A handshake of TLS begins with 22.
        let port = bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) == 22 ? encrypted : plain
        ClientBootstrap(group: context.eventLoop)
            .channelInitializer { other in
                other.eventLoop.makeCompletedFuture {
                    try other.pipeline.syncOperations.addHandler(Return(to: channel))
                }
            }
            .connect(host: "127.0.0.1", port: port)
            .assumeIsolated()
            .whenComplete { result in
                switch result {
                case .success(let other):
                    self.other = other
                    for bytes in self.early { other.writeAndFlush(bytes, promise: nil) }
                case .failure: channel.close(promise: nil)
                }
            }
    }

    func channelInactive(context: ChannelHandlerContext) { other?.close(promise: nil) }
}

/// Passes back what the server says.
private final class Return: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let channel: any Channel

    init(to channel: any Channel) { self.channel = channel }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        channel.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { channel.close(promise: nil) }
}
