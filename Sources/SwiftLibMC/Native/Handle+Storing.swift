internal import CLibMemcached

/// How a value is stored.
enum StoreCommand: Sendable {
    case set, add, replace, append, prepend

    var operation: Operation {
        switch self {
        case .set: .set
        case .add: .add
        case .replace: .replace
        case .append: .append
        case .prepend: .prepend
        }
    }
}

extension StoreCommand {
    /// A C function, called as such: a Swift function value would cost a context and a thunk.
    fileprivate typealias Function =
        @convention(c) (
            LibraryPointer?, UnsafePointer<CChar>?, Int, UnsafePointer<CChar>?, Int, UnsafePointer<CChar>?, Int, time_t,
            UInt32
        ) -> memcached_return_t

    fileprivate var function: Function {
        switch self {
        case .set: unsafe memcached_set_by_key
        case .add: unsafe memcached_add_by_key
        case .replace: unsafe memcached_replace_by_key
        case .append: unsafe memcached_append_by_key
        case .prepend: unsafe memcached_prepend_by_key
        }
    }
}

extension Handle {
    /// Stores one value.
    ///
    /// False: the server declined, because the item exists (`add`) or does not (the others).
    @inline(__always)
    func store(
        _ command: StoreCommand,
        _ key: RawSpan,
        routing: RawSpan,
        _ value: RawSpan,
        flags: Flags,
        expiration: UInt32,
        isQuiet: Bool
    ) throws(MemcachedError) -> Bool {
        let operation = command.operation
        try traits.keyRules.check(key, for: operation)
        let call = startCall()
        defer { endCall(call) }
        try begin(operation, key, routing)
        if _slowPath(isQuiet || value.byteCount > Self.largestSafeValue) {
            return try storeSpecially(command, key, routing: routing, value, flags: flags, expiration: expiration)
        }
        if command != .set { try look(routing, operation, key.text) }
        if !traits.isBinary { try probe(routing, operation, key: key.text) }
        let code = send(command, key, routing: routing, value, flags: flags, expiration: expiration)
        if _fastPath(code == MEMCACHED_SUCCESS) { return true }
        if isDeclined(code) {
            return try declined(command, key, routing: routing, value, flags: flags, expiration: expiration)
        }
        return try storeAgain(code, command, key, routing: routing, value, flags: flags, expiration: expiration)
    }

    /// One request to store.
    @inline(__always)
    func send(
        _ command: StoreCommand,
        _ key: RawSpan,
        routing: RawSpan,
        _ value: RawSpan,
        flags: Flags,
        expiration: UInt32
    ) -> memcached_return_t {
        unsafe key.withUnsafeBytes { key in
            unsafe routing.withUnsafeBytes { routing in
                unsafe value.withUnsafeBytes { value in
                    unsafe command.function(
                        pointer,
                        routing.characters,
                        routing.count,
                        key.characters,
                        key.count,
                        value.characters,
                        value.count,
                        time_t(expiration),
                        flags.rawValue
                    )
                }
            }
        }
    }

    /// Stores a value if the item is still at the version of `cas`; false: it has changed, which a quiet request
    /// doesn't find out.
    func compareAndSwap(
        _ key: RawSpan,
        routing: RawSpan,
        _ value: RawSpan,
        flags: Flags,
        expiration: UInt32,
        cas: CAS,
        isQuiet: Bool
    ) throws(MemcachedError) -> Bool {
        try traits.keyRules.check(key, for: .cas)
        guard cas.rawValue != 0 else {
            // In the binary protocol zero would mean "whatever the version", in the ASCII one it breaks the request.
            let detail = "the CAS token is zero: the server keeps no versions, or the token is not one of gets"
            throw MemcachedError(code: .invalidArguments, operation: .cas, detail: detail, key: key.text)
        }
        guard traits.isBinary || cas.rawValue <= Self.largestTokenInText else {
            let detail = "in the ASCII protocol libmemcached can't send CAS tokens of more than 19 digits"
            throw MemcachedError(code: .invalidArguments, operation: .cas, detail: detail, key: key.text)
        }
        let call = startCall()
        defer { endCall(call) }
        try begin(.cas, key, routing)
        try checkSize(of: value, key, .cas)
        if traits.usesUDP { throw unsupported(.cas, Self.noReadsOverUDP, key: key) }
        try look(routing, .cas, key.text, isQuiet: isQuiet)
        if isQuiet {
            return try storeQuietly(.cas, key, routing: routing) {
                sendSwap(key, routing: routing, value, flags: flags, expiration: expiration, cas: cas)
            }
        }
        if !traits.isBinary { try probe(routing, .cas, key: key.text) }
        let code = sendSwap(key, routing: routing, value, flags: flags, expiration: expiration, cas: cas)
        if code == MEMCACHED_SUCCESS { return true }
        if code == MEMCACHED_DATA_EXISTS { return false }
        if code == MEMCACHED_NOTFOUND { throw missing(.cas, key, routing) }
        if code == MEMCACHED_E2BIG { throw tooBig(.cas, count: value.byteCount, key, at: position(of: routing)) }
        throw failure(code, .cas, key: key, routing: routing, isWrite: true)
    }

