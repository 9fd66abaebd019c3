internal import CLibMemcached
internal import CPlatform

extension Handle {
    /// Fetches one value into the handle's own buffer; nil on a miss.
    ///
    /// The lease must be given back.
    func lease(
        _ key: RawSpan,
        routing: RawSpan,
        for operation: Operation,
        withCAS: Bool = false
    ) throws(MemcachedError) -> Lease? {
        try traits.keyRules.check(key, for: operation)
        let call = startCall()
        defer { endCall(call) }
        try begin(operation, key, routing)
        if _slowPath(traits.usesUDP) { throw unsupported(operation, Self.noReadsOverUDP, key: key) }
        var lease: Lease?
        let code = fetch(key, routing, withCAS, into: &lease)
        if _fastPath(code == MEMCACHED_SUCCESS || code == MEMCACHED_NOTFOUND) { return lease }

        if !traits.isBinary, code == MEMCACHED_CONNECTION_FAILURE || code == MEMCACHED_TIMEOUT {
            _ = promoteCause(at: position(of: routing))
        }
        return try repeating(code, operation, key, routing: routing, isWrite: false) {
            fetch(key, routing, withCAS, into: &$0)
        }
    }

    static let noReadsOverUDP = "libmemcached can't read replies over UDP; use TCP or a unix socket"

    /// One `memcached_get`.
    @inline(__always)
    private func fetch(
        _ key: RawSpan,
        _ routing: RawSpan,
        _ withCAS: Bool,
        into lease: inout Lease?
    ) -> memcached_return_t {
        var length = 0
        var flags: UInt32 = 0
        var code = MEMCACHED_SUCCESS
        // Only with a count does the library report the real cause of a failure instead of "not found" (hazard 50).
        unsafe pointer.pointee.result.count = 1
        let capacity = unsafe pointer.pointee.result.value.current_size
        if _slowPath(withCAS && !traits.isBinary) { unsafe pointer.pointee.flags.support_cas = true }
        let value = unsafe key.withUnsafeBytes { key in
            unsafe routing.withUnsafeBytes { routing in
                unsafe memcached_get_by_key(
                    pointer,
                    routing.characters,
                    routing.count,
                    key.characters,
                    key.count,
                    &length,
                    &flags,
                    &code
                )
            }
        }
        if _slowPath(withCAS && !traits.isBinary) { unsafe pointer.pointee.flags.support_cas = false }
        if code == MEMCACHED_SUCCESS {
            // An empty value is returned as a null pointer.
            lease = unsafe Lease(
                start: value,
                count: length,
                capacity: max(capacity, length + 1),
                flags: Flags(rawValue: flags),
                cas: CAS(rawValue: pointer.pointee.result.item_cas)
            )
            // The library makes a value from a length below zero, too.
            if _slowPath(UInt(bitPattern: length) > UInt(bitPattern: maxValueBytes) || !isReply(to: key)) {
                lease?.discard()
                lease = nil
                return length > maxValueBytes ? refuse(length) : MEMCACHED_PROTOCOL_ERROR
            }
        }
        return code
    }

    /// Whether the item that was read is the one that was asked for.
    ///
    /// The library doesn't check; this is the last safeguard against a mix-up of replies, whatever its cause, that
    /// would return another key's value.
    @inline(__always)
    private func isReply(to key: RawSpan) -> Bool {
        let count = key.byteCount
        return unsafe key.withUnsafeBytes { key in
            unsafe pointer.pointee.result.hasKey(key.baseAddress.unsafelyUnwrapped, count)
        }
    }

    /// Gives a value's buffer back to libmemcached, to be used for the next one.
    @inline(__always)
    func giveBack(_ lease: Lease) {
        if _slowPath(!takeBack(lease)) { lease.discard() }
    }

    /// The same, but returns false if the block must not be kept.
    @inline(__always)
    func takeBack(_ lease: Lease) -> Bool {
        guard let start = unsafe lease.start else { return true }
        // The body of a lending call may have read a value itself meanwhile.
        guard unsafe pointer.pointee.result.value.string == nil, let capacity = lease.keptCapacity else { return false }
        let characters = unsafe start.assumingMemoryBound(to: CChar.self)
        unsafe pointer.pointee.result.value.string = characters
        unsafe pointer.pointee.result.value.end = characters
        unsafe pointer.pointee.result.value.current_size = capacity
        return true
    }

