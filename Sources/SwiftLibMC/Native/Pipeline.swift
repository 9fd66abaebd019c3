internal import CLibMemcached

/// Many writes in the binary protocol without a round trip each, with the exact status of every key.
///
/// The library can buffer two commands, set and delete. A *batch* is a run of requests to one server of which all but
/// the last are buffered; the last one sends them and reads one reply, that of the first. The other replies are then
/// fetched one by one, and each is attributed by checking which server owes one less (hazards 1–14). Sets go to all
/// servers side by side; deletes to one at a time, since a single fetch may consume several "not found" replies.
///
/// The other commands always read a reply before they return. `Pipeline+Unbuffered` has them read an older one.
@safe
struct Pipeline {
    /// What to send.
    enum Command {
        case set, delete
        /// A command that the library can't buffer: add, replace, touch.
        case unbuffered
    }

    /// Sends the request of one key; the library may buffer it.
    typealias Send = (Int) -> memcached_return_t

    /// No reply was seen: neither done nor failed, as far as is known.
    static var unknown: memcached_return_t { MEMCACHED_MAXIMUM_RETURN }

    /// What ``Send`` returns for a value that is too large for the library, so that no request was made.
    static var notSent: memcached_return_t { MEMCACHED_KEY_TOO_BIG }

    /// More unread replies than this may block both sides of a unix socket forever.
    static let largestBatch = 200

    let handle: Handle
    let command: Command
    let keys: KeyList
    /// The errors of servers whose keys are not all done; not final, see `Handle.concluding`.
    var failures: [Int: MemcachedError] = [:]
    /// The status of each key.
    var status: [memcached_return_t]

    /// The requests in flight to one server.
    @safe
    struct Batch {
        let position: Int
        let server: OpaquePointer?
        /// Keys in the order of their requests.
        var queue: [Int] = []
        /// How many of them have been answered.
        var answered = 0
        /// How many replies the server owed when last looked at.
        var owed = 0
        /// Whether something went wrong: then no more is sent, and unanswered keys stay unknown.
        var hasFailed = false
        /// Whether a request went to another server or was not sent.
        var isOutOfStep = false

        init(to position: Int, of handle: Handle, size: Int) {
            self.position = position
            unsafe server = handle.instance(position)
            queue.reserveCapacity(size)
        }

        /// How many replies the server owes now.
        @inline(__always)
        var pending: Int { unsafe Int(memcached_server_response_count(server)) }
    }

    init(_ command: Command, _ keys: KeyList, on handle: Handle) {
        self.handle = handle
        self.command = command
        self.keys = keys
        status = Array(repeating: Self.unknown, count: keys.count)
    }

    /// Sends the requests of `groups` (keys by server) in batches of bounded size, and reads all replies.
    ///
    /// Keys whose status stays ``unknown`` were in flight when a connection broke.
    mutating func run(_ groups: [(position: Int, indices: [Int])], _ send: Send) {
        var rest = groups.map { (position: $0.position, indices: $0.indices[...]) }
        var size = Self.largestBatch
        var isFirstWave = true
        while !rest.isEmpty {
            let width = command == .set ? rest.count : 1
            var wave: [(position: Int, indices: ArraySlice<Int>)] = []
            for place in 0..<width {
                wave.append((rest[place].position, rest[place].indices.prefix(size)))
                rest[place].indices = rest[place].indices.dropFirst(size)
            }
            if handle.isOverdue {
                for part in rest where failures[part.position] == nil {
                    failures[part.position] = handle.overdue(keys.operation, at: part.position)
                }
                return
            }
            if !isFirstWave { handle.settleBefore() }
            isFirstWave = false
            handle.ask(wave.map(\.position))
            var isDone = false
            if command == .unbuffered { sendUnbuffered(wave[0], send) } else { isDone = sendBatches(wave, send) }
            if handle.hasPendingReplies { handle.disconnect() }

            var memoryIsFull = false
            for (place, part) in wave.enumerated().reversed() {
                let lost = isDone ? [] : part.indices.filter { status[$0] == Self.unknown }
                let refused = !isDone && part.indices.contains { status[$0] == MEMCACHED_MEMORY_ALLOCATION_FAILURE }
                memoryIsFull = memoryIsFull || refused
                if command == .set, refused {
                    // A full server closes the connection at each refusal, and the rest of the batch is lost (hazard
                    // 8). These keys are sent again, a few at a time.
                    rest[place].indices = lost + rest[place].indices
                } else if !lost.isEmpty {
                    // The server has failed; keys that were not sent yet are left to the caller, too.
                    rest[place].indices = []
                }
                if rest[place].indices.isEmpty { rest.remove(at: place) }
            }
            size = memoryIsFull ? 4 : min(size * 2, Self.largestBatch)
        }
    }

