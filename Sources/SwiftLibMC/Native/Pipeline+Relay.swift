internal import CLibMemcached

extension Pipeline {
    /// How many requests are under way at a time.
    ///
    /// A call waits for its reply only where the network is slower than the sending of so many.
    private static var lead: Int { 64 }

    /// Sends requests of a command that the library can't buffer, each of which reads one reply before it returns.
    ///
    /// That need not be its own: replies come in the order of the requests. So some deletes of nobody's key, which can be
    /// buffered, go ahead; the first requests read their replies, and each later one that of a request so many before it.
    /// The replies to the last ones are then fetched.
    mutating func relay(_ part: (position: Int, indices: ArraySlice<Int>), _ prime: Send, _ send: Send) {
        guard let first = part.indices.first else { return }
        handle.settle()
        var flight = Flight(position: part.position, size: part.indices.count)
        let lead = min(Self.lead, part.indices.count - 1)
        unsafe handle.pointer.pointee.flags.buffer_requests = true
        for count in 0..<lead {
            let code = prime(first)
            guard code == MEMCACHED_BUFFERED, handle.pendingReplies(part.position) == count + 1 else {
                unsafe handle.pointer.pointee.flags.buffer_requests = false
                return crash(&flight, code)
            }
        }
        unsafe handle.pointer.pointee.flags.buffer_requests = false

        for index in part.indices {
            let code = send(index)
            flight.queue.append(index)
            let answered = flight.queue.count - 1 - lead
            if answered >= 0, Self.isVerdict(code) || code == MEMCACHED_MEMORY_ALLOCATION_FAILURE {
                status[flight.queue[answered]] = code
            }
            // One out, one in: a connection that owes another number of replies is a new one.
            guard Self.isVerdict(code), handle.pendingReplies(part.position) == lead else {
                return crash(&flight, code)
            }
        }
        flight.answered = flight.queue.count - lead
        var flights = [flight]
        land(&flights)
        if handle.hasPendingReplies { handle.disconnect() }
    }
}
