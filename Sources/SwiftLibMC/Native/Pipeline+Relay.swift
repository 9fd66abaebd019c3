internal import CLibMemcached

extension Pipeline {
    /// How many requests are under way at a time.
    ///
    /// A call waits for its reply only where the network is slower than the sending of so many.
    private static var lead: Int { 64 }

    /// Sends requests of a command that the library can't buffer, each of which reads one reply before it returns.
    ///
    /// That need not be its own: replies come in the order of the requests. So some deletes of nobody's key, which can
    /// be buffered, go ahead; the first requests read their replies, and each later one that of a request so many
    /// before it. The replies to the last ones are then fetched.
    mutating func relay(_ part: (position: Int, indices: ArraySlice<Int>), _ send: Send) {
        guard let first = part.indices.first else { return }
        var flight = Flight(to: part.position, of: handle, size: part.indices.count)
        // One at least, because a delete tells best why there is no connection (hazard 57).
        let lead = max(1, min(Self.lead, part.indices.count - 1))
        unsafe handle.pointer.pointee.flags.buffer_requests = true
        for count in 0..<lead where !flight.hasCrashed {
            let code = keys.withKey(first) { _, routing in
                Handle.nobodysKey.withRawSpan { handle.sendDelete($0, routing) }
            }
            if code != MEMCACHED_BUFFERED {
                crash(&flight, code)
            } else if flight.pending != count + 1 {
                stray(&flight)
            }
        }
        unsafe handle.pointer.pointee.flags.buffer_requests = false

        for index in part.indices where !flight.hasCrashed {
            let code = send(index)
            if code == Self.notSent {
                status[index] = MEMCACHED_E2BIG
                continue
            }
            // One out, one in.
            let isInOrder = flight.pending == lead && !hasMoved(index, from: flight)
            flight.queue.append(index)
            let answered = flight.queue.count - 1 - lead
            if Self.isVerdict(code) {
                guard isInOrder else { return stray(&flight) }
                if answered >= 0 { status[flight.queue[answered]] = code }
            } else {
                if answered >= 0, code == MEMCACHED_MEMORY_ALLOCATION_FAILURE {
                    status[flight.queue[answered]] = code
                }
                crash(&flight, code)
            }
        }
        if flight.hasCrashed { return }
        // So many values were too large that replies to our own deletes are still to come.
        if flight.queue.count < lead { return stray(&flight) }
        flight.answered = flight.queue.count - lead
        var flights = [flight]
        land(&flights)
    }
}
