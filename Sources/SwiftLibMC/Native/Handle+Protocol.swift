internal import CLibMemcached

// Servers and proxies that speak only one of the two protocols. What they make of a request in the other one is silence,
// the end of the connection, or nonsense.

extension Handle {
    /// Says so if a server that does not answer speaks only the other protocol.
    ///
    /// It is asked in both, on connections of their own, at the first of several time-outs only, and after its hanging up
    /// once in a while: who does not answer, or hangs up, does so here as well.
    func explainingProtocol(_ error: MemcachedError, at position: Int) -> MemcachedError {
        guard error.mayComeOfProtocol, !traits.usesUDP else { return error }
        if error.isTimeout, !stalls.isFirst(position) { return error }
        // One that has answered in it once, speaks it.
        if spoken.contains(position) { return error }
        if wasQuestioned(position) { return error }
        // The next call meets it before it says anything else.
        if text?.strangers.contains(position) == true { return error }
        defer { questions[position] = .now }
        let server = servers[position]
        var answer: MemcachedError?
        if traits.isBinary {
            answer = server.answersText(patience(for: Self.limit), for: .version)
            guard answer != nil, server.refusesBinary(patience(for: Self.limit), for: .version) else { return error }
        } else {
            guard server.answersBinary(patience(for: Self.limit), for: .version),
                server.refusesText(patience(for: Self.limit), for: .version)
            else {
                return error
            }
            if configuration.choice == .automatic, replaced.contains(position) {
                choosesAnew = true
                needsCare = true
                return error
            }
        }
        var error = error
        error.systemErrno = nil
        // A request that was not understood has not been carried out.
        error.isOutcomeUnknown = false
        if answer?.isAuthenticationFailure == true {
            error.code = .authFailure
            error.detail = MemcachedError.wantsTextCredentials
        } else if traits.isBinary {
            let hasCredentials = configuration.credentials != nil
            error.code = hasCredentials ? .authProblem : .protocolError
            error.detail =
                MemcachedError.speaksOnlyText
                + (hasCredentials ? ", which has no user name and password" : "")
        } else {
            error.code = .protocolError
            error.detail = MemcachedError.speaksOnlyBinary
        }
        refuse(position, error)
        return error
    }

    /// Leaves a server alone for a while, since nobody here speaks its language.
    func refuse(_ position: Int, _ error: MemcachedError) {
        refusals[position] = error
        stalls.close(to: position, pause: pauseOfQuestions)
        needsCare = true
    }

    /// Whether a server has lately been asked in vain what is behind its hanging up.
    func wasQuestioned(_ position: Int) -> Bool {
        guard let last = questions[position] else { return false }
        return .now < last + pauseOfQuestions
    }

    private var pauseOfQuestions: Duration { configuration.behaviors.retryTimeout ?? .seconds(2) }

    /// How long each question waits, at most: who speaks the language answers it at once.
    private static var limit: Duration { .milliseconds(250) }
}

extension MemcachedError {
    /// Whether a server that doesn't understand the protocol may be behind it.
    fileprivate var mayComeOfProtocol: Bool {
        isTimeout || code == .unknownReadFailure || code == .protocolError || isHangUp
    }
}
