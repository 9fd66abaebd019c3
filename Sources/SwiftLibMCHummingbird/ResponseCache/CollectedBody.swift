#if Hummingbird
    internal import HTTPTypes
    internal import Hummingbird
    internal import NIOCore
    internal import Synchronization

    extension ResponseBody {
        /// Writes the body, whose length is known, into memory.
        func collected() async throws -> (bytes: ByteBuffer, trailers: HTTPFields?) {
            let content = BodyContent()
            try await write(BodyCollector(content: content))
            return content.state.withLock { ($0.bytes, $0.trailers) }
        }
    }

    private final class BodyContent: Sendable {
        struct State {
            var bytes = ByteBuffer()
            var trailers: HTTPFields?
        }

        let state = Mutex(State())
    }

    private struct BodyCollector: ResponseBodyWriter {
        let content: BodyContent

        func write(_ buffer: ByteBuffer) { content.state.withLock { _ = $0.bytes.writeImmutableBuffer(buffer) } }

        consuming func finish(_ trailers: HTTPFields?) { content.state.withLock { $0.trailers = trailers } }
    }
#endif
