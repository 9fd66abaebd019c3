// Which servers there are connections to: libmemcached does not tell.

extension Handle {
    /// Notes that the present call asks a server; if no call has asked it yet, this one makes the connection.
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
        needsSettling = true
    }

    /// Notes that a server has answered on the connection that the present call has made.
    func noteAnswer(_ position: Int) { if !connecting.isEmpty { connecting.remove(position) } }

    /// Whether the present request to a server was the first one on its connection, as far as is known.
    func isFirst(at position: Int) -> Bool {
        (connecting.contains(position) || unasked.contains(position)) && !probed.contains(position)
    }

    /// Notes that all connections have been closed.
    func forgetConnections() {
        if let text {
            text.close()
            // Another one may have taken a server's place unnoticed.
            text.noteUndetected(Set(servers.indices))
            for position in servers.indices where stalls.hasJustTimedOut(position) { text.noteTimeout(position) }
        }
        probed.removeAll(keepingCapacity: true)
        connecting.removeAll(keepingCapacity: true)
        unasked = Set(servers.indices)
        needsSettling = true
    }
}