    /// Makes sure that the server of `routing` answers, and sensibly, before a command is sent whose reply might
    /// otherwise make the library end the process.
    ///
    /// These are counters in the binary protocol, whose first reply may be a refusal (hazard 60), and in the ASCII one
    /// counters and storage commands, to which a server that does not speak the protocol may reply `END`. Other
    /// commands don't report that they were refused (hazard 25).
    ///
    /// With `acceptsRefusals` it is enough, in the ASCII protocol, that the server refuses the question.
    @inline(never)
    func probe(
        _ routing: RawSpan,
        _ operation: Operation,
        key: @autoclosure () -> String? = nil,
        acceptsRefusals: Bool = true
    ) throws(MemcachedError) {
        refreshPlacement()
        let call = startCall()
        defer { endCall(call) }
        let position = position(of: routing)
        if probed.contains(position) { return }
        ask(position)
        guard !traits.usesUDP else {
            throw MemcachedError(
                code: .notSupported,
                operation: operation,
                detail: Self.noReadsOverUDP,
                key: key()
            )
        }
        // The answer to this can't be mistaken for the answer to another request.
        let code = Self.probeKey.withRawSpan { sendDelete($0, routing) }
        guard code == MEMCACHED_NOTFOUND || isReplyInOrder(code, routing, acceptsRefusals) else {
            // No reply to a delete has a value.
            let hasValue = valueLimit.takeRefused() != 0
            throw failure(hasValue ? MEMCACHED_PROTOCOL_ERROR : code, operation, at: position, key: key())
        }
        probed.insert(position)
    }

    /// Whether a reply to the delete of the probe key shows, although it is not the usual one, that the server speaks
    /// the ASCII protocol.
    ///
    /// So do refusals: a proxy refuses the keys of a server that is down, and some servers know no delete.
    private func isReplyInOrder(
        _ code: memcached_return_t,
        _ routing: RawSpan,
        _ acceptsRefusals: Bool
    ) -> Bool {
        guard !traits.isBinary, !valueLimit.hasRefused else { return false }
        if isErrorLine(code) {
            let position = position(of: routing)
            let isFirst = isFirst(at: position)
            disconnect()
            if code == MEMCACHED_ERROR, isFirst, refusalOfConnections(position) != nil {
                return false
            }
            if acceptsRefusals { return true }
        } else if code != MEMCACHED_SUCCESS {
            return false
        }
        // The library takes "OK" and a number for the same as "DELETED", and other services answer like that. None
        // answers a read as memcached does.
        var lease: Lease?
        let answer = Self.probeKey.withRawSpan { fetch($0, routing, false, into: &lease) }
        if let lease { giveBack(lease) }
        if isErrorLine(answer) {
            disconnect()
            return acceptsRefusals
        }
        return answer == MEMCACHED_NOTFOUND || answer == MEMCACHED_SUCCESS
    }

    /// Whether a code is one of the ASCII protocol's error lines, and so a complete reply, about this request only.
    ///
    /// A line about credentials concerns all requests.
    func isErrorLine(_ code: memcached_return_t) -> Bool {
        switch code {
        case MEMCACHED_SERVER_ERROR, MEMCACHED_SERVER_MEMORY_ALLOCATION_FAILURE, MEMCACHED_ERROR, MEMCACHED_E2BIG:
            !traits.isBinary
        case MEMCACHED_CLIENT_ERROR: !traits.isBinary && !wantsCredentialsInText
        default: false
        }
    }

    /// A key that no application stores: drawn anew in each process.
    static let probeKey: [UInt8] = {
        let digits = String(UInt64.random(in: .min ... .max), radix: 36)
        return Array("swiftlibmc-nobody-\(digits)".utf8)
    }()
}

extension memcached_result_st {
    /// Whether a fetched item is that of this key, both without namespace.
    @inline(__always)
    mutating func hasKey(_ start: UnsafeRawPointer, _ count: Int) -> Bool {
        guard unsafe key_length == count else { return false }
        return unsafe withUnsafeBytes(of: &item_key) { name in
            unsafe memcmp(name.baseAddress.unsafelyUnwrapped, start, count) == 0
        }
    }
}
