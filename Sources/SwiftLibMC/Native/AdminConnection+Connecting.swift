internal import Glibc

// How a connection comes about, and waiting for it.

extension AdminConnection {
    /// Connects to a server.
    static func connect(
        to server: Server,
        _ patience: Patience,
        _ operation: Operation
    ) throws(MemcachedError) -> CInt {
        let addresses: [SocketAddress]
        switch server.transport {
        case .udp:
            throw failure(.notSupported, "that is not possible over UDP", server, operation)
        case .unix(let path):
            guard let address = SocketAddress.unix(path) else {
                throw failure(.failUnixSocket, "the path is too long", server, operation)
            }
            addresses = [address]
        case .tcp(let host, let port):
            do throws(SocketAddress.LookupFailure) {
                addresses = try SocketAddress.resolving(host, port)
            } catch {
                let detail = "the host can't be found: \(error.reason)"
                throw failure(.hostLookupFailure, detail, server, operation, errno: error.errno)
            }
        }
        switch connect(toAnyOf: addresses, patience) {
        case .open(let descriptor): return descriptor
        case .late: throw failure(.timeout, "no connection in time", server, operation)
        case .failed(let number):
            let reason = unsafe String(cString: strerror(number))
            throw failure(.connectionFailure, "no connection: \(reason)", server, operation, errno: number)
        }
    }

    /// What became of a try to connect.
    enum Attempt {
        case open(CInt)
        case late
        case failed(CInt)
    }

    /// Tries the addresses one after the other; each gets its part of the time.
    static func connect(toAnyOf addresses: [SocketAddress], _ patience: Patience) -> Attempt {
        var attempt = Attempt.failed(EADDRNOTAVAIL)
        for (index, address) in addresses.enumerated() {
            let end = patience.endOfConnecting(addressesLeft: addresses.count - index)
            attempt = connect(to: address, until: end)
            if case .open = attempt { break }
        }
        return attempt
    }

    private static func connect(to address: SocketAddress, until deadline: Moment) -> Attempt {
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else { return .failed(errno) }
        let code = unsafe address.bytes.withUnsafeBytes { bytes in
            unsafe Glibc.connect(
                descriptor,
                bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                socklen_t(bytes.count)
            )
        }
        if code == 0 { return .open(descriptor) }
        var attempt = Attempt.failed(errno)
        if errno == EINPROGRESS || errno == EINTR {
            switch wait(for: POLLOUT, on: descriptor, until: deadline) {
            case .ready:
                var number: CInt = 0
                var size = socklen_t(MemoryLayout<CInt>.size)
                unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &size)
                if number == 0 { return .open(descriptor) }
                attempt = .failed(number)
            case .late: attempt = .late
            case .failed(let number): attempt = .failed(number)
            }
        }
        close(descriptor)
        return attempt
    }

    // MARK: - Waiting

    enum Readiness {
        case ready
        case late
        case failed(CInt)
    }

    static func wait(for events: CInt, on descriptor: CInt, until deadline: Moment) -> Readiness {
        while true {
            let left = deadline.millisecondsLeft
            if left == 0 { return .late }
            var entry = pollfd(fd: descriptor, events: CShort(events), revents: 0)
            let count = unsafe poll(&entry, 1, left)
            if count > 0 { return .ready }
            if count < 0, errno != EINTR { return .failed(errno) }
        }
    }

    static func failure(
        _ code: MemcachedError.Code,
        _ detail: String,
        _ server: Server,
        _ operation: Operation,
        errno number: CInt? = nil
    ) -> MemcachedError {
        var error = MemcachedError(code: code, operation: operation, detail: detail, server: server)
        error.systemErrno = number
        return error
    }
}

extension Moment {
    /// What is left until then, for `poll`; rounded up, so that no wait spins.
    fileprivate var millisecondsLeft: CInt {
        let now = Moment.now
        guard now < self else { return 0 }
        return CInt(clamping: ((self - now).nanoseconds + 999_999) / 1_000_000)
    }
}
