import Foundation

/// An address where a connection attempt hangs: packets go in and nothing comes out.
///
/// It is a listening socket whose queue of waiting connections is full, so the kernel drops further attempts.
public final class BlackHole: Sendable {
    /// `127.0.0.1:port`.
    public let address: String

    private let listener: Descriptor
    /// The connections that fill the queue; nobody ever accepts them.
    private let waiting: [Descriptor]

    /// Makes the address.
    public init() throws {
        self.listener = try .listening(at: .tcp(port: 0), backlog: 0)
        let endpoint = Endpoint.tcp(port: try listener.port())
        self.address = endpoint.description
        var waiting: [Descriptor] = []
        // On the loopback a connection is there at once or, when the queue is full, only after a second's repetition.
        while let connection = try Descriptor.connected(to: endpoint, until: Deadline(in: .milliseconds(100))) {
            waiting.append(connection)
            guard waiting.count < 64 else { throw SystemError("the queue of \(address) does not fill up") }
        }
        self.waiting = waiting
    }
}

/// An address that refuses every connection, and that nobody else can take.
public final class RefusingAddress: Sendable {
    /// `127.0.0.1:port` or a socket's path.
    public let address: String

    private let descriptor: Descriptor
    private let scratch: ScratchDirectory?

    /// Makes the address, that of a unix socket if `unix`.
    public init(unix: Bool = false) throws {
        // Bound, but not listening.
        if unix {
            let scratch = try ScratchDirectory()
            self.scratch = scratch
            self.address = "\(scratch.path)/socket"
            self.descriptor = try .bound(to: .unix(path: address))
        } else {
            self.scratch = nil
            self.descriptor = try .bound(to: .tcp(port: 0))
            self.address = "127.0.0.1:\(try descriptor.port())"
        }
    }

    /// Lets connections in from now on, and leaves them without answers.
    public func startListening() throws { _ = try check("listen") { listen(descriptor.rawValue, 128) } }

    /// Whether somebody has connected since the last time this was asked.
    public func hasBeenCalled() -> Bool { descriptor.accepted() != nil }
}
