internal import CLibMemcached
internal import CPlatform

extension OwnSocket {
    /// What is known about a library object's connection to a server, on the thread that uses the object.
    enum Kept {
        /// There is no connection.
        case none
        case open(Condition)
        /// Nothing certain is known.
        case unknown
    }

    /// The connection that libmemcached has kept to a server, between two of the library's calls.
    static func kept(in instance: OpaquePointer?, to server: Server) -> Kept {
        if case .udp = server.endpoint { return .unknown }
        guard let descriptor = unsafe descriptor(in: instance) else { return .unknown }
        return descriptor >= 0 ? .open(condition(of: descriptor)) : .none
    }

    /// The connection that libmemcached has to a server now; nil if there is none, or none that is certain.
    ///
    /// This may be called while another thread is in a call of the library; the result is then the connection of that
    /// moment. A TCP connection that is still being made has no peer.
    static func present(in instance: OpaquePointer?, to server: Server) -> OwnSocket? {
        switch server.endpoint {
        case .udp: return nil
        case .tcp(_, let port):
            let localPort = unsafe memcached_server_srcport(instance)
            guard localPort != 0, localPort != .max else { return nil }
            let remotePort = UInt16(truncatingIfNeeded: port)
            if let copy = unsafe copy(in: instance),
                unsafe Self.port(of: copy.descriptor, getsockname) == localPort,
                unsafe Self.port(of: copy.descriptor, getpeername) ?? remotePort == remotePort
            {
                return copy
            }
            return find(localPort: localPort, remotePort: remotePort)
        case .unix(let path):
            guard let copy = unsafe copy(in: instance), copy.leads(toPath: path) else { return nil }
            return copy
        }
    }

    /// A duplicate of the library's open socket, made while the library had it open.
    ///
    /// If the library has just closed one and not recorded that yet, the number may already belong to another
    /// connection; so the caller has to check the peer.
    private static func copy(in instance: OpaquePointer?) -> OwnSocket? {
        guard let descriptor = unsafe descriptor(in: instance), descriptor >= 0,
            let copy = OwnSocket(duplicating: descriptor), unsafe Self.descriptor(in: instance) == descriptor
        else { return nil }
        return copy
    }

    /// The number that the library keeps of its socket, -1 for none; nil if it can't be known.
    ///
    /// The place of the number is private to the library, and the same in all versions 1.1; so the number only counts
    /// if the server's port is where it should be.
    private static func descriptor(in instance: OpaquePointer?) -> CInt? {
        guard Library.isKnown, MemoryLayout<Int>.size == 8, let instance = unsafe instance else {
            return nil
        }
        let start = unsafe UnsafeRawPointer(instance)
        guard unsafe start.load(fromByteOffset: 16, as: in_port_t.self) == memcached_server_port(instance) else {
            return nil
        }
        return unsafe start.load(fromByteOffset: 20, as: CInt.self)
    }
}
