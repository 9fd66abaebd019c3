internal import CPlatform

/// A failure of the system.
package struct SystemFailure: Error {
    /// The failed call, and the system's reason.
    package let reason: String
    package let errno: CInt

    init(_ call: String, _ errno: CInt) {
        reason = "\(call): \(Self.words(for: errno))"
        self.errno = errno
    }

    /// The system's text for an error number.
    package static func words(for errno: CInt) -> String { StreamSocket.reason(errno) }
}

/// A new folder that only the process's user can open, for unix sockets.
///
/// It is removed with its sockets when the object is freed or the process ends, unless the process is killed.
package final class PrivateFolder: Sendable {
    /// Where it is.
    package let path: String
    private let owner = getpid()

    /// Makes a folder in `TMPDIR`, or in `/tmp` if paths there are too long for sockets.
    package init() throws(SystemFailure) {
        let place = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? ""
        let name = "/swiftlibmc-XXXXXX"
        let isShort = place.utf8.starts(with: "/".utf8) && place.utf8.count + name.utf8.count <= 80
        var template = Array(((isShort ? place : "/tmp") + name).utf8CString)
        // No other user may read, write or enter it.
        let isMade = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.map { unsafe mkdtemp($0) != nil } ?? false
        }
        guard isMade else { throw SystemFailure("mkdtemp", CPlatform.swiftlibmc_errno()) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        Leftovers.add(path)
    }

    deinit { if isOurs { Leftovers.remove(path) } }

    /// Whether this is the process that made the folder, and not a forked child.
    package var isOurs: Bool { getpid() == owner }

    /// Opens a unix socket in the folder to which clients can connect from now on.
    ///
    /// - Returns: Its descriptor, which the caller has to close; it never blocks.
    package func listen(_ name: String, backlog: CInt) throws(SystemFailure) -> CInt {
        let path = "\(path)/\(name)"
        unsafe unlink(path)
        guard let address = SocketAddress.unix(path) else { throw SystemFailure("bind", ENAMETOOLONG) }
        let descriptor = swiftlibmc_make_socket(AF_UNIX)
        guard descriptor >= 0 else { throw SystemFailure("socket", CPlatform.swiftlibmc_errno()) }
        let isBound = unsafe address.bytes.withUnsafeBytes { bytes in
            unsafe bind(
                descriptor,
                bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                socklen_t(bytes.count)
            ) == 0
        }
        guard isBound, CPlatform.listen(descriptor, backlog) == 0 else {
            let failure = SystemFailure(isBound ? "listen" : "bind", CPlatform.swiftlibmc_errno())
            close(descriptor)
            throw failure
        }
        Leftovers.add(path, in: self.path)
        return descriptor
    }

    /// Removes a socket's name, so that no more clients find it.
    package func remove(_ name: String) { if isOurs { Leftovers.remove("\(path)/\(name)", in: path) } }
}

/// The existing folders, with their sockets, which are removed at the end of the process.
private enum Leftovers {
    private static let folders = Monitor<[String: Set<String>]>([:])
    private static let process = getpid()
    /// Done once.
    private static let atEnd: Void = {
        _ = process
        atexit {
            guard getpid() == Leftovers.process else { return }
            for folder in Leftovers.folders.withLock({ Array($0.keys) }) { Leftovers.remove(folder) }
        }
    }()

    static func add(_ folder: String) {
        atEnd
        folders.withLock { $0[folder] = [] }
    }

    static func add(_ socket: String, in folder: String) { folders.withLock { _ = $0[folder]?.insert(socket) } }

    static func remove(_ socket: String, in folder: String) {
        unsafe unlink(socket)
        folders.withLock { _ = $0[folder]?.remove(socket) }
    }

    static func remove(_ folder: String) {
        let sockets = folders.withLock { $0.removeValue(forKey: folder) ?? [] }
        for socket in sockets { unsafe unlink(socket) }
        unsafe rmdir(folder)
    }
}
