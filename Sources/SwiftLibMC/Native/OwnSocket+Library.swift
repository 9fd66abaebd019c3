internal import CLibMemcached
internal import CPlatform

extension OwnSocket {
    /// The connection that libmemcached has to a server now; nil if there is none, or none that is certain.
    ///
    /// It may be asked while another thread is in a call of the library's; what it finds is then the connection of that
    /// moment. A TCP connection that is still being made has no peer.
    static func present(in instance: OpaquePointer?, to server: Server) -> OwnSocket? {
        switch server.endpoint {
        case .udp: return nil
        case .tcp(_, let port):
            let localPort = unsafe memcached_server_srcport(instance)
            guard localPort != 0, localPort != .max else { return nil }
            let remotePort = UInt16(truncatingIfNeeded: port)
            if let descriptor = unsafe descriptor(in: instance),
                let copy = OwnSocket(duplicating: descriptor, localPort: localPort),
                unsafe Self.port(of: copy.descriptor, getsockname) == localPort,
                unsafe Self.port(of: copy.descriptor, getpeername) ?? remotePort == remotePort
            {
                return copy
            }
            return find(localPort: localPort, remotePort: remotePort)
        case .unix(let path):
            guard let descriptor = unsafe descriptor(in: instance),
                let copy = OwnSocket(duplicating: descriptor, localPort: 0), copy.leads(toPath: path)
            else { return nil }
            return copy
        }
    }

    /// The number that the library keeps of its socket.
    ///
    /// Where it keeps it is private to the library, and the same in all its versions 1.1; so it only counts if the
    /// server's port is where it should be, and what is found is looked at.
    private static func descriptor(in instance: OpaquePointer?) -> CInt? {
        guard Library.isKnown, MemoryLayout<Int>.size == 8, let instance = unsafe instance else {
            return nil
        }
        let start = unsafe UnsafeRawPointer(instance)
        guard unsafe start.load(fromByteOffset: 16, as: in_port_t.self) == memcached_server_port(instance) else {
            return nil
        }
        let descriptor = unsafe start.load(fromByteOffset: 20, as: CInt.self)
        return descriptor >= 0 ? descriptor : nil
    }
}
