internal import CPlatform

/// An address that a socket can be connected to.
@safe
struct SocketAddress: Hashable, Sendable {
    let family: CInt
    /// One of the system's structures, such as `sockaddr_in`.
    let bytes: [UInt8]

    /// Why a host has no address, in the system's text.
    struct LookupFailure: Error {
        let reason: String
        let errno: CInt?
    }

    /// The addresses of a host, in the order in which to try them.
    ///
    /// The system decides how long it takes; see ``HostLookup``. No name server is asked if the host has to be a
    /// numeric address.
    static func resolving(
        _ host: String,
        _ port: Int,
        onlyNumbers: Bool = false
    ) throws(LookupFailure) -> [SocketAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = swiftlibmc_stream
        if onlyNumbers { unsafe hints.ai_flags = AI_NUMERICHOST }
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, "\(port)", &hints, &list)
        guard code == 0 else {
            let number = code == EAI_SYSTEM ? errno : nil
            throw LookupFailure(reason: unsafe String(cString: gai_strerror(code)), errno: number)
        }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = unsafe list
        while let entry = unsafe next {
            let bytes = unsafe UnsafeRawBufferPointer(
                start: entry.pointee.ai_addr,
                count: Int(entry.pointee.ai_addrlen)
            )
            addresses.append(SocketAddress(family: unsafe entry.pointee.ai_family, bytes: unsafe Array(bytes)))
            unsafe next = unsafe entry.pointee.ai_next
        }
        return addresses
    }

    /// The address of a unix socket; nil if the path is too long.
    static func unix(_ path: String) -> SocketAddress? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let fits = unsafe withUnsafeMutableBytes(of: &address.sun_path) { field in
            guard path.utf8.count < field.count else { return false }
            unsafe field.copyBytes(from: path.utf8)
            return true
        }
        guard fits else { return nil }
        return SocketAddress(family: AF_UNIX, bytes: unsafe withUnsafeBytes(of: &address) { unsafe Array($0) })
    }
}
