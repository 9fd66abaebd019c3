internal import CPlatform

// Connecting, and waiting for the connection.

extension AdminConnection {
    /// Connects to a server.
    static func connect(
        to server: Server,
        _ patience: Patience,
        _ operation: Operation
    ) throws(MemcachedError) -> StreamSocket {
        let addresses: [SocketAddress]?
        switch server.endpoint {
        case .udp:
            throw failure(.notSupported, "that is not possible over UDP", server, for: operation)
        case .unix(let path):
            guard let address = SocketAddress.unix(path) else {
                throw failure(.failUnixSocket, "the path is too long", server, for: operation)
            }
            addresses = [address]
        case .tcp(let host, let port):
            do throws(SocketAddress.LookupFailure) {
                addresses = try HostLookup.addresses(of: host, port, until: patience.end)
            } catch {
                let detail = "the host can't be found: \(error.reason)"
                throw failure(.hostLookupFailure, detail, server, for: operation, errno: error.errno)
            }
        }
        guard let addresses else { throw failure(.timeout, "the host was not found in time", server, for: operation) }
        switch connect(toAnyOf: addresses, patience) {
        case .open(let socket): return socket
        case .late: throw failure(.timeout, "no connection in time", server, for: operation)
        case .failed(let number):
            let detail = "no connection: \(StreamSocket.reason(number))"
            let error = failure(.connectionFailure, detail, server, for: operation, errno: number)
            throw server.tunnel.flatMap { $0.problem(since: $0.connectionCount) }.map(error.explained) ?? error
        }
    }

    /// Tries the addresses one after the other; each gets its part of the time.
    static func connect(toAnyOf addresses: [SocketAddress], _ patience: Patience) -> StreamSocket.Attempt {
        var attempt = StreamSocket.Attempt.failed(EADDRNOTAVAIL)
        for (index, address) in addresses.enumerated() {
            let end = patience.endOfConnecting(addressesLeft: addresses.count - index)
            attempt = StreamSocket.connect(to: address, until: end)
            if case .open = attempt { break }
        }
        return attempt
    }

    static func failure(
        _ code: MemcachedError.Code,
        _ detail: String,
        _ server: Server,
        for operation: Operation,
        errno number: CInt? = nil
    ) -> MemcachedError {
        var error = MemcachedError(code: code, operation: operation, detail: detail, server: server)
        error.systemErrno = number
        return error
    }
}
