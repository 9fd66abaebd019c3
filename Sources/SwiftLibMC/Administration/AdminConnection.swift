internal import CPlatform

/// A short conversation with one server, over a connection of its own: for what libmemcached does not have, or does
/// not do safely.
///
/// Waits end at a deadline, except for the look-up of a name in a program with one thread. Only the unread part of a
/// reply is kept, and no more than ``budget`` is read.
struct AdminConnection: ~Copyable {
    /// How many bytes a reply may have: much more than any statistics.
    static let longestReply = 1 << 24
    private static let longestLine = 1 << 16

    let server: Server
    let operation: Operation
    /// When all waiting ends; for replies of any length it may be extended.
    var deadline: Moment
    /// How many bytes may still come; for replies of any length it may be renewed.
    var budget = longestReply
    /// The name of the client's protocol, if this connection uses it.
    var protocolName: String?
    private let socket: StreamSocket
    /// How many connections had come through the tunnel to the server before this one.
    private let tunnelCount: Int
    /// The bytes received, and where the unread ones begin.
    private var received: [UInt8] = []
    private var position = 0

    /// Connects to a server over TCP or a unix socket.
    ///
    /// - Throws: `.hostLookupFailure`, `.connectionFailure`, `.timeout`, or `.notSupported` for UDP.
    init(to server: Server, _ patience: Patience, for operation: Operation) throws(MemcachedError) {
        self.server = server
        self.operation = operation
        deadline = patience.end
        tunnelCount = server.tunnel?.connectionCount ?? 0
        socket = try Self.connect(to: server, patience, operation)
    }

    deinit { socket.close() }

    // MARK: - Talking

    /// Sends a command; the end of the line is added.
    ///
    /// - Throws: `.invalidArguments` for a text that would be several commands, `.timeout`, or `.writeFailure`.
    func send(_ line: String) throws(MemcachedError) {
        guard !line.hasControlBytes else { throw controlBytes() }
        try send(Array("\(line)\r\n".utf8))
    }

    /// Sends bytes.
    ///
    /// - Throws: `.timeout` or `.writeFailure`.
    func send(_ bytes: [UInt8]) throws(MemcachedError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = socket.send(rest)
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
    /// - Throws: `.timeout`, `.readFailure`, or `.protocolError` for something other than a line of text.
    mutating func readLine() throws(MemcachedError) -> String {
        guard let text = String(validating: try readLineBytes(), as: UTF8.self) else { throw notMemcached() }
        return text
    }

    /// The next line of the reply as bytes, without its end.
    ///
    /// - Throws: `.timeout`, `.readFailure`, or `.protocolError` for a line without end.
    mutating func readLineBytes() throws(MemcachedError) -> [UInt8] {
        var searched = 0
        while true {
            if let end = received[(position + searched)...].firstIndex(of: UInt8(ascii: "\n")) {
                var line = received[position..<end]
                position = end + 1
                if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
                return Array(line)
            }
            searched = received.count - position
            guard searched <= Self.longestLine else { throw notMemcached() }
            try receive()
        }
    }

    /// The next bytes of the reply.
    ///
    /// - Throws: `.timeout`, `.readFailure`, or `.protocolError` for more than a reply may have.
    mutating func read(_ count: Int) throws(MemcachedError) -> [UInt8] {
        guard count <= Self.longestReply else { throw tooLong() }
        while received.count - position < count { try receive() }
        defer { position += count }
        return Array(received[position..<position + count])
    }

    /// The next byte of the reply, which stays there.
    ///
    /// - Throws: `.timeout` or `.readFailure`.
    mutating func peek() throws(MemcachedError) -> UInt8 {
        while received.count == position { try receive() }
        return received[position]
    }

    /// The error for a reply that the protocol does not allow here.
    func notMemcached() -> MemcachedError {
        guard let protocolName else { return failure(.protocolError, "the reply is not one of memcached's") }
        let detail =
            "the reply makes no sense; perhaps this is no memcached, or it does not speak the \(protocolName) protocol "
        return failure(.unknownReadFailure, detail + "(unknown read failure)")
    }

    /// The error for a text that would not be one command.
    func controlBytes() -> MemcachedError {
        failure(.invalidArguments, "the text holds a control byte, which may begin another command")
    }

    private func tooLong() -> MemcachedError {
        failure(.protocolError, "the reply is longer than \(Self.longestReply) bytes")
    }

    /// An error about this server.
    func failure(_ code: MemcachedError.Code, _ detail: String) -> MemcachedError {
        MemcachedError(code: code, operation: operation, detail: detail.escapingControls, server: server)
    }

    // MARK: - Bytes

    private mutating func receive() throws(MemcachedError) {
        // What has been read is not kept: a reply may be larger than the memory.
        received.removeFirst(position)
        position = 0
        guard budget > 0 else { throw tooLong() }
        // While there is always something to read, no wait ends in time. A short reply that has arrived counts, however
        // late.
        if budget < Self.longestReply - Self.longestLine, deadline <= .now {
            throw explained(failure(.timeout, "the reply did not end in time"))
        }
        while true {
            let count = socket.receive(into: &received)
            if count > 0 {
                budget -= count
                return
            }
            if count == 0 { throw explained(failure(.readFailure, "the server closed the connection")) }
            if errno == EAGAIN {
                try wait(for: POLLIN)
            } else if errno != EINTR {
                throw broken(.readFailure, "the connection broke", errno)
            }
        }
    }

    private func wait(for events: CInt) throws(MemcachedError) {
        switch socket.wait(for: events, until: deadline) {
        case .ready: return
        case .late: throw explained(failure(.timeout, "the server did not answer in time"))
        case .failed(let number): throw broken(.systemError, "waiting for the server failed", number)
        }
    }

    private func broken(_ code: MemcachedError.Code, _ detail: String, _ number: CInt) -> MemcachedError {
        explained(Self.failure(code, detail, server, for: operation, errno: number))
    }

    /// The error with the forwarder's explanation, if there is a forwarder and it knows more.
    private func explained(_ error: MemcachedError) -> MemcachedError {
        server.tunnel?.problem(since: tunnelCount).map(error.explained) ?? error
    }
}