    /// libmemcached's room for the text of a token; for longer ones it reports that there is no memory.
    private static var largestTokenInText: UInt64 { 9_999_999_999_999_999_999 }

    private func sendSwap(
        _ key: RawSpan,
        routing: RawSpan,
        _ value: RawSpan,
        flags: Flags,
        expiration: UInt32,
        cas: CAS
    ) -> memcached_return_t {
        unsafe key.withUnsafeBytes { key in
            unsafe routing.withUnsafeBytes { routing in
                unsafe value.withUnsafeBytes { value in
                    unsafe memcached_cas_by_key(
                        pointer,
                        routing.characters,
                        routing.count,
                        key.characters,
                        key.count,
                        value.characters,
                        value.count,
                        time_t(expiration),
                        flags.rawValue,
                        cas.rawValue
                    )
                }
            }
        }
    }

    // MARK: - Results other than plain success

    @inline(__always)
    private func isDeclined(_ code: memcached_return_t) -> Bool {
        code == MEMCACHED_NOTSTORED || code == MEMCACHED_DATA_EXISTS || code == MEMCACHED_NOTFOUND
    }

    /// Interprets "not stored".
    ///
    /// In reply to `append` and `prepend` it may also mean that the sum is too large (hazard 45). Whether the item
    /// exists doesn't settle that: another client may have stored it since. So the request is sent again, unless the
    /// sum is near the server's limit.
    @inline(never)
    private func declined(
        _ command: StoreCommand,
        _ key: RawSpan,
        routing: RawSpan,
        _ value: RawSpan,
        flags: Flags,
        expiration: UInt32
    ) throws(MemcachedError) -> Bool {
        guard command == .append || command == .prepend else { return false }
        noteAnswer(position(of: routing))
        var limit: Int?
        for _ in 0..<Self.rounds {
            guard let lease = try lease(key, routing: routing, for: command.operation) else { return false }
            let sum = lease.count + value.byteCount
            giveBack(lease)
            if sum > Self.smallestItemLimit / 2 {
                limit = limit ?? itemSizeLimit(position(of: routing))
                if let limit, itemSize(key, sum) > limit {
                    throw tooBig(command.operation, count: sum, key, at: position(of: routing), limit: limit)
                }
            }
            if !traits.isBinary { try probe(routing, command.operation, key: key.text) }
            let code = send(command, key, routing: routing, value, flags: flags, expiration: expiration)
            if code == MEMCACHED_SUCCESS { return true }
            guard isDeclined(code) else {
                throw failure(code, command.operation, key: key, routing: routing, isWrite: true)
            }
        }
        throw MemcachedError(
            code: .notStored,
            operation: command.operation,
            detail:
                "the server declined it \(Self.rounds) times although the item exists: either others keep creating and "
                + "deleting it, or the server has no memory left",
            key: key.text,
            server: servers[position(of: routing)]
        )
    }

    /// How often a command is sent again after other clients may have interfered.
    static var rounds: Int { 16 }

