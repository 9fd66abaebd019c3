internal import CPlatform

/// This library's own descriptor of a connection of libmemcached's, which has no call that returns its sockets.
///
/// It is a duplicate, so that it means the same connection even if libmemcached closes its descriptor and the process
/// reuses the number. While it is open, so is the connection: code that gives up the connection has to release this,
/// too.
final class OwnSocket {
    let descriptor: CInt

    init?(duplicating descriptor: CInt) {
        let copy = swiftlibmc_duplicate(descriptor)
        guard copy >= 0 else { return nil }
        self.descriptor = copy
    }

    deinit { close(descriptor) }

    /// Ends the connection, even while a thread waits for it; its descriptors stay open.
    func shutDown() { _ = shutdown(descriptor, CInt(SHUT_RDWR)) }

    // MARK: - Looking

    /// The condition of a connection, found without reading from it.
    enum Condition {
        /// Open, and nothing to read.
        case idle
        /// Open, with something to read.
        case readable
        /// The other side has closed it, or it is broken.
        case closed
    }

    /// The present condition of a connection.
    static func condition(of descriptor: CInt) -> Condition {
        var entry = pollfd(fd: descriptor, events: CShort(POLLIN) | swiftlibmc_poll_ended, revents: 0)
        guard unsafe poll(&entry, 1, 0) > 0 else { return .idle }
        return entry.revents == CShort(POLLIN) ? .readable : .closed
    }

    // MARK: - Finding

    /// Finds the process's connection with these ports; nil if there is none or more than one.
    static func find(localPort: UInt16, remotePort: UInt16) -> OwnSocket? {
        var found: [CInt] = []
        forEachDescriptor { descriptor in
            guard unsafe port(of: descriptor, getsockname) == localPort else { return }
            if unsafe port(of: descriptor, getpeername) == remotePort { found.append(descriptor) }
        }
        return found.count == 1 ? OwnSocket(duplicating: found[0]) : nil
    }

    /// More unused numbers in a row than this end the search.
    private static var widestGap: Int { 256 }

    /// Goes through the process's descriptors.
    ///
    /// It does not use `/proc/self/fd`, which takes longer, and which not every container has.
    private static func forEachDescriptor(_ body: (CInt) -> Void) {
        var gap = 0
        var descriptor: CInt = 0
        while gap < widestGap {
            if swiftlibmc_is_open(descriptor) != 0 {
                gap = 0
                body(descriptor)
            } else {
                gap += 1
            }
            descriptor += 1
        }
    }

    typealias AddressFunction = (CInt, UnsafeMutablePointer<sockaddr>?, UnsafeMutablePointer<socklen_t>?) ->
        CInt

    /// Lends an address of a socket, without unused space after it; nil if it has none.
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

    /// Which of the system's structures an address is.
    private static func family(of address: UnsafeRawBufferPointer) -> CInt {
        guard let start = address.baseAddress else { return AF_UNSPEC }
        return unsafe swiftlibmc_family(start.assumingMemoryBound(to: sockaddr.self))
    }

    /// A TCP port of a socket.
    static func port(of descriptor: CInt, _ function: AddressFunction) -> UInt16? {
        unsafe withAddress(of: descriptor, function) { bytes in
            guard bytes.count >= MemoryLayout<sockaddr_in>.size else { return nil }
            let family = unsafe Self.family(of: bytes)
            guard family == AF_INET || family == AF_INET6 else { return nil }
            // The port is at the same offset in both kinds of address.
            return unsafe UInt16(bigEndian: bytes.load(fromByteOffset: 2, as: UInt16.self))
        }
    }

    /// The path of the socket at the other end of a unix connection; nil if it has none.
    private var theirPath: String? {
        unsafe Self.withAddress(of: descriptor, getpeername) { bytes in
            let start = swiftlibmc_unix_path_offset
            guard bytes.count > start, unsafe Self.family(of: bytes) == AF_UNIX else { return nil }
            return unsafe String(decoding: bytes[start...].prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    /// Whether it is a connection to the unix socket at a path, whatever name the server has given it.
    func leads(toPath path: String) -> Bool {
        guard let theirPath, !theirPath.isEmpty else { return false }
        if path == theirPath { return true }
        var (ours, theirs) = (stat(), stat())
        // A server in a container, or in another folder, has another path for it, which means nothing here.
        guard unsafe stat(theirPath, &theirs) == 0, unsafe stat(path, &ours) == 0 else { return true }
        return ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev
    }
}
