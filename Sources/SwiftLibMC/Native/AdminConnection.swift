internal import Glibc

/// A short conversation with one server in the ASCII protocol, over a connection of its own: for commands that
/// libmemcached does not have.
///
/// Waits end at a deadline; only looking up a host name, which is the system's, can take longer.
@safe
struct AdminConnection: ~Copyable {
    private static let longestLine = 1 << 16

    private let server: Server
    private let operation: Operation
    /// When all waiting ends; for replies of any length it may be put off.
    var deadline: Moment
    private let descriptor: CInt
    /// What has come, and from where on nobody has read it.
    private var received: [UInt8] = []
    private var position = 0

    /// Connects to a server over TCP or a unix socket.
    ///
    /// - Throws: `.hostLookupFailure`, `.connectionFailure`, `.timeout`, or `.notSupported` for UDP.
    init(to server: Server, until deadline: Moment, for operation: Operation) throws(MemcachedError) {
        self.server = server
        self.operation = operation
        self.deadline = deadline
        descriptor = try Self.connect(to: server, until: deadline, operation)
    }

    deinit { close(descriptor) }

    // MARK: - Talking

    /// Sends a command; the end of the line is added.
    ///
    /// - Throws: `.timeout` or `.writeFailure`.
    func send(_ line: String) throws(MemcachedError) {
        var rest = Array("\(line)\r\n".utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { bytes in
                unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL))
            }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                try wait(for: POLLOUT)
            } else if errno != EINTR {
                throw broken(.writeFailure, "the command could not be sent", errno)
            }
        }
    }

    /// The next line of the reply, without its end.
    ///
    /// - Throws: `.timeout`, `.readFailure`, or `.protocolError` for what is not a line of text.
    mutating func readLine() throws(MemcachedError) -> String {
        var searched = position
        while true {
            if let end = received[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                var line = received[position..<end]
                position = end + 1
                if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
                guard let text = String(validating: line, as: UTF8.self) else { throw notMemcached() }
                return text
            }
            searched = received.count
            guard received.count - position <= Self.longestLine else { throw notMemcached() }
            try receive()
        }
    }

    /// The next bytes of the reply.
    ///
    /// - Throws: `.timeout` or `.readFailure`.
    mutating func read(_ count: Int) throws(MemcachedError) -> [UInt8] {
        while received.count - position < count { try receive() }
        defer { position += count }
        return Array(received[position..<position + count])
    }

    /// The error for a reply that the protocol does not have at this place.
    func notMemcached() -> MemcachedError {
        failure(.protocolError, "the reply is not one of memcached's")
    }

    /// An error about this server.
    func failure(_ code: MemcachedError.Code, _ detail: String) -> MemcachedError {
        MemcachedError(code: code, operation: operation, detail: detail, server: server)
    }

    // MARK: - Bytes

    private mutating func receive() throws(MemcachedError) {
        while true {
            var block = InlineArray<4096, UInt8>(repeating: 0)
            var span = block.mutableSpan
            let count = unsafe span.withUnsafeMutableBytes { bytes in
                unsafe recv(descriptor, bytes.baseAddress, bytes.count, 0)
            }
            if count > 0 {
                for index in 0..<count { received.append(block[index]) }
                return
            }
            if count == 0 { throw failure(.readFailure, "the server closed the connection") }
            if errno == EAGAIN {
                try wait(for: POLLIN)
            } else if errno != EINTR {
                throw broken(.readFailure, "the connection broke", errno)
            }
        }
    }

    private func wait(for events: CInt) throws(MemcachedError) {
        switch Self.wait(for: events, on: descriptor, until: deadline) {
        case .ready: return
        case .late: throw failure(.timeout, "the server did not answer in time")
        case .failed(let number): throw broken(.systemError, "waiting for the server failed", number)
        }
    }

    private func broken(_ code: MemcachedError.Code, _ detail: String, _ number: CInt) -> MemcachedError {
        Self.failure(code, detail, server, operation, errno: number)
    }
}

// MARK: - Connecting

extension AdminConnection {
    private static func connect(
        to server: Server,
        until deadline: Moment,
        _ operation: Operation
    ) throws(MemcachedError) -> CInt {
        switch server.transport {
        case .udp:
            throw failure(.notSupported, "that is not possible over UDP", server, operation)
        case .unix(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let fits = unsafe withUnsafeMutableBytes(of: &address.sun_path) { field in
                guard path.utf8.count < field.count else { return false }
                unsafe field.copyBytes(from: path.utf8)
                return true
            }
            guard fits else { throw failure(.failUnixSocket, "the path is too long", server, operation) }
            let attempt = unsafe withUnsafeBytes(of: &address) { bytes in
                unsafe connect(AF_UNIX, bytes, until: deadline)
            }
            return try result(of: attempt, server, operation)
        case .tcp(let host, let port):
            return try connect(toHost: host, port, until: deadline, server, operation)
        }
    }

    /// Tries the addresses of a host, one after the other.
    private static func connect(
        toHost host: String,
        _ port: Int,
        until deadline: Moment,
        _ server: Server,
        _ operation: Operation
    ) throws(MemcachedError) -> CInt {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, "\(port)", &hints, &list)
        guard code == 0 else {
            let reason = unsafe String(cString: gai_strerror(code))
            throw failure(.hostLookupFailure, "the host can't be found: \(reason)", server, operation)
        }
        defer { unsafe freeaddrinfo(list) }
        var last = Attempt.failed(EADDRNOTAVAIL)
        var next = unsafe list
        while let entry = unsafe next {
            let bytes = unsafe UnsafeRawBufferPointer(
                start: entry.pointee.ai_addr,
                count: Int(entry.pointee.ai_addrlen)
            )
            last = unsafe connect(entry.pointee.ai_family, bytes, until: deadline)
            if case .open = last { break }
            unsafe next = unsafe entry.pointee.ai_next
        }
        return try result(of: last, server, operation)
    }

    private enum Attempt {
        case open(CInt)
        case late
        case failed(CInt)
    }

    private static func connect(_ family: CInt, _ address: UnsafeRawBufferPointer, until deadline: Moment) -> Attempt {
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(family, type, 0)
        guard descriptor >= 0 else { return .failed(errno) }
        let code = unsafe Glibc.connect(
            descriptor,
            address.baseAddress?.assumingMemoryBound(to: sockaddr.self),
            socklen_t(address.count)
        )
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

    private static func result(
        of attempt: Attempt,
        _ server: Server,
        _ operation: Operation
    ) throws(MemcachedError) -> CInt {
        switch attempt {
        case .open(let descriptor): return descriptor
        case .late: throw failure(.timeout, "no connection in time", server, operation)
        case .failed(let number):
            let reason = unsafe String(cString: strerror(number))
            throw failure(.connectionFailure, "no connection: \(reason)", server, operation, errno: number)
        }
    }

    private enum Readiness {
        case ready
        case late
        case failed(CInt)
    }

    private static func wait(for events: CInt, on descriptor: CInt, until deadline: Moment) -> Readiness {
        while true {
            let left = deadline.millisecondsLeft
            if left == 0 { return .late }
            var entry = pollfd(fd: descriptor, events: CShort(events), revents: 0)
            let count = unsafe poll(&entry, 1, left)
            if count > 0 { return .ready }
            if count < 0, errno != EINTR { return .failed(errno) }
        }
    }

    private static func failure(
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