    /// After a failure: `set` may be repeated, since that has the same effect; the others may not.
    @inline(never)
    private func storeAgain(
        _ code: memcached_return_t,
        _ command: StoreCommand,
        _ key: RawSpan,
        routing: RawSpan,
        _ value: RawSpan,
        flags: Flags,
        expiration: UInt32
    ) throws(MemcachedError) -> Bool {
        if code == MEMCACHED_E2BIG {
            throw tooBig(command.operation, count: value.byteCount, key, at: position(of: routing))
        }
        guard command == .set else {
            throw failure(code, command.operation, key: key, routing: routing, isWrite: true)
        }
        _ = try repeating(code, .set, key, routing: routing, isWrite: true) { (_: inout Bool?) in
            send(command, key, routing: routing, value, flags: flags, expiration: expiration)
        }
        return true
    }

    /// The error for an operation on an item that does not exist.
    func missing(_ operation: Operation, _ key: RawSpan, _ routing: RawSpan) -> MemcachedError {
        MemcachedError(
            code: .notFound,
            operation: operation,
            detail: "no item has this key",
            key: key.text,
            server: servers[position(of: routing)]
        )
    }

    // MARK: - Without a reply

    /// Larger values make the library truncate their length to 32 bits (hazard 46).
    static var largestSafeValue: Int { 1 << 30 }
    /// A datagram's largest payload, less the headers.
    private static var largestDatagramValue: Int { 65_000 }

    func checkSize(of value: RawSpan, _ key: RawSpan, _ operation: Operation) throws(MemcachedError) {
        let limit = traits.usesUDP ? Self.largestDatagramValue : Self.largestSafeValue
        guard value.byteCount > limit else { return }
        throw MemcachedError(
            code: .tooBig,
            operation: operation,
            detail: "the value has \(value.byteCount) bytes; over this transport at most \(limit) can be sent",
            key: key.text
        )
    }

    @inline(never)
    private func storeSpecially(
        _ command: StoreCommand,
        _ key: RawSpan,
        routing: RawSpan,
        _ value: RawSpan,
        flags: Flags,
        expiration: UInt32
    ) throws(MemcachedError) -> Bool {
        try checkSize(of: value, key, command.operation)
        try look(routing, command.operation, key.text, isQuiet: true)
        return try storeQuietly(command.operation, key, routing: routing) {
            send(command, key, routing: routing, value, flags: flags, expiration: expiration)
        }
    }

    /// Sends a storage command without waiting for the reply.
    ///
    /// These are the only commands whose error replies the library drops in both protocols (hazard 18).
    private func storeQuietly(
        _ operation: Operation,
        _ key: RawSpan,
        routing: RawSpan,
        _ send: () -> memcached_return_t
    ) throws(MemcachedError) -> Bool {
        drainRefusals(routing)
        let code = quietly(send)
        if code == MEMCACHED_SUCCESS || code == MEMCACHED_BUFFERED { return true }
        throw failure(code, operation, key: key, routing: routing, isWrite: true)
    }

    /// Takes the replies to quiet requests off a connection now and then.
    ///
    /// In the binary protocol the server answers a quiet request that it refuses, and the library reads that only when
    /// it next waits for some reply. Too many of them would fill the socket, and both sides would wait forever.
    private func drainRefusals(_ routing: RawSpan) {
        guard !traits.usesUDP else { return }
        let count = noteQuietWrite(routing)
        guard traits.isBinary, count >= Self.mostQuietWrites else { return }
        let position = position(of: routing)
        probed.remove(position)
        // If the server does not answer, the next request reports it.
        if (try? probe(routing, .set)) == nil { settle() }
        // This counts the present request, whose refusal may arrive before the next check.
        quietWrites[position] = 1
    }

    /// Notes a request without a reply; how many that makes.
    @discardableResult
    func noteQuietWrite(_ routing: RawSpan) -> Int {
        let position = position(of: routing)
        quietWrites[position, default: 0] += 1
        return quietWrites[position, default: 0]
    }

    /// How many quiet requests in a row are sent before a reply is waited for: fewer than a unix socket holds.
    private static var mostQuietWrites: Int { 100 }

    /// Runs one request that asks the server not to reply.
    func quietly(_ request: () -> memcached_return_t) -> memcached_return_t {
        // A datagram never gets a reply that the library would read, so the flag stays as it is.
        guard !traits.usesUDP else { return request() }
        unsafe pointer.pointee.flags.reply = false
        defer { unsafe pointer.pointee.flags.reply = true }
        return request()
    }
}
