internal import CLibMemcached

/// A change to a counter.
@usableFromInline
struct Counting: Sendable {
    /// What to store if there is no counter yet.
    struct Start: Sendable {
        let value: UInt64
        let expiration: UInt32
    }

    let operation: Operation
    let delta: UInt64
    let start: Start?

    var goesUp: Bool { operation == .incr || operation == .incrMulti }
}

extension Handle {
    /// Counts an item up or down and returns its new value; nil if there is none and no start was given.
    func count(_ change: Counting, _ key: RawSpan, routing: RawSpan) throws(MemcachedError) -> UInt64? {
        try traits.keyRules.check(key, for: change.operation)
        guard _slowPath(text != nil) else { return try countOverLibrary(change, key, routing, hasBegun: false) }
        return try countInEither(change, key, routing)
    }

    @inline(never)
    private func countInEither(
        _ change: Counting,
        _ key: RawSpan,
        _ routing: RawSpan
    ) throws(MemcachedError) -> UInt64? {
        let call = startCall(asksAtOnce: false)
        defer { endCall(call) }
        try begin(change.operation, key, routing)
        switch try countInText(change, key, routing) {
        case .counted(let value): return value
        case .missing where change.start == nil: return nil
        default: return try countOverLibrary(change, key, routing, hasBegun: true)
        }
    }

    private func countOverLibrary(
        _ change: Counting,
        _ key: RawSpan,
        _ routing: RawSpan,
        hasBegun: Bool
    ) throws(MemcachedError) -> UInt64? {
        let call = startCall()
        defer { endCall(call) }
        if !hasBegun { try begin(change.operation, key, routing) }
        if traits.usesUDP { throw unsupported(change.operation, Self.noReadsOverUDP, key: key) }
        try look(routing, change.operation, key.text)
        for _ in 0..<Self.rounds {
            let value =
                try traits.isBinary
                ? countInBinary(change, key, routing)
                : countInASCII(change, key, routing)
            if let value { return value }
            guard let start = change.start else { return nil }
            if try create(start, for: change.operation, key, routing: routing) { return start.value }
        }
        throw MemcachedError(
            code: .casConflict,
            operation: change.operation,
            detail: "others created and deleted the counter \(Self.rounds) times in a row",
            key: key.text
        )
    }

    /// Stores a new counter, as an integer that other clients read as one; false: another client has just done so.
    ///
    /// It does not use the binary protocol's own way of creating one, which sets no flags.
    private func create(
        _ start: Counting.Start,
        for operation: Operation,
        _ key: RawSpan,
        routing: RawSpan
    ) throws(MemcachedError) -> Bool {
        let code = start.value.withDecimalText { digits in
            send(.add, key, routing: routing, digits, flags: .long, expiration: start.expiration)
        }
        switch code {
        case MEMCACHED_SUCCESS: return true
        case MEMCACHED_NOTSTORED, MEMCACHED_DATA_EXISTS: return false
        default: throw failure(code, operation, key: key, routing: routing, isWrite: true)
        }
    }

    // MARK: - Binary

