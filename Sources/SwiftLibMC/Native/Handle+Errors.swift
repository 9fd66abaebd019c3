internal import CLibMemcached
internal import CPlatform

extension MemcachedError {
    init(
        code: Code,
        operation: Operation,
        detail: String,
        key: String? = nil,
        server: Server? = nil,
        underlying: (any Error)? = nil
    ) {
        self.init(
            code: code,
            operation: operation.rawValue,
            detail: detail,
            key: key,
            server: server,
            underlying: underlying
        )
    }
}

extension Handle {
    /// Makes the error for a return code right where it was returned, notes what it says about the connection, and
    /// leaves the handle in doubt, so that the connection is reset before the next request.
    ///
    /// Callers that may repeat the request say that it is not final, and pass the remaining error to
    /// ``concluding(_:_:at:)``.
    @inline(never)
    func failure(
        _ code: memcached_return_t,
        _ operation: Operation,
        key: RawSpan,
        routing: RawSpan,
        isWrite: Bool,
        isFinal: Bool = true
    ) -> MemcachedError {
        failure(code, operation, at: position(of: routing), key: key.text, isWrite: isWrite, isFinal: isFinal)
    }

    @inline(never)
    func failure(
        _ code: memcached_return_t,
        _ operation: Operation,
        at position: Int,
        key: String? = nil,
        isWrite: Bool = false,
        isUnsent: Bool = false,
        isFinal: Bool = true
    ) -> MemcachedError {
        firstAsked = nil
        var code = code
        if _slowPath(valueLimit.hasRefused) {
            let count = valueLimit.takeRefused()
            guard isWrite else {
                markInDoubt()
                probed.remove(position)
                return tooLong(count, operation, at: position, key: key)
            }
            // No reply to a write has a value.
            code = MEMCACHED_PROTOCOL_ERROR
        }
        let problem = tunnelProblem(at: position)
        let hasNoConnection = takeFailedConnection(position)
        let isUnsent = hasNoConnection || isUnsent || problem?.isUnsent == true
        code = isUnsent ? reason(forNoConnection: code, at: position) : actual(code)
        var error = MemcachedError(
            code: .init(rawValue: code.rawValue),
            operation: operation,
            detail: isUnsent ? sentence(forNoConnection: code, at: position) : sentence(for: code),
            key: key,
            server: servers[position]
        )
        let number = unsafe memcached_last_error_errno(pointer)
        if number != 0 { error.systemErrno = number }
        error.isUnsent = isUnsent
        error.isFirstOfConnection = isFirst(at: position)
        error = problem.map { explaining(error, by: $0, at: position) } ?? recallingCause(error, at: position)
        // Without a reply it is unknown whether a write has taken place.
        error.isOutcomeUnknown = isWrite && !isUnsent && !isRefusal(code)
        if error.isBrokenConnection || isUnsent { noteBreak(position) }
        if code == MEMCACHED_SERVER_TEMPORARILY_DISABLED {
            text?.noteLeftAlone(position)
        } else if hasNoConnection, code == MEMCACHED_CONNECTION_FAILURE, number != 0 {
            text?.noteFailedConnection(position, retryTimeout: unsafe Int(pointer.pointee.retry_timeout))
        }
        if !keepsConnection(code) {
            markInDoubt()
            probed.remove(position)
        } else if code != MEMCACHED_E2BIG {
            // libmemcached does not try the server for now, and connects later.
            unasked.insert(position)
            needsSettling = true
        }

        if code == MEMCACHED_SERVER_MARKED_DEAD { noteDead(position) }
        error = overdue(error, operation, at: position)
        if error.code == .commandTimeout { return error }
        if error.code == .timeout { noteTimeout(position) }
        if problem == nil { error = explainingAuthentication(error, at: position) }
        return isFinal ? explained(error, at: position) : error
    }

    /// Whether the connections are as good as before after a result: the reply was in order, or nothing has been sent.
    private func keepsConnection(_ code: memcached_return_t) -> Bool {
        switch code {
        case MEMCACHED_E2BIG, MEMCACHED_SERVER_TEMPORARILY_DISABLED, MEMCACHED_SERVER_MARKED_DEAD: true
        default: false
        }
    }

