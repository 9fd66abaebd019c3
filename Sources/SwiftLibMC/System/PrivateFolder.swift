internal import CPlatform

/// Why the system did not do something.
package struct SystemFailure: Error {
    /// What, and in the system's words why not.
    package let reason: String
    package let errno: CInt

    init(_ call: String, _ errno: CInt) {
        reason = "\(call): \(Self.words(for: errno))"
        self.errno = errno
    }

    /// The system's words for a number.
    package static func words(for errno: CInt) -> String { StreamSocket.reason(errno) }
}

/// A new folder that only the process's user can open, for unix sockets.
///
/// It goes with the object, together with its sockets, unless the process ends before.
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
        // Nobody else may read, write or enter it.
        guard
            unsafe template.withUnsafeMutableBufferPointer({ unsafe $0.baseAddress.map { unsafe mkdtemp($0) } }) != nil
        else {
            throw SystemFailure("mkdtemp", CPlatform.swiftlibmc_errno())
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        // A forked child has a copy of this object, but the folder is its parent's.
        if getpid() == owner { unsafe rmdir(path) }
    }

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
        return descriptor
    }

    /// Removes a socket's name, so that no more clients find it.
    package func remove(_ name: String) {
        if getpid() == owner { unsafe unlink("\(path)/\(name)") }
    }
}
