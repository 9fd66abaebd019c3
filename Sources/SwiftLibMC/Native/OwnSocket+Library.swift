internal import CLibMemcached
internal import CPlatform

extension OwnSocket {
    /// What the thread that uses a library object finds of its connection to a server.
    enum Kept {
        /// There is no connection.
        case none
        case open(Condition)
        /// Nothing certain is known.
        case unknown
    }

    /// The connection that libmemcached has kept to a server, between two calls of the library's.
    static func kept(in instance: OpaquePointer?, to server: Server) -> Kept {
        if case .udp = server.endpoint { return .unknown }
        guard let descriptor = unsafe descriptor(in: instance) else { return .unknown }
        return descriptor >= 0 ? .open(condition(of: descriptor)) : .none
    }

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

    /// A duplicate of the socket that the library has open, and had open before and after.
    ///
    /// If it has just closed one and not noted that yet, the number may mean another connection already; so whoever gets
    /// it looks where it leads.
    private static func copy(in instance: OpaquePointer?) -> OwnSocket? {
        guard let descriptor = unsafe descriptor(in: instance), descriptor >= 0,
            let copy = OwnSocket(duplicating: descriptor), unsafe Self.descriptor(in: instance) == descriptor
        else { return nil }
        return copy
    }

    /// The number that the library keeps of its socket, -1 for none; nil if it can't be known.
    ///
    /// Where it keeps it is private to the library, and the same in all its versions 1.1; so it only counts if the
    /// server's port is where it should be.
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
