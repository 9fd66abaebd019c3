internal import CLibMemcached

// Checking a kept connection before a request that can't be repeated.
//
// A server closes idle connections, and all of them when it is restarted. libmemcached notices when it next reads a
// reply: too late for a request without one, and the outcome of any other is then unknown.

extension Handle {
    /// Makes sure that the connection to the server of `routing`, if there is one, is alive: if the server has closed
    /// it, all are closed, and the request makes new ones.
    ///
    /// It costs a system call. Where nothing certain is known of the connection, and over UDP, the request is sent
    /// without this check.
    ///
    /// If the request is to have no reply (`isQuiet`), another one that has goes before it on a new connection: a
    /// server that takes no more connections, or wants credentials, hangs up, and the caller would not notice.
    func look(
        _ routing: RawSpan,
        _ operation: Operation,
        _ key: @autoclosure () -> String?,
        isQuiet: Bool = false
    ) throws(MemcachedError) {
        if traits.usesUDP { return }
        forgetFailedConnection()
        let position = position(of: routing)
        let isKept = try look(at: position, routing, operation, key())
        if isQuiet, !isKept { try probe(routing, operation, key: key()) }
        ask(position)
    }

    /// The same for each server of a call with many keys; leaves out those that can't be reached.
    func look(
        at groups: [(position: Int, indices: [Int])],
        of keys: KeyList,
        leavingOut failures: inout [Int: MemcachedError]
    ) -> [(position: Int, indices: [Int])] {
        forgetFailedConnection()
        return groups.filter { group in
            do throws(MemcachedError) {
                _ = try keys.withKey(group.indices[0]) { key, routing throws(MemcachedError) in
                    try look(at: group.position, routing, keys.operation, key.text)
                }
                return true
            } catch {
                failures[group.position] = error
                return false
            }
        }
    }

    /// False if there is no connection yet.
    @inline(never)
    private func look(
        at position: Int,
        _ routing: RawSpan,
        _ operation: Operation,
        _ key: @autoclosure () -> String?
    ) throws(MemcachedError) -> Bool {
        let condition: OwnSocket.Condition
        switch unsafe OwnSocket.kept(in: instance(position), to: servers[position]) {
        case .unknown: return true
        case .none:
            probed.remove(position)
            unasked.insert(position)
            needsSettling = true
            return false
        case .open(let present): condition = present
        }
        switch condition {
        case .idle: return true
        case .readable where expectsData(position): return true
        case .readable, .closed:
            disconnect()
            settle()
            noteBreak(position)
            if let refusal = refusalOfTextServer(position, operation) { throw refusal }
            // Perhaps it hangs up each time, and a request without a reply would never notice.
            try probe(routing, operation, key: key())
            return true
        }
    }

    /// Whether there may be something to read although no call waits for a reply.
    private func expectsData(_ position: Int) -> Bool {
        // In the ASCII protocol the `END` after a hit; in the binary one refusals of quiet requests.
        traits.isBinary ? quietWrites[position, default: 0] > 0 : pendingReplies(position) > 0
    }
}
