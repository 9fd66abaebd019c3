internal import CLibMemcached

extension Pipeline {
    /// How many requests are in flight at a time.
    ///
    /// A call waits for its reply only if the network is slower than sending this many.
    private static var ahead: Int { 64 }

    /// Sends requests of a command that the library can't buffer, each of which reads a reply before it returns.
    ///
    /// The reply need not be its own, since replies come in the order of the requests. So some deletes of the probe
    /// key, which can be buffered, are sent first; the first requests read the replies to these, and each later one
    /// reads the reply to the request that many places before it. The replies to the last ones are then fetched.
    mutating func sendUnbuffered(_ part: (position: Int, indices: ArraySlice<Int>), _ send: Send) {
        guard let first = part.indices.first else { return }
        var batch = Batch(to: part.position, of: handle, size: part.indices.count)
        // At least one, because a delete gives the best reason why there is no connection (hazard 57).
        let ahead = max(1, min(Self.ahead, part.indices.count - 1))
        unsafe handle.pointer.pointee.flags.buffer_requests = true
        for count in 0..<ahead where !batch.hasFailed {
            let code = keys.withKey(first) { _, routing in
                Handle.probeKey.withRawSpan { handle.sendDelete($0, routing) }
            }
            if code != MEMCACHED_BUFFERED {
                fail(&batch, code)
            } else if batch.pending != count + 1 {
                abandon(&batch)
            }
        }
        unsafe handle.pointer.pointee.flags.buffer_requests = false

        for index in part.indices where !batch.hasFailed {
            let code = send(index)
            if code == Self.notSent {
                status[index] = MEMCACHED_E2BIG
                continue
            }
            // One request sent, one reply read.
            let isInOrder = batch.pending == ahead && !hasMoved(index, from: batch)
            batch.queue.append(index)
            let answered = batch.queue.count - 1 - ahead
            if Self.isVerdict(code) {
                guard isInOrder else { return abandon(&batch) }
                if answered >= 0 { status[batch.queue[answered]] = code }
            } else {
                if answered >= 0, isFullServer(code) { status[batch.queue[answered]] = code }
                fail(&batch, code)
            }
        }
        if batch.hasFailed { return }
        // So many values were too large that replies to the probe deletes are still to come.
        if batch.queue.count < ahead { return abandon(&batch) }
        batch.answered = batch.queue.count - ahead
        var batches = [batch]
        drain(&batches)
    }
}