    /// Clears the failures before another attempt.
    mutating func forgetFailures() { failures.removeAll() }

    /// Sends one batch to each server and reads the replies; true if there was one for each key, without a failure.
    private mutating func sendBatches(_ wave: [(position: Int, indices: ArraySlice<Int>)], _ send: Send) -> Bool {
        var batches = wave.map { Batch(to: $0.position, of: handle, size: $0.indices.count) }
        unsafe handle.pointer.pointee.flags.buffer_requests = true
        for (place, part) in wave.enumerated() {
            for index in part.indices.dropLast() where !batches[place].hasFailed {
                buffer(index, &batches[place], send)
            }
        }
        // Not `memcached_flush_buffers`, which sends a half-sent buffer twice after a time-out (hazard 4).
        unsafe handle.pointer.pointee.flags.buffer_requests = false
        for (place, part) in wave.enumerated() where !batches[place].hasFailed {
            if let last = part.indices.last { sendLast(last, &batches[place], send) }
        }
        if batches.contains(where: \.isOutOfStep) {
            // A request of one batch was sent among those of another, or to a server whose replies are not read.
            for place in batches.indices { fail(&batches[place], MEMCACHED_CONNECTION_FAILURE) }
        } else {
            drain(&batches)
        }
        return zip(batches, wave).allSatisfy { !$0.hasFailed && $0.answered == $1.indices.count }
    }

    // MARK: - Sending

    private mutating func buffer(_ index: Int, _ batch: inout Batch, _ send: Send) {
        let code = send(index)
        if code == Self.notSent { return status[index] = MEMCACHED_E2BIG }
        batch.queue.append(index)
        if code != MEMCACHED_BUFFERED {
            fail(&batch, code)
        } else if batch.pending != batch.queue.count || hasMoved(index, from: batch) {
            abandon(&batch)
        }
    }

    private mutating func sendLast(_ index: Int, _ batch: inout Batch, _ send: Send) {
        let code = send(index)
        if code == Self.notSent {
            status[index] = MEMCACHED_E2BIG
            // The buffered requests have not been sent, and are sent again.
            return batch.queue.isEmpty ? () : abandon(&batch)
        }
        let isInOrder = batch.pending == batch.queue.count && !hasMoved(index, from: batch)
        batch.queue.append(index)
        if Self.isVerdict(code) {
            guard isInOrder else { return abandon(&batch) }
            // What has been read is the reply to the first request.
            status[batch.queue[0]] = code
            batch.answered = 1
        } else {
            // A full server's refusal is a reply, too, after which the library closes the connection.
            if isFullServer(code) { status[batch.queue[0]] = code }
            fail(&batch, code)
        }
    }

    /// Whether a request has gone to another server than its batch, because libmemcached has just begun or ceased to
    /// leave out a server.
    func hasMoved(_ index: Int, from batch: Batch) -> Bool {
        guard handle.traits.ejectsServers else { return false }
        return keys.withKey(index) { _, routing in handle.position(of: routing) } != batch.position
    }

    /// Gives up a batch of which a request did not go where it should.
    mutating func abandon(_ batch: inout Batch) {
        batch.isOutOfStep = true
        fail(&batch, MEMCACHED_CONNECTION_FAILURE)
    }

    /// Gives up a batch: keys without a reply stay unknown.
    ///
    /// Replies that still come for it are read and dropped with those of the other batches.
    mutating func fail(_ batch: inout Batch, _ code: memcached_return_t) {
        batch.hasFailed = true
        if batch.answered > 0 { handle.noteAnswer(batch.position) }
        if command == .set, isFullServer(code) {
            handle.probed.remove(batch.position)
        } else if failures[batch.position] == nil {
            var failure = handle.failure(
                handle.mostAccurate(code),
                keys.operation,
                at: batch.position,
                isWrite: true,
                isFinal: false
            )
            // Requests sent before it failed to reconnect may have been carried out.
            if batch.queue.count > 1 { failure.isOutcomeUnknown = true }
            failures[batch.position] = failure
        }
    }

