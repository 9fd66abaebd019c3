internal import CLibMemcached

/// Many writes in the binary protocol without a round trip each, with the exact status of every key.
///
/// The library can buffer two commands, set and delete. A *flight* is a run of requests to one server of which all but
/// the last are buffered; the last one sends them off and reads one reply, that of the first. The other replies are
/// then fetched one by one, and each is attributed by looking which server owes one less (hazards 1–14). Sets fly to
/// all servers side by side; deletes to one at a time, since a single fetch may consume several "not found" replies.
///
/// The other commands always read a reply before they return. `Pipeline+Relay` has them read an older one.
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

    /// No reply was seen: neither done nor failed, as far as we know.
    static var unknown: memcached_return_t { MEMCACHED_MAXIMUM_RETURN }

    /// What ``Send`` returns for a value that is too large for the library, so that no request was made.
    static var notSent: memcached_return_t { MEMCACHED_KEY_TOO_BIG }

    /// More unread replies than this may block both sides of a unix socket for ever.
    static let largestFlight = 200

    let handle: Handle
    let command: Command
    let keys: KeyList
    /// What went wrong with servers whose keys are not all done; not final, see `Handle.concluding`.
    var failures: [Int: MemcachedError] = [:]
    /// What became of each key.
    var status: [memcached_return_t]

    /// The requests on their way to one server.
    @safe
    struct Flight {
        let position: Int
        let server: OpaquePointer?
        /// Keys in the order of their requests.
        var queue: [Int] = []
        /// How many of them have had their reply.
        var answered = 0
        /// How many replies the server owed when last looked at.
        var owed = 0
        /// Whether something went wrong: no more is sent then, and what had not been answered yet stays unknown.
        var hasCrashed = false
        /// Whether a request went to another server or was not sent off.
        var hasStrayed = false

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

    /// Sends the requests of `groups` (keys by server) in flights of bounded size, and reads all replies.
    ///
    /// Keys whose status stays ``unknown`` were in flight when a connection broke.
    mutating func run(_ groups: [(position: Int, indices: [Int])], _ send: Send) {
        var rest = groups.map { (position: $0.position, indices: $0.indices[...]) }
        var size = Self.largestFlight
        var isFirstWave = true
        while !rest.isEmpty {
            let width = command == .set ? rest.count : 1
            var wave: [(position: Int, indices: ArraySlice<Int>)] = []
            for place in 0..<width {
                wave.append((rest[place].position, rest[place].indices.prefix(size)))
                rest[place].indices = rest[place].indices.dropFirst(size)
            }
            if !isFirstWave { handle.settleBefore() }
            isFirstWave = false
            handle.ask(wave.map(\.position))
            var isDone = false
            if command == .unbuffered { relay(wave[0], send) } else { isDone = fly(wave, send) }
            if handle.hasPendingReplies { handle.disconnect() }

            var memoryIsFull = false
            for (place, part) in wave.enumerated().reversed() {
                let lost = isDone ? [] : part.indices.filter { status[$0] == Self.unknown }
                let refused = !isDone && part.indices.contains { status[$0] == MEMCACHED_MEMORY_ALLOCATION_FAILURE }
                memoryIsFull = memoryIsFull || refused
                if command == .set, refused {
                    // A full server closes the connection at each refusal, and with it goes the rest of the flight
                    // (hazard 8). These keys go again, a few at a time.
                    rest[place].indices = lost + rest[place].indices
                } else if !lost.isEmpty {
                    // The server is in trouble; what was not sent yet is left to the caller too.
                    rest[place].indices = []
                }
                if rest[place].indices.isEmpty { rest.remove(at: place) }
            }
            size = memoryIsFull ? 4 : min(size * 2, Self.largestFlight)
        }
    }

    /// Starts the record of failures anew, before another attempt.
    mutating func forgetFailures() { failures.removeAll() }

    /// Sends one flight to each server and reads the replies; true if there was one for each key, and all is well.
    private mutating func fly(_ wave: [(position: Int, indices: ArraySlice<Int>)], _ send: Send) -> Bool {
        var flights = wave.map { Flight(to: $0.position, of: handle, size: $0.indices.count) }
        unsafe handle.pointer.pointee.flags.buffer_requests = true
        for (place, part) in wave.enumerated() {
            for index in part.indices.dropLast() where !flights[place].hasCrashed {
                buffer(index, &flights[place], send)
            }
        }
        // Not `memcached_flush_buffers`, which sends a half-sent buffer twice after a time-out (hazard 4).
        unsafe handle.pointer.pointee.flags.buffer_requests = false
        for (place, part) in wave.enumerated() where !flights[place].hasCrashed {
            if let last = part.indices.last { launch(last, &flights[place], send) }
        }
        if flights.contains(where: \.hasStrayed) {
            // A request of one flight is under way among those of another, or where nobody looks for its reply.
            for place in flights.indices { crash(&flights[place], MEMCACHED_CONNECTION_FAILURE) }
        } else {
            land(&flights)
        }
        return zip(flights, wave).allSatisfy { !$0.hasCrashed && $0.answered == $1.indices.count }
    }

    // MARK: - Sending

    private mutating func buffer(_ index: Int, _ flight: inout Flight, _ send: Send) {
        let code = send(index)
        if code == Self.notSent { return status[index] = MEMCACHED_E2BIG }
        flight.queue.append(index)
        if code != MEMCACHED_BUFFERED {
            crash(&flight, code)
        } else if flight.pending != flight.queue.count || hasMoved(index, from: flight) {
            stray(&flight)
        }
    }

    private mutating func launch(_ index: Int, _ flight: inout Flight, _ send: Send) {
        let code = send(index)
        if code == Self.notSent {
            status[index] = MEMCACHED_E2BIG
            // What is buffered has not been sent off, and goes again.
            return flight.queue.isEmpty ? () : stray(&flight)
        }
        let isInOrder = flight.pending == flight.queue.count && !hasMoved(index, from: flight)
        flight.queue.append(index)
        if Self.isVerdict(code) {
            guard isInOrder else { return stray(&flight) }
            // What has been read is the reply to the first request.
            status[flight.queue[0]] = code
            flight.answered = 1
        } else {
            // A full server's refusal is a reply, too, after which the library closes the connection.
            if code == MEMCACHED_MEMORY_ALLOCATION_FAILURE { status[flight.queue[0]] = code }
            crash(&flight, code)
        }
    }

    /// Whether a request has gone to another server than its flight, because libmemcached has just begun or ceased to
    /// leave out a server.
    func hasMoved(_ index: Int, from flight: Flight) -> Bool {
        guard handle.traits.ejectsServers else { return false }
        return keys.withKey(index) { _, routing in handle.position(of: routing) } != flight.position
    }

    /// Gives up a flight of which a request did not go where it should.
    mutating func stray(_ flight: inout Flight) {
        flight.hasStrayed = true
        crash(&flight, MEMCACHED_CONNECTION_FAILURE)
    }

    /// Gives up a flight: what it had not heard of yet stays unknown.
    ///
    /// Replies that still come for it are read and dropped with those of the other flights.
    mutating func crash(_ flight: inout Flight, _ code: memcached_return_t) {
        flight.hasCrashed = true
        if flight.answered > 0 { handle.noteAnswer(flight.position) }
        if command == .set, code == MEMCACHED_MEMORY_ALLOCATION_FAILURE {
            handle.proven.remove(flight.position)
        } else if failures[flight.position] == nil {
            var failure = handle.failure(
                handle.mostAccurate(code),
                keys.operation,
                at: flight.position,
                isWrite: true,
                isFinal: false
            )
            // What went out before it failed to connect anew may have been carried out.
            if flight.queue.count > 1 { failure.isOutcomeUnknown = true }
            failures[flight.position] = failure
        }
    }

    /// Whether a code is a server's reply about one item, after which the connection goes on.
    static func isVerdict(_ code: memcached_return_t) -> Bool {
        switch code {
        case MEMCACHED_SUCCESS, MEMCACHED_NOTFOUND, MEMCACHED_E2BIG, MEMCACHED_NOTSTORED, MEMCACHED_DATA_EXISTS: true
        default: false
        }
    }

    // MARK: - Replies

    /// Reads replies until none is owed.
    mutating func land(_ flights: inout [Flight]) {
        if flights.count == 1 { return land(&flights[0]) }
        for place in flights.indices { flights[place].owed = flights[place].pending }
        while flights.contains(where: { $0.owed > 0 }) {
            var (isSuccess, code) = fetch()
            var changed = 0
            var last = 0
            for place in flights.indices where flights[place].pending != flights[place].owed {
                changed += 1
                last = place
            }
            if changed == 1 {
                if !attribute(isSuccess, code, to: &flights[last]) { crash(&flights[last], code) }
            } else {
                // Nothing came within the time-out; or a connection broke, and another one's reply was read in the same
                // call, so that it can't be told whose it was.
                if changed == 0 { code = MEMCACHED_TIMEOUT }
                for place in flights.indices where flights[place].owed > 0 {
                    let owed = flights[place].pending
                    if changed == 0 || owed != flights[place].owed { crash(&flights[place], code) }
                }
                if changed == 0 { return }
            }
            for place in flights.indices { flights[place].owed = flights[place].pending }
        }
    }

    /// The same, where there is only one server to listen to.
    private mutating func land(_ flight: inout Flight) {
        flight.owed = flight.pending
        while flight.owed > 0 {
            let (isSuccess, code) = fetch()
            let owed = flight.pending
            // Nothing came within the time-out.
            if owed == flight.owed { return crash(&flight, MEMCACHED_TIMEOUT) }
            if _fastPath(isSuccess && owed == flight.owed - 1 && !flight.hasCrashed),
                flight.answered < flight.queue.count
            {
                status[flight.queue[flight.answered]] = MEMCACHED_SUCCESS
                flight.answered += 1
            } else if !attribute(isSuccess, code, to: &flight) {
                crash(&flight, code)
            }
            flight.owed = flight.pending
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

    /// Notes the replies that one fetch consumed; false if the flight has to be given up.
    private mutating func attribute(
        _ isSuccess: Bool,
        _ code: memcached_return_t,
        to flight: inout Flight
    ) -> Bool {
        if flight.hasCrashed { return true }
        let consumed = flight.owed - flight.pending
        guard consumed > 0, flight.answered + consumed <= flight.queue.count else { return false }
        func note(_ code: memcached_return_t) {
            status[flight.queue[flight.answered]] = code
            flight.answered += 1
        }
        switch code {
        case _ where isSuccess, MEMCACHED_E2BIG, MEMCACHED_NOTSTORED, MEMCACHED_DATA_EXISTS:
            // A fetch skips "not found" and goes on to the next reply.
            for _ in 1..<consumed { note(MEMCACHED_NOTFOUND) }
            note(isSuccess ? MEMCACHED_SUCCESS : code)
            return true
        case MEMCACHED_END, MEMCACHED_NOTFOUND:
            for _ in 0..<consumed { note(MEMCACHED_NOTFOUND) }
            return true
        case MEMCACHED_MEMORY_ALLOCATION_FAILURE where command == .set:
            note(code)
            return false
        default:
            return false
        }
    }
}
