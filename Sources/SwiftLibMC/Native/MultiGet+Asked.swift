internal import CLibMemcached

/// The requested keys, with which replies are compared.
@safe
struct Asked {
    let candidates: MultiGet.Candidates
    let bytes: UnsafeRawBufferPointer
    let ends: UnsafeBufferPointer<Int>
    let found: UnsafeMutableBufferPointer<Bool>

    /// Whether a fetched item belongs to the key at a position, and is the first one for it.
    @inline(__always)
    func isReply(_ result: UnsafeMutablePointer<memcached_result_st>, at position: Int) -> Bool {
        guard position < candidates.count else { return false }
        let index = candidates[position]
        guard unsafe !found[index] else { return false }
        let start = unsafe ends[index]
        return unsafe result.pointee.hasKey(bytes.baseAddress.unsafelyUnwrapped + start, ends[index + 1] - start)
    }

    /// Moves to the key of a fetched item; false if there is none.
    @inline(never)
    func find(_ result: UnsafeMutablePointer<memcached_result_st>, _ search: inout ReplySearch) -> Bool {
        search.find { unsafe isReply(result, at: $0) }
    }
}

extension UnsafeMutablePointer<memcached_result_st> {
    /// The value of a fetched item; nil if the server has given it a length below zero, which the library believes.
    @inline(__always)
    var value: UnsafeRawBufferPointer? {
        let start = unsafe pointee.value.string
        let count = unsafe start.map { unsafe pointee.value.end - $0 } ?? 0
        return unsafe count < 0 ? nil : UnsafeRawBufferPointer(start: start, count: count)
    }
}

extension MultiGet {
    /// The error for an item that was not requested: the connections can't be trusted.
    func unasked() -> MemcachedError {
        // libmemcached does not say which server has sent it.
        let asked = groups(of: keys.indices).map(\.position)
        let position = asked.count == 1 ? asked[0] : nil
        handle.disconnect()
        let error = MemcachedError(
            code: .protocolError,
            operation: operation,
            detail: "a server sent an item that was not asked for",
            server: position.map { handle.servers[$0] }
        )
        if let position { handle.noteBroken(error, at: position) }
        return error
    }
}

extension Handle {
    /// Whether the library noted no error in the present call.
    var sawNoError: Bool { unsafe memcached_last_error(pointer) == MEMCACHED_SUCCESS }

    /// How many replies the servers still owe.
    var owedReplies: Int {
        if servers.count == 1 { return pendingReplies(0) }
        return servers.indices.reduce(0) { $0 + pendingReplies($1) }
    }

    /// The library's last error where a return code only says "failed".
    func mostAccurate(_ code: memcached_return_t) -> memcached_return_t {
        switch code {
        case MEMCACHED_FAILURE, MEMCACHED_SOME_ERRORS, MEMCACHED_NOTFOUND, MEMCACHED_END, MEMCACHED_SUCCESS:
            let last = unsafe memcached_last_error(pointer)
            return last == MEMCACHED_SUCCESS ? MEMCACHED_CONNECTION_FAILURE : last
        default:
            return code
        }
    }
}