    /// The library ends the process when the first reply that it reads for a binary counter command is a refusal: the
    /// server is full, or wants credentials (hazards 60, 97).
    ///
    /// So it gets another reply to read first: that of a delete of the probe key, which is sent with the command. The
    /// command's own reply is then fetched like any other, with its true code.
    private func countInBinary(
        _ change: Counting,
        _ key: RawSpan,
        _ routing: RawSpan
    ) throws(MemcachedError) -> UInt64? {
        try probe(routing, change.operation, key: key.text)
        let position = position(of: routing)
        let rebuild = suspendPlacement()
        defer { resumePlacement(rebuild) }

        unsafe pointer.pointee.flags.buffer_requests = true
        let buffered = Self.probeKey.withRawSpan { sendDelete($0, routing) }
        unsafe pointer.pointee.flags.buffer_requests = false
        guard buffered == MEMCACHED_BUFFERED else {
            throw failure(buffered, change.operation, key: key, routing: routing, isWrite: false)
        }
        var ignored: UInt64 = 0
        let first = send(change, key, routing: routing, value: &ignored)
        guard first == MEMCACHED_NOTFOUND, pendingReplies(position) == 1 else {
            let code = memcached_fatal(first) ? first : MEMCACHED_PROTOCOL_ERROR
            throw failure(code, change.operation, key: key, routing: routing, isWrite: true)
        }

        var code = MEMCACHED_SUCCESS
        unsafe pointer.pointee.result.count = 1
        if let result = unsafe memcached_fetch_result(pointer, &pointer.pointee.result, &code) {
            return unsafe result.pointee.numeric_value
        }
        switch code {
        case MEMCACHED_END, MEMCACHED_NOTFOUND:
            guard pendingReplies(position) == 0 else {
                throw failure(MEMCACHED_TIMEOUT, change.operation, key: key, routing: routing, isWrite: true)
            }
            return nil
        default:
            throw explaining(code, change, key, routing: routing)
        }
    }

    /// One request, whose reply the library reads.
    private func send(
        _ change: Counting,
        _ key: RawSpan,
        routing: RawSpan,
        value: inout UInt64
    ) -> memcached_return_t {
        // The functions with a hash key are the ones that take 64-bit deltas (hazard 52).
        let function = change.goesUp ? unsafe memcached_increment_by_key : unsafe memcached_decrement_by_key
        return unsafe key.withUnsafeBytes { key in
            unsafe routing.withUnsafeBytes { routing in
                unsafe function(
                    pointer,
                    routing.characters,
                    routing.count,
                    key.characters,
                    key.count,
                    change.delta,
                    &value
                )
            }
        }
    }

    /// The binary protocol's "not a number" can't be told from a broken reply (hazard 51); reading the item tells them
    /// apart.
    private func explaining(
        _ code: memcached_return_t,
        _ change: Counting,
        _ key: RawSpan,
        routing: RawSpan
    ) -> MemcachedError {
        let error = failure(code, change.operation, key: key, routing: routing, isWrite: true, isFinal: false)
        guard error.code == .unknownReadFailure,
            let lease = try? lease(key, routing: routing, for: change.operation)
        else { return explained(error, at: position(of: routing)) }
        defer { giveBack(lease) }
        return lease.isCounter ? error : notNumeric(change, key, routing)
    }

    private func notNumeric(_ change: Counting, _ key: RawSpan, _ routing: RawSpan) -> MemcachedError {
        MemcachedError(
            code: .notNumeric,
            operation: change.operation,
            detail: Self.notNumericDetail,
            key: key.text,
            server: servers[position(of: routing)]
        )
    }

    static var notNumericDetail: String { "the stored value is not a decimal number of at most 64 bits" }

    // MARK: - ASCII

    private func countInASCII(
        _ change: Counting,
        _ key: RawSpan,
        _ routing: RawSpan
    ) throws(MemcachedError) -> UInt64? {
        try probe(routing, change.operation, key: key.text)
        var value: UInt64 = 0
        let code = send(change, key, routing: routing, value: &value)
        switch code {
        case MEMCACHED_SUCCESS:
            return value
        case MEMCACHED_NOTFOUND:
            return nil
        case MEMCACHED_CLIENT_ERROR where sentence(for: code).contains("non-numeric"):
            markInDoubt()
            throw notNumeric(change, key, routing)
        default:
            throw failure(code, change.operation, key: key, routing: routing, isWrite: true)
        }
    }
}

extension Lease {
    /// Whether the server could count this value: decimal digits, perhaps padded with blanks.
    fileprivate var isCounter: Bool {
        withSpan { bytes in
            let digits = bytes.text.drop { $0 == " " }.prefix { $0 != " " }
            return UInt64(digits) != nil
        }
    }
}
