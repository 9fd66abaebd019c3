// Which servers there are connections to: libmemcached keeps that to itself.

extension Handle {
    /// Notes that the present call asks a server; nobody has yet, if the call makes the connection.
    @inline(__always)
    func ask(_ position: Int) { if _slowPath(!unasked.isEmpty), unasked.contains(position) { noteAsked([position]) } }

    /// The same for servers that are asked together.
    @inline(__always)
    func ask(_ positions: @autoclosure () -> [Int]) { if _slowPath(!unasked.isEmpty) { noteAsked(positions()) } }

    @inline(never)
    private func noteAsked(_ positions: [Int]) {
        let new = positions.filter { unasked.remove($0) != nil }
        guard !new.isEmpty else { return }
        noteTunnels(new)
        connecting.formUnion(new)
        needsCare = true
        if watchesUnixSockets { startWatch(new) }
    }

    /// Notes that a server has answered on the connection that the present call has made.
    func noteAnswer(_ position: Int) { if !connecting.isEmpty { connecting.remove(position) } }

    /// Whether the present request to a server was the first one on its connection, as far as is known.
    func isFirst(at position: Int) -> Bool {
        (connecting.contains(position) || unasked.contains(position)) && !probed.contains(position)
    }

    /// Notes that all connections have been closed.
    func forgetConnections() {
        forgetSockets()
        text?.close()
        probed.removeAll(keepingCapacity: true)
        connecting.removeAll(keepingCapacity: true)
        unasked = Set(servers.indices)
        needsCare = true
    }

    // MARK: - Finding the sockets

    /// Lets go of the connections, which are about to be closed.
    func forgetSockets() {
        watch = nil
        if !ownSockets.isEmpty { ownSockets.removeAll(keepingCapacity: true) }
    }

    /// Looks which connections to unix sockets there are before those to these servers are made, now and from now on.
    func startWatch(_ positions: [Int]) {
        watchesUnixSockets = true
        endWatch()
        let positions = positions.filter { if case .unix = servers[$0].endpoint { true } else { false } }
        if !positions.isEmpty { watch = SocketWatch(servers: positions, before: Set(UnixConnection.all.map(\.number))) }
    }

    /// Finds the connections that have been made since.
    ///
    /// They are known by the path that the server has given its socket, if we find the same there; else the only new
    /// connection is the one.
    func endWatch() {
        guard let watch else { return }
        self.watch = nil
        var new = UnixConnection.all.filter { !watch.before.contains($0.number) }
        var rest: [Int] = []
        for position in watch.servers {
            guard case .unix(let path) = servers[position].endpoint else { continue }
            let same = new.filter { $0.leads(to: path) }
            if same.count == 1 {
                ownSockets[position] = OwnSocket(duplicating: same[0].descriptor, localPort: 0)
                new.removeAll { $0.number == same[0].number }
            } else if same.isEmpty {
                rest.append(position)
            }
        }
        guard rest.count == 1, new.count == 1 else { return }
        ownSockets[rest[0]] = OwnSocket(duplicating: new[0].descriptor, localPort: 0)
    }
}

/// Connections to unix sockets that are about to be made.
struct SocketWatch {
    /// The servers that they will lead to.
    let servers: [Int]
    /// The system's numbers of those that were there before.
    let before: Set<UInt64>
}
