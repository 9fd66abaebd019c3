import Support
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOEmbedded
import SwiftLibMCTesting

/// A router that is asked without a network.
struct Site {
    struct Answer {
        var status: HTTPResponse.Status
        var headers: HTTPFields
        var body: String
    }

    private let responder: RouterResponder<BasicRequestContext>

    init(_ routes: (Router<BasicRequestContext>) -> Void) {
        let router = Router()
        routes(router)
        responder = router.buildResponder()
    }

    func ask(
        _ path: String,
        method: HTTPRequest.Method = .get,
        _ headers: HTTPFields = [:],
        body: String = ""
    ) async throws -> Answer {
        let head = HTTPRequest(method: method, scheme: "http", authority: "test", path: path, headerFields: headers)
        let request = Request(head: head, body: RequestBody(buffer: ByteBuffer(string: body)))
        let source = ApplicationRequestContextSource(channel: EmbeddedChannel(), logger: Logger(label: "test"))
        let context = BasicRequestContext(source: source)
        var response: Response
        do {
            response = try await responder.respond(to: request, context: context)
        } catch let error as any HTTPResponseError {
            // As hummingbird's application does.
            response = try error.response(from: request, context: context)
        }
        let content = Locked(ByteBuffer())
        try await response.body.write(Writer(content: content))
        return Answer(
            status: response.status,
            headers: response.headers,
            body: content.withLock { String(buffer: $0) }
        )
    }
}

private struct Writer: ResponseBodyWriter {
    let content: Locked<ByteBuffer>

    func write(_ buffer: ByteBuffer) { content.withLock { _ = $0.writeImmutableBuffer(buffer) } }
    consuming func finish(_ trailers: HTTPFields?) {}
}
