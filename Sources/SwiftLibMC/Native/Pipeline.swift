internal import CLibMemcached

/// Many writes in the binary protocol without a round trip each, with the exact status of every key.
///
/// The library can buffer two commands, set and delete. A *flight* is a run of requests to one server of which all but the last
/// are buffered; the last one sends them off and reads one reply, that of the first. The other replies are then fetched
/// one by one, and each is attributed by looking which server owes one less (HAZARDS 1–14). Sets fly to all servers side
/// by side; deletes to one at a time, since a single fetch may consume several "not found" replies.
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

    /// More unread replies than this may block both sides of a unix socket for ever (PERF 4).
    static let largestFlight = 200

    let handle: Handle
    let command: Command
    let operation: Operation
    /// What went wrong with servers whose keys are not all done.
    var failures: [Int: MemcachedError] = [:]
    /// What became of each key.
    var status: [memcached_return_t]

    /// The requests on their way to one server.
    struct Flight {
        let position: Int
        /// Keys in the order of their requests.
        var queue: [Int] = []
        /// How many of them have had their reply.
        var answered = 0
        /// How many replies the server owed when last looked at.
        var owed = 0

        init(position: Int, size: Int) {
            self.position = position
            queue.reserveCapacity(size)
        }
    }

    init(_ command: Command, for operation: Operation, count: Int, on handle: Handle) {
        self.handle = handle
        self.command = command
        self.operation = operation
        status = Array(repeating: Self.unknown, count: count)
    }

    /// Sends the requests of `groups` (keys by server) in flights of bounded size, and reads all replies.
    ///
    /// Keys whose status stays ``unknown`` were in flight when a connection broke.
    mutating func run(_ groups: [(position: Int, indices: [Int])], prime: Send, _ send: Send) {
        var rest = groups.map { (position: $0.position, indices: $0.indices[...]) }
        var size = Self.largestFlight
        while !rest.isEmpty {
            let width = command == .set ? rest.count : 1
            var wave: [(position: Int, indices: ArraySlice<Int>)] = []
            for place in 0..<width {
                wave.append((rest[place].position, rest[place].indices.prefix(size)))
                rest[place].indices = rest[place].indices.dropFirst(size)
            }
            if command == .unbuffered { relay(wave[0], prime, send) } else { fly(wave, send) }

            var memoryIsFull = false
            for (place, part) in wave.enumerated().reversed() {
                let lost = part.indices.filter { status[$0] == Self.unknown }
                let refused = part.indices.contains { status[$0] == MEMCACHED_MEMORY_ALLOCATION_FAILURE }
                memoryIsFull = memoryIsFull || refused
                if command == .set, refused {
                    // A full server closes the connection at each refusal, and with it goes the rest of the flight
                    // (HAZARDS 8). These keys go again, a few at a time.
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

    private mutating func fly(_ wave: [(position: Int, indices: ArraySlice<Int>)], _ send: Send) {
        handle.settle()
        var flights = wave.map { Flight(position: $0.position, size: $0.indices.count) }
        unsafe handle.pointer.pointee.flags.buffer_requests = true
        for (place, part) in wave.enumerated() {
            for index in part.indices.dropLast() { buffer(index, &flights[place], send) }
        }
        // Not `memcached_flush_buffers`, which sends a half-sent buffer twice after a time-out (HAZARDS 4).
        unsafe handle.pointer.pointee.flags.buffer_requests = false
        for (place, part) in wave.enumerated() {
            if let last = part.indices.last { launch(last, &flights[place], send) }
        }
        land(&flights)
        if handle.hasPendingReplies { handle.disconnect() }
    }

    // MARK: - Sending

    private mutating func buffer(_ index: Int, _ flight: inout Flight, _ send: Send) {
        let code = send(index)
        guard code == MEMCACHED_BUFFERED else { return crash(&flight, code) }
        let owed = handle.pendingReplies(flight.position)
        // A new connection has been made: what was in flight on the old one is lost.
        if owed != flight.queue.count + 1 { flight.queue.removeAll() }
        if owed > 0 { flight.queue.append(index) }
    }

    private mutating func launch(_ index: Int, _ flight: inout Flight, _ send: Send) {
        let code = send(index)
        if Self.isVerdict(code), handle.pendingReplies(flight.position) == flight.queue.count {
            flight.queue.append(index)
            status[flight.queue[0]] = code
            flight.answered = 1
            return
        }
        // The connection was reset. A full server's refusal was still the reply to the first request.
        if code == MEMCACHED_MEMORY_ALLOCATION_FAILURE { status[flight.queue.first ?? index] = code }
        crash(&flight, code)
    }

    /// Gives up a flight whose connection has broken: what it had not heard of yet stays unknown.
    mutating func crash(_ flight: inout Flight, _ code: memcached_return_t) {
        // Sets that a full server has not answered go again.
        if code != MEMCACHED_MEMORY_ALLOCATION_FAILURE || command != .set {
            failures[flight.position] = handle.failure(
                handle.mostAccurate(code),
                operation,
                at: flight.position,
                isWrite: true
            )
        }
        flight.queue.removeAll()
        flight.answered = 0
        if handle.pendingReplies(flight.position) > 0 { handle.disconnect() }
    }

    /// Whether a code is a server's reply about one item, after which the connection goes on.
    static func isVerdict(_ code: memcached_return_t) -> Bool {
        switch code {
        case MEMCACHED_SUCCESS, MEMCACHED_NOTFOUND, MEMCACHED_E2BIG, MEMCACHED_NOTSTORED, MEMCACHED_DATA_EXISTS: true
        default: false
        }
    }

    // MARK: - Replies

    mutating func land(_ flights: inout [Flight]) {
        for place in flights.indices { flights[place].owed = handle.pendingReplies(flights[place].position) }
        while flights.contains(where: { $0.owed > 0 }) {
            var code = MEMCACHED_SUCCESS
            // Without a count the real code would be replaced by "not found" (HAZARDS 6).
            unsafe handle.pointer.pointee.result.count = 1
            let isSuccess =
                unsafe memcached_fetch_result(handle.pointer, &handle.pointer.pointee.result, &code) != nil
            var changed = 0
            var last = 0
            for place in flights.indices where handle.pendingReplies(flights[place].position) != flights[place].owed {
                changed += 1
                last = place
            }
            if changed == 1, attribute(isSuccess, code, to: &flights[last]) { continue }
            // Nothing came within the time-out; or a connection broke, and perhaps another one's reply was read in the
            // same call, so that it can't be told whose it was.
            if changed == 0 { code = MEMCACHED_TIMEOUT }
            for place in flights.indices where flights[place].owed > 0 {
                let owed = handle.pendingReplies(flights[place].position)
                if changed == 0 || owed != flights[place].owed { crash(&flights[place], code) }
            }
            for place in flights.indices { flights[place].owed = handle.pendingReplies(flights[place].position) }
        }
    }

    /// Notes the replies that one fetch consumed; false if the flight has crashed.
    private mutating func attribute(
        _ isSuccess: Bool,
        _ code: memcached_return_t,
        to flight: inout Flight
    ) -> Bool {
        let owed = handle.pendingReplies(flight.position)
        let consumed = flight.owed - owed
        guard consumed > 0, flight.answered + consumed <= flight.queue.count else { return false }
        flight.owed = owed
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
