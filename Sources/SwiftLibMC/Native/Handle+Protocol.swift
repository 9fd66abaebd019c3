internal import CLibMemcached

// Servers and proxies that speak only one of the two protocols. What they make of a request in the other one is silence,
// the end of the connection, or nonsense.

extension Handle {
    /// Says so if a server that does not answer speaks only the other protocol.
    ///
    /// It is asked in both, on connections of their own, and at the first of several time-outs only: one that hangs does
    /// not answer here either.
    func explainingProtocol(_ error: MemcachedError, at position: Int) -> MemcachedError {
        guard error.mayComeOfProtocol, !traits.usesUDP else { return error }
        if error.isTimeout, !stalls.isFirst(position) { return error }
        let words: String
        if traits.isBinary {
            guard let text = textAnswer(of: position), !answersInBinary(position) else { return error }
            words = text
        } else {
            guard answersInBinary(position), textAnswer(of: position) == nil else { return error }
            words = ""
        }
        var error = error
        error.systemErrno = nil
        // A request that was not understood has not been carried out.
        error.isOutcomeUnknown = false
        if words.hasSuffix("unauthenticated") {
            error.code = .authFailure
            error.detail = "the server speaks the text protocol only, and " + Self.wantsTextCredentials
        } else if traits.isBinary {
            let hasCredentials = configuration.credentials != nil
            error.code = hasCredentials ? .authProblem : .protocolError
            error.detail =
                "the server speaks the text protocol only: `binary: false`"
                + (hasCredentials ? ", which has no user name and password" : "")
        } else {
            error.code = .protocolError
            error.detail = "the server speaks the binary protocol only: `binary: true`"
        }
        refusals[position] = error
        stalls.close(to: position, pause: configuration.behaviors.retryTimeout ?? .seconds(2))
        needsCare = true
        return error
    }

    static var wantsTextCredentials: String {
        "wants a user name and a password in it (memcached -Y), which libmemcached can't send"
    }

    /// How long each question waits, at most: who speaks the language answers it at once.
    private static var limit: Duration { .milliseconds(250) }

    /// The first line of what a server answers to a question for its version in the text protocol, if it is one of
    /// memcached's.
    private func textAnswer(of position: Int) -> String? {
        guard var connection = try? AdminConnection(to: servers[position], Patience(Self.limit), for: .version),
            (try? connection.send("version")) != nil, let line = try? connection.readLine()
        else { return nil }
        let words = ["VERSION", "ERROR", "CLIENT_ERROR", "SERVER_ERROR"]
        return words.contains(String(line.prefix { $0 != " " })) ? line : nil
    }

    /// Whether a server answers in the binary protocol, be it with a refusal.
    private func answersInBinary(_ position: Int) -> Bool {
        var configuration = configuration
        configuration.servers = [servers[position]]
        configuration.isBinary = true
        configuration.credentials = nil
        configuration.behaviors = Behaviors(connectTimeout: Self.limit, pollTimeout: Self.limit)
        guard let handle = try? Handle(configuration) else { return false }
        let signals = SignalGuard(isOn: blocksSignals)
        defer { signals.end() }
        // A server that reads lines would wait for the end of one.
        let code = (Self.nobodysKey + Array("\r\n".utf8)).withRawSpan { handle.sendDelete($0, $0) }
        return code == MEMCACHED_NOTFOUND || code == MEMCACHED_SUCCESS || code == MEMCACHED_AUTH_FAILURE
    }
}

extension MemcachedError {
    /// Whether a server that doesn't understand the protocol may be behind it.
    fileprivate var mayComeOfProtocol: Bool {
        isTimeout || code == .unknownReadFailure || code == .protocolError || isHangUp
    }
}
