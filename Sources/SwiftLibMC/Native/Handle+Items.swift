internal import CLibMemcached

extension Handle {
    /// Deletes an item; false: there was none.
    func delete(_ key: RawSpan, routing: RawSpan, isQuiet: Bool) throws(MemcachedError) -> Bool {
        try traits.keyRules.check(key, for: .delete)
        let call = startCall()
        defer { endCall(call) }
        try begin(.delete, key, routing)
        try look(routing, .delete, key.text, isQuiet: isQuiet)
        // In the binary protocol a quiet delete of a missing key leaves an error reply behind, which the next call
        // would take for its own (hazard 17); so there the call waits for the reply.
        if isQuiet, !traits.isBinary, !traits.usesUDP {
            noteQuietWrite(routing)
            return try finishDelete(quietly { sendDelete(key, routing) }, key, routing)
        }
        return try finishDelete(sendDelete(key, routing), key, routing)
    }

    private func finishDelete(
        _ code: memcached_return_t,
        _ key: RawSpan,
        _ routing: RawSpan
    ) throws(MemcachedError) -> Bool {
        if code == MEMCACHED_SUCCESS || code == MEMCACHED_BUFFERED { return true }
        if code == MEMCACHED_NOTFOUND { return false }
        throw failure(code, .delete, key: key, routing: routing, isWrite: true)
    }

    @inline(__always)
    func sendDelete(_ key: RawSpan, _ routing: RawSpan) -> memcached_return_t {
        unsafe key.withUnsafeBytes { key in
            unsafe routing.withUnsafeBytes { routing in
                unsafe memcached_delete_by_key(
                    pointer,
                    routing.characters,
                    routing.count,
                    key.characters,
                    key.count,
                    0
                )
            }
        }
    }

    /// Sets when an item expires; false: there is none.
    func touch(_ key: RawSpan, routing: RawSpan, expiration: UInt32) throws(MemcachedError) -> Bool {
        try traits.keyRules.check(key, for: .touch)
        let call = startCall()
        defer { endCall(call) }
        try begin(.touch, key, routing)
        if traits.usesUDP { throw unsupported(.touch, Self.noReadsOverUDP, key: key) }
        try look(routing, .touch, key.text)
        // If the server can't be reached, the library itself does not say why (hazard 57).
        try probe(routing, .touch, key: key.text)
        let code = sendTouch(key, routing, expiration)
        if code == MEMCACHED_SUCCESS { return true }
        if code == MEMCACHED_NOTFOUND { return false }
        // The library's last error only says that the reply was an error (hazard 57).
        _ = promoteCause(at: position(of: routing))
        throw failure(code, .touch, key: key, routing: routing, isWrite: true)
    }

    func sendTouch(_ key: RawSpan, _ routing: RawSpan, _ expiration: UInt32) -> memcached_return_t {
        unsafe key.withUnsafeBytes { key in
            unsafe routing.withUnsafeBytes { routing in
                unsafe memcached_touch_by_key(
                    pointer,
                    routing.characters,
                    routing.count,
                    key.characters,
                    key.count,
                    time_t(expiration)
                )
            }
        }
    }
}