    /// Whether a code is the reply of a server without memory, and not its reply to a value that is too long.
    func isFullServer(_ code: memcached_return_t) -> Bool {
        code == MEMCACHED_MEMORY_ALLOCATION_FAILURE && !handle.valueLimit.hasRefused
    }

    /// Whether a code is a server's reply about one item, after which the connection remains usable.
    static func isVerdict(_ code: memcached_return_t) -> Bool {
        switch code {
        case MEMCACHED_SUCCESS, MEMCACHED_NOTFOUND, MEMCACHED_E2BIG, MEMCACHED_NOTSTORED, MEMCACHED_DATA_EXISTS: true
        default: false
        }
    }

    // MARK: - Replies

    /// Reads replies until none is owed.
    mutating func drain(_ batches: inout [Batch]) {
        if batches.count == 1 { return drain(&batches[0]) }
        for place in batches.indices { batches[place].owed = batches[place].pending }
        while batches.contains(where: { $0.owed > 0 }) {
            var (isSuccess, code) = fetch()
            var changed = 0
            var last = 0
            for place in batches.indices where batches[place].pending != batches[place].owed {
                changed += 1
                last = place
            }
            if changed == 1 {
                if !attribute(isSuccess, code, to: &batches[last]) { fail(&batches[last], code) }
            } else {
                // Nothing arrived within the time-out; or a connection broke, and another one's reply was read in the
                // same call, so that it can't be told whose it was.
                if changed == 0 { code = MEMCACHED_TIMEOUT }
                for place in batches.indices where batches[place].owed > 0 {
                    let owed = batches[place].pending
                    if changed == 0 || owed != batches[place].owed { fail(&batches[place], code) }
                }
                if changed == 0 { return }
            }
            for place in batches.indices { batches[place].owed = batches[place].pending }
        }
    }

    /// The same for a single server.
    private mutating func drain(_ batch: inout Batch) {
        batch.owed = batch.pending
        while batch.owed > 0 {
            let (isSuccess, code) = fetch()
            let owed = batch.pending
            // Nothing arrived within the time-out.
            if owed == batch.owed { return fail(&batch, MEMCACHED_TIMEOUT) }
            if _fastPath(isSuccess && owed == batch.owed - 1 && !batch.hasFailed),
                batch.answered < batch.queue.count
            {
                status[batch.queue[batch.answered]] = MEMCACHED_SUCCESS
                batch.answered += 1
            } else if !attribute(isSuccess, code, to: &batch) {
                fail(&batch, code)
            }
            batch.owed = batch.pending
        }
    }

    /// Reads one reply, or more if they are "not found".
    @inline(__always)
    private func fetch() -> (isSuccess: Bool, code: memcached_return_t) {
        var code = MEMCACHED_SUCCESS
        // Without a count the real code would be replaced by "not found" (hazard 6).
        unsafe handle.pointer.pointee.result.count = 1
        let result = unsafe memcached_fetch_result(handle.pointer, &handle.pointer.pointee.result, &code)
        return (unsafe result != nil, code)
    }

    /// Notes the replies that one fetch consumed; false if the batch has to be given up.
    private mutating func attribute(
        _ isSuccess: Bool,
        _ code: memcached_return_t,
        to batch: inout Batch
    ) -> Bool {
        if batch.hasFailed { return true }
        let consumed = batch.owed - batch.pending
        guard consumed > 0, batch.answered + consumed <= batch.queue.count else { return false }
        func note(_ code: memcached_return_t) {
            status[batch.queue[batch.answered]] = code
            batch.answered += 1
        }
        switch code {
        case _ where isSuccess, MEMCACHED_E2BIG, MEMCACHED_NOTSTORED, MEMCACHED_DATA_EXISTS:
            // A fetch skips "not found" and continues with the next reply.
            for _ in 1..<consumed { note(MEMCACHED_NOTFOUND) }
            note(isSuccess ? MEMCACHED_SUCCESS : code)
            return true
        case MEMCACHED_END, MEMCACHED_NOTFOUND:
            for _ in 0..<consumed { note(MEMCACHED_NOTFOUND) }
            return true
        case _ where command == .set && isFullServer(code):
            note(code)
            return false
        default:
            return false
        }
    }
}
