import TestSupport

/// A configuration endpoint whose answer can be changed.
final class FakeEndpoint: Sendable {
    /// Which command it understands.
    enum Engine: Sendable {
        /// 1.4.14 and later: `config get cluster`.
        case new
        /// Before that: a key.
        case old
    }

    private let text: Locked<String?>
    private let server: FakeServer

    init(_ engine: Engine, _ text: String?) throws {
        let text = Locked(text)
        self.text = text
        server = try FakeServer(
            .answering { request in
                let text = text.withLock { $0 }
                let length = text.map { "\($0.utf8.count)\r\n\($0)\r\nEND\r\n" }
                switch (engine, request.line) {
                case (.new, "config get cluster"):
                    return Array((length.map { "CONFIG cluster 0 \($0)" } ?? "ERROR\r\n").utf8)
                case (.old, "get AmazonElastiCache:cluster"):
                    return Array((length.map { "VALUE AmazonElastiCache:cluster 0 \($0)" } ?? "END\r\n").utf8)
                default:
                    return Array((request.line.hasPrefix("get ") ? "END\r\n" : "ERROR\r\n").utf8)
                }
            }
        )
    }

    var address: String { server.address }
    var requests: [String] { server.requests.map(\.line) }

    /// Has it give another answer from now on; nil for none.
    func change(to text: String?) { self.text.withLock { $0 = text } }

    func stop() { server.stop() }

    /// A configuration with these servers, as the endpoint writes it.
    static func text(version: Int, _ addresses: [String]) -> String {
        let nodes = addresses.map { address in
            let parts = address.split(separator: ":")
            return "\(parts[0])|\(parts[0])|\(parts[1])"
        }
        return "\(version)\n\(nodes.joined(separator: " "))\n"
    }
}
