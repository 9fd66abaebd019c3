internal import CLibMemcached

// Servers and proxies that speak only one of the two protocols. To a request in the other one they react with silence,
// by closing the connection, or with nonsense.

extension Handle {
    /// Explains an error if a server that does not answer speaks only the other protocol.
    ///
    /// The server is asked in both, on separate connections: only at the first of several time-outs, and occasionally
    /// after it hangs up, because a server that does not answer, or hangs up, does so on these, too.
    func explainingProtocol(_ error: MemcachedError, at position: Int) -> MemcachedError {
        guard error.mayComeOfProtocol, !traits.usesUDP else { return error }
        if error.isTimeout, !stalls.isFirst(position) { return error }
        // A server that has answered in it once speaks it.
        if spoken.contains(position) { return error }
        if wasQuestioned(position) { return error }
        // The next call detects its protocol before it sends anything else.
        if text?.dueForDetection.contains(position) == true { return error }
        defer { questions[position] = .now }
        let server = servers[position]
        var answer: MemcachedError?
        if traits.isBinary {
            answer = server.answersText(patience(for: Self.questionLimit), for: .version)
            guard answer != nil, server.refusesBinary(patience(for: Self.questionLimit), for: .version) else {
                return error
            }
        } else {
            guard server.answersBinary(patience(for: Self.questionLimit), for: .version),
                server.refusesText(patience(for: Self.questionLimit), for: .version)
            else {
                return error
            }
            if canChooseAnew(for: server) {
                choosesAnew = true
                needsSettling = true
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
            // It answered too late when it was asked before its first request, or has taken another one's place since.
            text?.noteUndetected([position])
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

    /// Whether no other server needs the text protocol, so that the client can go back to choosing for a server that
    /// only speaks the binary one.
    private func canChooseAnew(for server: Server) -> Bool {
        guard let cause = configuration.textOnlyServer else { return false }
        return cause == server || cause.detectProtocol(patience(for: Self.questionLimit), for: .version) != .text
    }

    /// Leaves a server out for a while, since this client can't speak its protocol.
    func refuse(_ position: Int, _ error: MemcachedError) {
        refusals[position] = error
        stalls.close(to: position, pause: pauseOfQuestions)
        needsSettling = true
    }

    /// Whether a server has lately been asked, without result, why it hangs up.
    func wasQuestioned(_ position: Int) -> Bool {
        guard let last = questions[position] else { return false }
        return .now < last + pauseOfQuestions
    }

    private var pauseOfQuestions: Duration { configuration.behaviors.retryTimeout ?? .seconds(2) }

    /// How long each question waits, at most: a server that speaks the protocol answers it at once.
    static var questionLimit: Duration { .milliseconds(250) }
}

extension MemcachedError {
    /// Whether a server that doesn't understand the protocol may be the cause.
    fileprivate var mayComeOfProtocol: Bool {
        isTimeout || code == .unknownReadFailure || code == .protocolError || isHangUp
    }
}
