/// The address of one memcached server, with its share of the keys.
///
/// pylibmc writes servers as text or as tuples; ``init(parsing:)`` reads such text.
public struct Server: Hashable, Sendable {
    /// How a server is reached.
    public enum Transport: Hashable, Sendable {
        /// A TCP connection to a host, by name or address, and a port from 1 to 65535.
        case tcp(host: String, port: Int)
        /// UDP datagrams to a host and a port. libmemcached has few operations over UDP, and no reads.
        case udp(host: String, port: Int)
        /// A unix socket at a path of 1 to 107 bytes.
        case unix(path: String)
    }

    /// How the server is reached.
    public var transport: Transport

    /// The server's share of the keys relative to the other servers, from 1 to 65535.
    ///
    /// Only the ketama distributions heed it.
    public var weight: Int

    /// Makes an address; what it holds is checked when a client is made of it.
    ///
    /// - Parameters:
    ///   - transport: How the server is reached.
    ///   - weight: The server's share of the keys, from 1 to 65535.
    public init(_ transport: Transport, weight: Int = 1) {
        self.transport = transport
        self.weight = weight
    }
}

// MARK: - Description

extension Server: CustomStringConvertible {
    /// The address in the form that ``init(parsing:)`` reads, such as `127.0.0.1:11211` or `/run/memcached.sock:2`.
    ///
    /// The weight is left out where it is 1. IPv6 addresses stand in brackets.
    public var description: String {
        let address =
            switch transport {
            case .tcp(let host, let port): Self.hostAndPort(host, port)
            case .udp(let host, let port): "udp:" + Self.hostAndPort(host, port)
            case .unix(let path): path
            }
        return weight == 1 ? address : "\(address):\(weight)"
    }

    private static func hostAndPort(_ host: String, _ port: Int) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