    /// Whether a result says that the server has not carried out a request, or never got it.
    ///
    /// `SERVER_ERROR` with other words does not: a proxy answers this, too, when it stops waiting for the server behind
    /// it.
    private func isRefusal(_ code: memcached_return_t) -> Bool {
        switch code {
        case MEMCACHED_E2BIG, MEMCACHED_NOTFOUND, MEMCACHED_NOTSTORED, MEMCACHED_DATA_EXISTS, MEMCACHED_CLIENT_ERROR,
            MEMCACHED_ERROR, MEMCACHED_SERVER_MEMORY_ALLOCATION_FAILURE, MEMCACHED_AUTH_FAILURE,
            MEMCACHED_AUTH_PROBLEM, MEMCACHED_AUTH_CONTINUE, MEMCACHED_SERVER_TEMPORARILY_DISABLED,
            MEMCACHED_SERVER_MARKED_DEAD, MEMCACHED_HOST_LOOKUP_FAILURE, MEMCACHED_FAIL_UNIX_SOCKET,
            MEMCACHED_NO_SERVERS, MEMCACHED_NOT_SUPPORTED, MEMCACHED_INVALID_HOST_PROTOCOL,
            MEMCACHED_BAD_KEY_PROVIDED, MEMCACHED_KEY_TOO_BIG:
            true
        case MEMCACHED_MEMORY_ALLOCATION_FAILURE:
            // It is the server's, unless the library has recorded it as its own.
            unsafe memcached_last_error(pointer) != MEMCACHED_MEMORY_ALLOCATION_FAILURE
        default: false
        }
    }

    /// What really happened, where a return code is too general, or stands for a reply that makes no sense.
    private func actual(_ code: memcached_return_t) -> memcached_return_t {
        if !memcached_failed(code) { return MEMCACHED_PROTOCOL_ERROR }
        // A reply may be broken off by a time-out or the end of the connection.
        let last = unsafe memcached_last_error(pointer)
        return code == MEMCACHED_UNKNOWN_READ_FAILURE && last != MEMCACHED_SUCCESS ? last : code
    }

    /// Counts a time-out against its server.
    func noteTimeout(_ position: Int) {
        let behaviors = configuration.behaviors
        let pause = traits.ejectsServers ? behaviors.deadTimeout : behaviors.retryTimeout
        stalls.timedOut(position, pause: pause ?? .seconds(2))
        if stalls.isLeftOut(position) { noteDead(position) }
        needsSettling = true
    }

    /// The error for a server that is not asked, because it keeps timing out.
    func stalled(_ position: Int, _ operation: Operation, key: RawSpan) -> MemcachedError {
        let error = MemcachedError(
            code: .serverTemporarilyDisabled,
            operation: operation,
            detail: "the server did not answer \(stalls.limit) times in a row, each time within "
                + "\(unsafe pointer.pointee.poll_timeout) ms (pollTimeout), and is asked again in "
                + "\(stalls.secondsLeft(at: position)) s at most (\(traits.ejectsServers ? "deadTimeout" : "retryTimeout"))",
            key: key.text,
            server: servers[position]
        )
        return explainingAuthentication(error, at: position)
    }

    /// The error for an operation that the transport can't carry.
    func unsupported(_ operation: Operation, _ detail: String, key: RawSpan) -> MemcachedError {
        MemcachedError(code: .notSupported, operation: operation, detail: detail, key: key.text)
    }
}

extension MemcachedError {
    /// Whether the connection broke while a request was under way, so that a fresh one may succeed.
    var isBrokenConnection: Bool {
        switch code {
        case .connectionFailure, .writeFailure, .readFailure, .unknownReadFailure, .partialRead, .systemError: true
        default: false
        }
    }

    /// This error of a request that was sent again, in the light of the first.
    func after(_ first: MemcachedError) -> MemcachedError {
        var error = self
        error.isOutcomeUnknown = isOutcomeUnknown || first.isOutcomeUnknown
        return error
    }

    /// The first error of a request that was sent again, in the light of the second.
    func afterRepetition(_ second: MemcachedError) -> MemcachedError {
        var error = self
        error.isOutcomeUnknown = isOutcomeUnknown || second.isOutcomeUnknown
        return error
    }
}

extension RawSpan {
    /// The bytes as text, for error messages.
    var text: String { unsafe withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) } }
}
