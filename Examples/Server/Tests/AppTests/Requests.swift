import App
import Hummingbird
import Logging
import NIOCore
import NIOEmbedded
import Synchronization

/// Asks a router without a network. (`HummingbirdTesting` does it as well, and over one.)
struct Requests: Sendable {
    struct Answer {
        var status: HTTPResponse.Status
        var headers: HTTPFields
        var body: String
    }

    private let responder: RouterResponder<AppContext>

    init(_ router: Router<AppContext>) { responder = router.buildResponder() }

    func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ headers: HTTPFields = [:],
        body: String = "",
        from address: String = "192.0.2.1"
    ) async throws -> Answer {
        let head = HTTPRequest(
            method: method,
            scheme: "http",
            authority: "localhost",
            path: path,
            headerFields: headers
        )
        let request = Request(head: head, body: RequestBody(buffer: ByteBuffer(string: body)))
        let channel = EmbeddedChannel()
        channel.remoteAddress = try SocketAddress(ipAddress: address, port: 50_000)
        let context = AppContext(source: .init(channel: channel, logger: Logger(label: "test")))
        var response: Response
        do {
            response = try await responder.respond(to: request, context: context)
        } catch let error as any HTTPResponseError {
            response = try error.response(from: request, context: context)
        }
        let writer = Collector()
        try await response.body.write(writer)
        return Answer(status: response.status, headers: response.headers, body: writer.text)
    }
}

private final class Collector: ResponseBodyWriter, Sendable {
    private let bytes = Mutex(ByteBuffer())

    var text: String { bytes.withLock { String(buffer: $0) } }

    func write(_ buffer: ByteBuffer) { bytes.withLock { _ = $0.writeImmutableBuffer(buffer) } }
    consuming func finish(_ trailers: HTTPFields?) {}
}
