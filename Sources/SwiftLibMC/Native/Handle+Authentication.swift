internal import CLibMemcached
internal import CPlatform

// What servers say about credentials, and how to learn it where libmemcached loses it.

extension Handle {
    /// Replaces the codes that follow from a refusal of the credentials by the first refusal.
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

    /// Finds out more about a failure where the server may tell, at the cost of another connection.
    func explained(_ error: MemcachedError, at position: Int) -> MemcachedError {
        if tunnelProblem(at: position) != nil { return error }
        if error.code == .commandTimeout { return error }
        let explained = explainingHangUp(explainingFullServer(error, at: position), at: position)
        noteBroken(explained, at: position)
        return explained
    }

    /// Asks a server that hung up on a client without credentials whether it wants some.
    ///
    /// Such a server refuses the first request and hangs up. If more requests, or the rest of a large one, are in
    /// flight then, the connection is reset, and the refusal may be lost before the library has read it.
    func explainingHangUp(_ error: MemcachedError, at position: Int) -> MemcachedError {
        guard error.isHangUp, configuration.credentials == nil, traits.isBinary, !traits.usesUDP,
            refusesUnauthenticated(position)
        else { return explainingProtocol(error, at: position) }
        var error = error
        error.code = .authFailure
        error.detail = MemcachedError.wantsCredentials
        error.systemErrno = nil
        // A server that refuses clients without credentials does nothing for them.
        error.isOutcomeUnknown = false
        refusals[position] = error
        return error
    }

    /// The error for a request of which all attempts failed: the first one's, unless the last one says more.
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

    /// Whether the last error is from a server that was started with `-Y`, in reply to a request without a login before
    /// it.
    var wantsCredentialsInText: Bool {
        guard !traits.isBinary, unsafe memcached_last_error(pointer) == MEMCACHED_CLIENT_ERROR else { return false }
        let sentence = sentence(for: MEMCACHED_CLIENT_ERROR)
        return ["unauthenticated", "authentication failure", "bad authentication token format"].contains(sentence)
    }

    // MARK: - Questions

    // These are cold paths: each makes a connection of its own, and waits as long as a call may wait.

    /// Whether a server answers without any authentication, and so has none: the code for its answer to the question
    /// for its mechanisms is the same as for a broken reply.
    private func answersUnauthenticated(_ position: Int) -> Bool {
        guard let handle = try? solo(position, withoutCredentials: true) else { return false }
        return (try? handle.ping()) != nil
    }

    /// Whether a server refuses a request without authentication.
    ///
    /// One small request: nothing follows that could still be unread when the server hangs up, so the refusal always
    /// arrives.
    private func refusesUnauthenticated(_ position: Int) -> Bool {
        guard let handle = try? solo(position) else { return false }
        let call = handle.startCall()
        defer { handle.endCall(call) }
        // This does not call a method that makes errors, which would ask again.
        return Self.probeKey.withRawSpan { handle.sendDelete($0, $0) } == MEMCACHED_AUTH_FAILURE
    }
}

extension MemcachedError {
    /// Whether the server, or the system on its behalf, ended an open connection.
    var isHangUp: Bool {
        switch code {
        case .connectionFailure, .writeFailure, .readFailure, .partialRead, .systemError:
            !isUnsent && systemErrno != ETIMEDOUT
        default: false
        }
    }
}
