internal import CLibMemcached

extension Handle {
    /// After a failure: repeats a request that may be repeated, on a fresh connection, and throws the first error if
    /// that does not help either.
    ///
    /// A kept connection may have died unnoticed since its last use, so one failure says little (hazard 85). With
    /// failover it takes a few calls until libmemcached moves the keys to another server (hazard 83). A time-out is
    /// never repeated: the caller's wait stays bounded.
    @inline(never)
    func repeating<R>(
        _ firstCode: memcached_return_t,
        _ operation: Operation,
        _ key: RawSpan,
        routing: RawSpan,
        isWrite: Bool,
        again: (inout R?) -> memcached_return_t
    ) throws(MemcachedError) -> R? {
        let position = position(of: routing)
        var first = failure(firstCode, operation, key: key, routing: routing, isWrite: isWrite, isFinal: false)
        var attempts = traits.ejectsServers ? 4 : 1
        var last = first
        var isOutcomeUnknown = first.isOutcomeUnknown
        while attempts > 0, last.maySucceedAtOnce(withFailover: traits.ejectsServers) {
            attempts -= 1
            settle()
            if isOverdue {
                last = overdue(first, operation, at: position)
                break
            }
            if let refusal = refusalOfTextServer(self.position(of: routing), operation) {
                last = refusal
                break
            }
            ask(self.position(of: routing))
            var result: R?
            let code = again(&result)
            if code == MEMCACHED_SUCCESS || code == MEMCACHED_NOTFOUND { return result }
            last = failure(code, operation, key: key, routing: routing, isWrite: isWrite, isFinal: false)
            isOutcomeUnknown = isOutcomeUnknown || last.isOutcomeUnknown
        }
        first.isOutcomeUnknown = isOutcomeUnknown
        last.isOutcomeUnknown = isOutcomeUnknown
        // The second error says less about the cause, unless it is about another server than the first.
        throw last.isConnectionFailure || last.isAuthenticationFailure || last.isTimeout
            ? concluding(first, last, at: position) : explained(last, at: position)
    }
}

extension MemcachedError {
    /// Whether the same request may succeed at once, on a new connection or, with failover, on another server.
    func maySucceedAtOnce(withFailover ejectsServers: Bool) -> Bool {
        if isAuthenticationFailure { return false }
        if isBrokenConnection { return true }
        return ejectsServers && (code == .serverMarkedDead || code == .serverTemporarilyDisabled)
    }
}
