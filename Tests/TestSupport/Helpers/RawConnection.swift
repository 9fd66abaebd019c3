import Foundation

/// A plain connection to a server, to look at it without the client under test.
public final class RawConnection: Sendable {
    private let descriptor: Descriptor
    private let timeout: Duration
    private let unread = Locked<[UInt8]>([])

    /// Connects to `127.0.0.1:port` or a socket's path; every wait, also of the calls below, is limited by `timeout`.
    public init(to address: String, timeout: Duration = .seconds(10)) throws {
        let endpoint = try Endpoint(address)
        guard let descriptor = try Descriptor.connected(to: endpoint, until: Deadline(in: timeout)) else {
            throw SystemError("no connection to \(address) within \(timeout)")
        }
        self.descriptor = descriptor
        self.timeout = timeout
    }

    /// Sends all bytes.
    public func send(_ bytes: [UInt8]) throws {
        let deadline = Deadline(in: timeout)
        var rest = bytes[...]
        while !rest.isEmpty {
            guard try Descriptor.wait([(descriptor, POLLOUT)], until: deadline)[0] else {
                throw SystemError("\(rest.count) bytes could not be sent within \(timeout)")
            }
            guard let count = descriptor.send(rest) else { throw SystemError("the other side has gone") }
            rest = rest.dropFirst(count)
        }
    }

    /// Sends a text.
    public func send(_ text: String) throws {
        try send(Array(text.utf8))
    }

    /// The next `count` bytes; fewer only if the other side closes before.
    public func receive(_ count: Int) throws -> [UInt8] {
        try take { $0.count >= count ? count : nil }
    }

    /// The bytes up to and with the next `end`, as text; what there is if the other side closes before.
    public func receive(through end: String) throws -> String {
        let pattern = Array(end.utf8)
        let bytes = try take { bytes in bytes.firstRange(of: pattern)?.upperBound }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Everything until the other side closes.
    public func receiveAll() throws -> [UInt8] {
        try take { _ in nil }
    }

    private func take(_ length: ([UInt8]) -> Int?) throws -> [UInt8] {
        let deadline = Deadline(in: timeout)
        return try unread.withLock { unread in
            while true {
                if let count = length(unread) {
                    defer { unread.removeFirst(count) }
                    return Array(unread.prefix(count))
                }
                guard try Descriptor.wait([(descriptor, POLLIN)], until: deadline)[0] else {
                    throw SystemError("only \(unread.count) bytes within \(timeout)")
                }
                guard let bytes = descriptor.receive() else { continue }
                if bytes.isEmpty {
                    defer { unread = [] }
                    return unread
                }
                unread += bytes
            }
        }
    }
}

extension MemcachedServer {
    /// Sends one line in the ASCII protocol over a new connection and gives the first line of the reply, without its
    /// end.
    ///
    /// A server with passwords speaks only the binary protocol and does not answer.
    public func ask(_ line: String, timeout: Duration = .seconds(10)) throws -> String {
        let connection = try RawConnection(to: tcpAddress, timeout: timeout)
        try connection.send("\(line)\r\n")
        let reply = try connection.receive(through: "\r\n")
        return reply.hasSuffix("\r\n") ? String(reply.dropLast()) : reply
    }

    /// The server's statistics, such as `curr_connections` (which counts the one that asks, and one per listener).
    public func statistics(_ group: String = "") throws -> [String: String] {
        let connection = try RawConnection(to: tcpAddress)
        try connection.send("stats \(group)\r\n")
        let lines = try connection.receive(through: "END\r\n").split(separator: "\r\n")
        let pairs = lines.compactMap { line -> (String, String)? in
            let parts = line.split(separator: " ", maxSplits: 2)
            return parts.count == 3 && parts[0] == "STAT" ? (String(parts[1]), String(parts[2])) : nil
        }
        return Dictionary(pairs) { _, last in last }
    }

    /// The address for plain connections: a UDP server listens on the same TCP port.
    private var tcpAddress: String { port.map { "127.0.0.1:\($0)" } ?? address }
}
