// Servers that speak only one of the two protocols, where the client is to find that out by itself: before they are sent
// anything. To a server that reads lines of text, a value that is sent in the binary protocol may be a command.

extension Handle {
    /// Makes sure that the server of a key speaks the binary protocol before it is sent its first request in it.
    ///
    /// If it speaks the text protocol only, so does this handle from now on; the key is checked once more.
    func meetServer(of routing: RawSpan, _ operation: Operation, _ key: RawSpan) throws(MemcachedError) {
        guard let text, !text.strangers.isEmpty else { return }
        let position = position(of: routing)
        guard text.unmet.contains(position) else { return }
        meet([position], operation)
        if !traits.isBinary { try traits.keyRules.check(key, for: operation) }
    }

    /// The same for the servers of many keys, once they are in a list: those of other keys are nobody's affair here.
    @inline(__always)
    func meetServers(of keys: KeyList) throws(MemcachedError) {
        if _slowPath(needsCare) { try meetStrangers(of: keys) }
    }

    @inline(never)
    private func meetStrangers(of keys: KeyList) throws(MemcachedError) {
        if choosesAnew { restart() }
        guard let text, !text.strangers.isEmpty else { return }
        let unmet = text.unmet
        if unmet.isEmpty { return }
        let positions = Set(keys.indices.map { keys.withKey($0) { _, routing in position(of: routing) } })
        meet(unmet.filter(positions.contains), keys.operation)
        if !traits.isBinary { try keys.check(by: traits.keyRules) }
    }

    /// The same for all servers.
    func meetAllServers(for operation: Operation) {
        if let text, !text.strangers.isEmpty { meet(text.unmet, operation) }
    }

    @inline(never)
    private func meet(_ positions: [Int], _ operation: Operation) {
        guard let text else { return }
        let end = endOfMeeting
        for position in positions
        where !stalls.isClosed(to: position) && speaksOnlyText(position, text, operation, until: end) {
            do throws(MemcachedError) {
                return try speakText()
            } catch {
                refuse(
                    position,
                    MemcachedError(
                        code: .protocolError,
                        operation: operation,
                        detail: "\(MemcachedError.speaksTextAlone), which can't be spoken to it: \(error.detail)",
                        server: servers[position]
                    )
                )
            }
        }
    }

    /// When meeting servers has to end: the other half of the call's time is for the command itself, to those that answer.
    private var endOfMeeting: Moment {
        let now = Moment.now
        return now + (max(endOfCall, now) - now).half
    }

    /// Asks a server what it speaks, and notes it if that is the binary protocol.
    private func speaksOnlyText(
        _ position: Int,
        _ text: TextConnections,
        _ operation: Operation,
        until end: Moment
    ) -> Bool {
        // The look-up of the server's name is not counted: libmemcached could not go on without it either.
        var patience = Patience(Self.limit, connecting: Self.limit)
        patience.end = end
        switch servers[position].language(patience, for: operation) {
        case .binary: noteBinary(position)
        case .unreachable: break
        case .unknown: text.noteSilence(position)
        case .text: return true
        }
        return false
    }

    /// The error for a server whose connection broke in the course of a call, so that there may be another one now, if
    /// that speaks text only: it is not sent the rest of the call, which is in the binary protocol.
    ///
    /// The next call begins with meeting it.
    func refusalOfStranger(_ position: Int, _ operation: Operation) -> MemcachedError? {
        guard let text, !text.strangers.isEmpty, text.unmet.contains(position),
            speaksOnlyText(position, text, operation, until: endOfMeeting)
        else { return nil }
        var error = MemcachedError(
            code: .connectionFailure,
            operation: operation,
            detail: "the connection broke, and now \(MemcachedError.speaksTextAlone); the next call speaks that",
            server: servers[position]
        )
        error.isUnsent = true
        return error
    }

    /// Goes over to the text protocol for good; throws if the behaviors don't allow it.
    private func speakText() throws(MemcachedError) {
        var configuration = configuration
        configuration.mustSpeakText = true
        try reconfigure(configuration)
    }

    /// How long a question waits for the connection, and then for the answer: a server gives it at once.
    private static var limit: Duration { .milliseconds(250) }
}
