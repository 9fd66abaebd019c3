internal import CPlatform

/// A non-blocking connection: a caller that has to wait says until when.
@safe
struct StreamSocket: Sendable {
    private let descriptor: CInt

    private init(_ descriptor: CInt) { self.descriptor = descriptor }

    func close() { _ = CPlatform.close(descriptor) }

    /// The system's text for an error.
    static func reason(_ number: CInt) -> String { unsafe String(cString: strerror(number)) }

    // MARK: - Connecting

    /// The outcome of an attempt to connect.
    enum Attempt {
        case open(StreamSocket)
        case late
        case failed(CInt)
    }

    /// Tries to connect to an address.
    static func connect(to address: SocketAddress, until deadline: Moment) -> Attempt {
        let descriptor = swiftlibmc_make_socket(address.family)
        guard descriptor >= 0 else { return .failed(errno) }
        let socket = StreamSocket(descriptor)
        let code = unsafe address.bytes.withUnsafeBytes { bytes in
            unsafe CPlatform.connect(
                descriptor,
                bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                socklen_t(bytes.count)
            )
        }
        if code == 0 { return .open(socket) }
        var attempt = Attempt.failed(errno)
        if errno == EINPROGRESS || errno == EINTR {
            switch socket.wait(for: POLLOUT, until: deadline) {
            case .ready:
                var number: CInt = 0
                var size = socklen_t(MemoryLayout<CInt>.size)
                unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &size)
                if number == 0 { return .open(socket) }
                attempt = .failed(number)
            case .late: attempt = .late
            case .failed(let number): attempt = .failed(number)
            }
        }
        socket.close()
        return attempt
    }

    // MARK: - Bytes

    /// Sends what fits; -1, and `errno`, if nothing does.
    func send(_ bytes: ArraySlice<UInt8>) -> Int {
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe swiftlibmc_send(descriptor, bytes.baseAddress, bytes.count)
        }
    }

    /// Appends received bytes; returns how many; 0 at the end of the connection; -1, and `errno`, if there is nothing.
    func receive(into received: inout [UInt8]) -> Int {
        var block = InlineArray<16384, UInt8>(repeating: 0)
        var span = block.mutableSpan
        return unsafe span.withUnsafeMutableBytes { bytes in
            let count = unsafe recv(descriptor, bytes.baseAddress, bytes.count, 0)
            if count > 0 { unsafe received.append(contentsOf: bytes.prefix(count)) }
            return count
        }
    }

    /// Sends what fits; -1, and `errno`, if nothing does.
    func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        unsafe swiftlibmc_send(descriptor, bytes.baseAddress, bytes.count)
    }

    /// Receives bytes; returns how many; 0 at the end of the connection; -1, and `errno`, if there is nothing.
    func receive(into block: UnsafeMutableRawBufferPointer) -> Int {
        unsafe swiftlibmc_receive(descriptor, block.baseAddress, block.count)
    }

    /// The same, but waits for bytes, if ``letReadsWait(_:)`` was called.
    func receiveWaiting(into block: UnsafeMutableRawBufferPointer) -> Int {
        unsafe recv(descriptor, block.baseAddress, block.count, 0)
    }

    // MARK: - Options

    /// How long ``receiveWaiting(into:)`` waits.
    func letReadsWait(_ limit: Moment.Distance) {
        _ = swiftlibmc_let_reads_wait(descriptor, max(1, Int64((limit.nanoseconds + 999_999) / 1_000_000)))
    }

    /// Sends everything at once, and has the system test whether the other side is still there after this many seconds
    /// without traffic; nil for the system's own number.
    func tune(keepsAlive: Bool, idle: Int64?, sendSize: Int?, receiveSize: Int?) {
        swiftlibmc_set_option(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, 1)
        if keepsAlive { swiftlibmc_set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1) }
        if let idle { swiftlibmc_set_option(descriptor, CInt(IPPROTO_TCP), swiftlibmc_keep_idle, CInt(clamping: idle)) }
        if let sendSize { swiftlibmc_set_option(descriptor, SOL_SOCKET, SO_SNDBUF, CInt(clamping: sendSize)) }
        if let receiveSize { swiftlibmc_set_option(descriptor, SOL_SOCKET, SO_RCVBUF, CInt(clamping: receiveSize)) }
    }

    // MARK: - Waiting

    /// Whether there is anything to read, or the other side has closed the connection.
    var isReadable: Bool {
        var entry = pollfd(fd: descriptor, events: CShort(POLLIN) | swiftlibmc_poll_ended, revents: 0)
        return unsafe poll(&entry, 1, 0) != 0
    }

    /// The outcome of a wait.
    enum Readiness {
        case ready
        case late
        case failed(CInt)
    }

    /// Waits until it can be read from or written to.
    func wait(for events: CInt, until deadline: Moment) -> Readiness {
        while true {
            let left = deadline.millisecondsLeft
            if left == 0 { return .late }
            var entry = pollfd(fd: descriptor, events: CShort(events), revents: 0)
            let count = unsafe poll(&entry, 1, left)
            if count > 0 { return .ready }
            if count < 0, errno != EINTR { return .failed(errno) }
        }
    }
}

extension Moment {
    /// The time left until then, for `poll`; rounded up, so that no wait spins.
    fileprivate var millisecondsLeft: CInt { CInt(clamping: ((self - .now).nanoseconds + 999_999) / 1_000_000) }
}
