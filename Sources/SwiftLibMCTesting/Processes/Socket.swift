import Foundation

/// Where a test socket listens or connects to.
package enum Endpoint: Sendable, CustomStringConvertible {
    case tcp(port: Int)
    case unix(path: String)

    /// Reads `127.0.0.1:port` or a path.
    package init(_ address: String) throws(SystemError) {
        if address.hasPrefix("/") {
            self = .unix(path: address)
        } else if address.hasPrefix("127.0.0.1:"), let port = Int(address.dropFirst("127.0.0.1:".count)) {
            self = .tcp(port: port)
        } else {
            throw SystemError("not a test address: \(address)")
        }
    }

    package var description: String {
        switch self {
        case .tcp(let port): "127.0.0.1:\(port)"
        case .unix(let path): path
        }
    }

    /// A non-blocking stream socket of the right family.
    fileprivate func makeSocket() throws(SystemError) -> Descriptor {
        let family =
            switch self {
            case .tcp: AF_INET
            case .unix: AF_UNIX
            }
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        return Descriptor(try check("socket") { socket(family, type, 0) })
    }

    /// Lends the address as a C structure.
    fileprivate func withAddress(_ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt) -> CInt {
        switch self {
        case .tcp(let port):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
            return unsafe lend(&address, to: body)
        case .unix(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            unsafe withUnsafeMutableBytes(of: &address.sun_path) { field in
                precondition(path.utf8.count < field.count, "too long for a unix socket: \(path)")
                unsafe field.copyBytes(from: path.utf8)
            }
            return unsafe lend(&address, to: body)
        }
    }

    private func lend<Address>(
        _ address: inout Address,
        to body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) -> CInt {
        unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { rebound in
                unsafe body(rebound, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }
}

extension Descriptor {
    /// A socket bound to the endpoint that does not listen: a connection to it is refused.
    ///
    /// Port 0 means any free one.
    package static func bound(to endpoint: Endpoint, sharing: Bool = false) throws(SystemError) -> Descriptor {
        let descriptor = try endpoint.makeSocket()
        if sharing {
            var yes: CInt = 1
            let size = socklen_t(MemoryLayout<CInt>.size)
            unsafe setsockopt(descriptor.rawValue, SOL_SOCKET, SO_REUSEADDR, &yes, size)
        }
        _ = try check("bind \(endpoint)") {
            unsafe endpoint.withAddress { address, length in unsafe bind(descriptor.rawValue, address, length) }
        }
        return descriptor
    }

    /// A socket that listens at the endpoint.
    package static func listening(at endpoint: Endpoint, backlog: CInt = 128) throws(SystemError) -> Descriptor {
        // Its address may still have connections of an earlier one that are being closed.
        let descriptor = try bound(to: endpoint, sharing: true)
        _ = try check("listen") { listen(descriptor.rawValue, backlog) }
        return descriptor
    }

    /// The port that the system chose.
    package func port() throws(SystemError) -> Int {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = try check("getsockname") {
            unsafe withUnsafeMutablePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { rebound in
                    unsafe getsockname(rawValue, rebound, &length)
                }
            }
        }
        return Int(in_port_t(bigEndian: address.sin_port))
    }

    /// The next waiting connection, nil if there is none.
    package func accepted() -> Descriptor? {
        let result = accept(rawValue, nil, nil)
        guard result >= 0 else { return nil }
        _ = fcntl(result, F_SETFD, FD_CLOEXEC)
        _ = fcntl(result, F_SETFL, O_NONBLOCK)
        return Descriptor(result)
    }

    /// A connection to the endpoint, nil if it cannot be made in time.
    package static func connected(to endpoint: Endpoint, until deadline: Deadline) throws(SystemError) -> Descriptor? {
        let descriptor = try endpoint.makeSocket()
        let result = unsafe endpoint.withAddress { address, length in
            unsafe connect(descriptor.rawValue, address, length)
        }
        if result == 0 { return descriptor }
        guard errno == EINPROGRESS || errno == EINTR else {
            throw SystemError(call: "connect \(endpoint)", code: errno)
        }
        guard try wait([(descriptor, POLLOUT)], until: deadline)[0] else { return nil }
        var code: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        _ = try check("getsockopt") {
            unsafe getsockopt(descriptor.rawValue, SOL_SOCKET, SO_ERROR, &code, &size)
        }
        guard code == 0 else { throw SystemError(call: "connect \(endpoint)", code: code) }
        return descriptor
    }

    /// Sends what the socket takes now and returns how much that was; nil when the other side has closed.
    package func send(_ bytes: ArraySlice<UInt8>) -> Int? {
        let count = unsafe bytes.withUnsafeBytes { buffer in
            unsafe Foundation.send(rawValue, buffer.baseAddress, buffer.count, CInt(MSG_NOSIGNAL))
        }
        if count >= 0 { return count }
        return errno == EAGAIN || errno == EINTR ? 0 : nil
    }

    /// Takes what has arrived, at most `limit` bytes: nil if nothing has, empty when the other side has closed or gone.
    package func receive(atMost limit: Int = 65536) -> [UInt8]? {
        var failed: CInt = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            let result = unsafe recv(rawValue, buffer.baseAddress, buffer.count, 0)
            count = max(result, 0)
            if result < 0 { failed = errno }
        }
        return failed == EAGAIN || failed == EINTR ? nil : bytes
    }

    /// Makes closing send a reset instead of an orderly end, whatever is still on its way.
    package func resetOnClose() {
        var value = linger(l_onoff: 1, l_linger: 0)
        let size = socklen_t(MemoryLayout<linger>.size)
        unsafe setsockopt(rawValue, SOL_SOCKET, SO_LINGER, &value, size)
    }
}
