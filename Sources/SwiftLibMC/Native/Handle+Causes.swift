internal import CLibMemcached

/// Why a server could not be reached, for as long as libmemcached leaves it alone.
struct FailedConnection {
    let detail: String
    let systemErrno: CInt?
    /// When libmemcached last tried it, as far as is known.
    var moment: Moment
}

extension Handle {
    /// Remembers why there is no connection, and reports it where libmemcached only says that it doesn't try.
    func recallingCause(_ error: MemcachedError, at position: Int) -> MemcachedError {
        switch error.code {
        case .serverTemporarilyDisabled, .serverMarkedDead:
            return waiting(error, at: position)
        case .connectionFailure where error.isUnsent && error.systemErrno == nil && failedConnections[position] != nil:
            // A read in the ASCII protocol, which the library did not try either.
            return waiting(error, at: position)
        case _ where error.isUnsent:
            failedConnections[position] = FailedConnection(
                detail: error.detail,
                systemErrno: error.systemErrno,
                moment: .now
            )
        default:
            failedConnections[position] = nil
        }
        return error
    }

    private func waiting(_ error: MemcachedError, at position: Int) -> MemcachedError {
        var error = error
        let isDead = error.code == .serverMarkedDead
        let pause = unsafe isDead ? pointer.pointee.dead_timeout : pointer.pointee.retry_timeout
        // libmemcached counts whole seconds, and waits until more than these have gone by.
        let wait = Duration.seconds(Int(pause) + 1)
        let name = isDead ? "deadTimeout" : "retryTimeout"
        var cause = failedConnections[position]
        let now = Moment.now
        if let moment = cause?.moment, moment + wait < now { cause?.moment = now }
        failedConnections[position] = cause
        let left = cause.map { $0.moment + wait - now } ?? Moment.Distance(wait)
        let seconds = (left.nanoseconds + 999_999_999) / 1_000_000_000
        error.detail =
            "the server can't be reached and is tried again in \(seconds) s at most (\(name)); "
            + "the last attempt: \(cause?.detail ?? "failed")"
        error.systemErrno = error.systemErrno ?? cause?.systemErrno
        return error
    }
}
