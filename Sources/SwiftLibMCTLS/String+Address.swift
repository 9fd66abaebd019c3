#if TLS
    internal import NIOCore

    extension String {
        /// Whether it is an IP address.
        var isAddress: Bool { (try? SocketAddress(ipAddress: self, port: 0)) != nil }
    }
#endif
