internal import CLibMemcached
internal import CPlatform

// What servers have to say about credentials, and where they say it unheard.

extension Handle {
    /// Puts the first refusal of the credentials in the place of the codes that follow from it.
    func explainingAuthentication(_ error: MemcachedError, at position: Int) -> MemcachedError {
        var error = error
        switch error.code {
        case .authFailure, .authProblem:
            error.isOutcomeUnknown = false
            error.detail =
                configuration.credentials == nil
                ? MemcachedError.wantsCredentials : MemcachedError.refusedCredentials
            refusals[position] = error
        case .clientError where wantsCredentialsInText:
            error.code = .authFailure
            error.isOutcomeUnknown = false
            error.detail = MemcachedError.wantsTextCredentials
            refusals[position] = error
        case .unknownReadFailure where configuration.credentials != nil && answersUnauthenticated(position):
            error.code = .authProblem
            error.isOutcomeUnknown = false
            error.detail = MemcachedError.knowsNoCredentials
            refusals[position] = error
        case .serverTemporarilyDisabled, .serverMarkedDead:
            if let first = refusals[position] {
                error.code = first.code
                error.detail = first.detail
                error.isOutcomeUnknown = false
            }
        default:
            refusals[position] = nil
        }
        return error
    }

    /// Finds out more about a failure where the server may tell, at the price of another connection.
    func explained(_ error: MemcachedError, at position: Int) -> MemcachedError {
        if tunnelTrouble(at: position) != nil { return error }
        if error.code == .commandTimeout { return error }
        return explainingHangUp(explainingFullServer(error, at: position), at: position)
    }

    /// Asks a server that hung up on a client without credentials whether it wants some.
    ///
    /// Such a server refuses the first request and hangs up. If more requests, or the rest of a large one, are under way
    /// then, the connection is reset, and the refusal may be gone before the library has read it.
    func explainingHangUp(_ error: MemcachedError, at position: Int) -> MemcachedError {
        guard error.isHangUp, configuration.credentials == nil, traits.isBinary, !traits.usesUDP,
            refusesStrangers(position)
        else { return explainingProtocol(error, at: position) }
        var error = error
        error.code = .authFailure
        error.detail = MemcachedError.wantsCredentials
        error.systemErrno = nil
        // Who refuses strangers does nothing for them.
        error.isOutcomeUnknown = false
        refusals[position] = error
        return error
    }

    /// The error for a request of which all attempts failed: the first one's, unless the last one's tells more.
    func concluding(_ first: MemcachedError, _ last: MemcachedError, at position: Int) -> MemcachedError {
        if last.isAuthenticationFailure {
            var error = last
            error.isOutcomeUnknown = first.isOutcomeUnknown && configuration.credentials != nil
            return error
        }
        if first.code == .commandTimeout || last.code == .commandTimeout {
            return first.code == .commandTimeout ? first : last.after(first)
        }
        // A server that can't be reached any more can't be asked either.
        if last.isTimeout { return first.isTimeout ? explainingProtocol(first, at: position) : first }
        return last.isUnsent ? first : explained(first, at: position)
    }

    /// Whether the last error is that of a server which was started with `-Y`, at a request without a login before it.
    var wantsCredentialsInText: Bool {
        guard !traits.isBinary, unsafe memcached_last_error(pointer) == MEMCACHED_CLIENT_ERROR else { return false }
        let sentence = sentence(for: MEMCACHED_CLIENT_ERROR)
        return ["unauthenticated", "authentication failure", "bad authentication token format"].contains(sentence)
    }

    // MARK: - Questions

    // These are cold paths: each makes a connection of its own, and waits as long as a call may wait.

    /// Whether a server answers without any authentication, and so knows none: to the question for its mechanisms it
    /// gives the same code as to a broken reply.
    private func answersUnauthenticated(_ position: Int) -> Bool {
        guard let handle = try? solo(position, asStranger: true) else { return false }
        return (try? handle.ping()) != nil
    }

    /// Whether a server refuses a request without authentication.
    ///
    /// One small request: nothing follows that could be unread when the server hangs up, so the refusal always arrives.
    private func refusesStrangers(_ position: Int) -> Bool {
        guard let handle = try? solo(position) else { return false }
        let call = handle.startCall()
        defer { handle.endCall(call) }
        // Not a method that makes errors: it would ask again.
        return Self.probeKey.withRawSpan { handle.sendDelete($0, $0) } == MEMCACHED_AUTH_FAILURE
    }
}

extension MemcachedError {
    /// Whether the server, or the system in its place, ended an open connection.
    var isHangUp: Bool {
        switch code {
        case .connectionFailure, .writeFailure, .readFailure, .partialRead, .systemError:
            !isUnsent && systemErrno != ETIMEDOUT
        default: false
        }
    }
}
