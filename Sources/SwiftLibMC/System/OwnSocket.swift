internal import Glibc

/// A descriptor of our own on a connection of libmemcached's, which has no call that gives its sockets away.
///
/// It is a duplicate, so that it means the same connection whatever numbers libmemcached closes and the process uses
/// again. While it is open, so is the connection: whoever gives up the connection lets go of this, too.
final class OwnSocket {
    private let descriptor: CInt
    /// The local port of a TCP connection, which tells it from those before and after it; 0 for a unix socket.
    let localPort: UInt16

    private init?(duplicating descriptor: CInt, localPort: UInt16) {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { return nil }
        self.descriptor = copy
        self.localPort = localPort
    }

    deinit { close(descriptor) }

    // MARK: - Looking

    /// What can be seen of a connection without reading from it.
    enum Condition {
        /// Open, and nothing to read.
        case idle
        /// Open, with something to read.
        case readable
        /// The other side has closed it, or it is broken.
        case closed
    }

    /// What the connection is like now.
    var condition: Condition {
        var entry = pollfd(fd: descriptor, events: CShort(POLLIN) | Self.closing, revents: 0)
        guard unsafe poll(&entry, 1, 0) > 0 else { return .idle }
        return entry.revents == CShort(POLLIN) ? .readable : .closed
    }

    /// Linux's `POLLRDHUP`, which Swift's Glibc module hides: the other side sends no more.
    private static var closing: CShort { 0x2000 }

    // MARK: - Finding

    /// Finds the process's connection with these ports; nil if there is none or more than one.
    static func find(localPort: UInt16, remotePort: UInt16) -> OwnSocket? {
        var found: [CInt] = []
        forEachDescriptor { descriptor in
            guard unsafe port(of: descriptor, getsockname) == localPort else { return }
            if unsafe port(of: descriptor, getpeername) == remotePort { found.append(descriptor) }
        }
        return found.count == 1 ? OwnSocket(duplicating: found[0], localPort: localPort) : nil
    }

    /// The numbers by which the system knows the process's connections to a unix socket.
    static func connections(toPath path: String) -> [UInt64: CInt] {
        var connections: [UInt64: CInt] = [:]
        forEachDescriptor { descriptor in
            guard peerPath(of: descriptor) == path else { return }
            var status = stat()
            if unsafe fstat(descriptor, &status) == 0 { connections[UInt64(status.st_ino)] = descriptor }
        }
        return connections
    }

    /// Finds the process's only connection to a unix socket that was not there before.
    static func find(path: String, notAmong before: [UInt64: CInt]) -> OwnSocket? {
        let new = connections(toPath: path).filter { before[$0.key] == nil }
        return new.count == 1 ? new.first.flatMap { OwnSocket(duplicating: $0.value, localPort: 0) } : nil
    }

    /// More unused numbers in a row than this end the search.
    private static var widestGap: Int { 256 }

    /// Goes through the process's descriptors.
    ///
    /// Not by `/proc/self/fd`, which takes longer, and which not every container has.
    private static func forEachDescriptor(_ body: (CInt) -> Void) {
        var gap = 0
        var descriptor: CInt = 0
        while gap < widestGap {
            if fcntl(descriptor, F_GETFD) >= 0 {
                gap = 0
                body(descriptor)
            } else {
                gap += 1
            }
            descriptor += 1
        }
    }

    private typealias AddressFunction = (CInt, UnsafeMutablePointer<sockaddr>?, UnsafeMutablePointer<socklen_t>?) ->
        CInt

    /// Lends an address of a socket, without the room behind it; nil if it has none.
    private static func withAddress<R>(
        of descriptor: CInt,
        _ function: AddressFunction,
        _ body: (UnsafeRawBufferPointer) -> R?
    ) -> R? {
        var address = sockaddr_storage()
        var count = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return unsafe withUnsafeMutableBytes(of: &address) { bytes in
            let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self)
            guard unsafe function(descriptor, start, &count) == 0, Int(count) <= bytes.count else { return nil }
            return unsafe body(UnsafeRawBufferPointer(rebasing: bytes[..<Int(count)]))
        }
    }

    /// A TCP port of a socket's.
    private static func port(of descriptor: CInt, _ function: AddressFunction) -> UInt16? {
        unsafe withAddress(of: descriptor, function) { bytes in
            guard bytes.count >= MemoryLayout<sockaddr_in>.size else { return nil }
            let family = unsafe CInt(bytes.load(as: sa_family_t.self))
            guard family == AF_INET || family == AF_INET6 else { return nil }
            // It is at the same place in both kinds of address.
            return unsafe UInt16(bigEndian: bytes.load(fromByteOffset: 2, as: UInt16.self))
        }
    }

    /// The path of the unix socket that a socket is connected to.
    private static func peerPath(of descriptor: CInt) -> String? {
        unsafe withAddress(of: descriptor, getpeername) { bytes in
            let start = MemoryLayout<sa_family_t>.size
            guard bytes.count > start, unsafe CInt(bytes.load(as: sa_family_t.self)) == AF_UNIX else { return nil }
            return unsafe String(decoding: bytes[start...].prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
