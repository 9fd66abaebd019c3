// Servers that speak only one of the two protocols, where the client has to find that out by itself, before they are
// sent anything. To a server that reads lines of text, a value that is sent in the binary protocol may be a command.

extension Handle {
    /// Makes sure that the server of a key speaks the binary protocol before it is sent its first request in it.
    ///
    /// If the server only speaks the text protocol, so does this handle from now on; the key is checked once more.
    func detectProtocol(of routing: RawSpan, _ operation: Operation, _ key: RawSpan) throws(MemcachedError) {
        guard let text, !text.undetected.isEmpty else { return }
        let position = position(of: routing)
        guard text.dueForDetection.contains(position) else { return }
        // Not only afterwards: its pause may end in between, and then it would be sent the command unasked.
        if stalls.isClosed(to: position) { throw stalled(position, operation, key: key) }
        detectProtocols(at: [position], operation)
        if !traits.isBinary { try traits.keyRules.check(key, for: operation) }
    }

    /// The same for the servers of many keys, once they are in a list; the servers of other keys don't matter here.
    @inline(__always)
    func detectProtocols(of keys: KeyList) throws(MemcachedError) {
        if _slowPath(mustSettle) { try detectUndetected(of: keys) }
    }

    @inline(never)
    private func detectUndetected(of keys: KeyList) throws(MemcachedError) {
        if !callWatch.isInCall { keys.endOfCall = Moment.now + commandTimeout }
        settleBefore()
        if choosesAnew { restart() }
        guard let text, !text.undetected.isEmpty else { return }
        if text.dueForDetection.isEmpty { return }
        let positions = Set(keys.indices.map { keys.withKey($0) { _, routing in position(of: routing) } })
        detectProtocols(at: positions, keys.operation)
        if !traits.isBinary { try keys.check(by: traits.keyRules) }
    }

    /// The same for all servers.
    func detectAllProtocols(for operation: Operation) {
        if let text, !text.undetected.isEmpty { detectProtocols(at: text.undetected, operation) }
    }

    @inline(never)
    private func detectProtocols(at positions: Set<Int>, _ operation: Operation) {
        guard let text else { return }
        // The other half is for the command itself, to the servers that answer.
        let end = middleOfCall
        var rest = positions
        // The pause of one may end while another is asked.
        while let position = text.dueForDetection.first(where: { rest.contains($0) && !stalls.isClosed(to: $0) }) {
            rest.remove(position)
            guard speaksOnlyText(position, text, operation, until: end) else { continue }
            do throws(MemcachedError) {
                return try speakText(with: servers[position])
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

    /// Asks a server for its protocol, and notes it if that is the binary one; true if it is text.
    private func speaksOnlyText(
        _ position: Int,
        _ text: TextConnections,
        _ operation: Operation,
        until end: Moment
    ) -> Bool {
        // The look-up of the server's name is not counted: libmemcached could not continue without it either.
        var patience = Patience(Self.questionLimit, connecting: Self.questionLimit)
        patience.end = end
        switch servers[position].detectProtocol(patience, for: operation) {
        case .binary: text.noteBinary(position)
        case .unreachable: break
        case .unknown: text.noteSilence(position)
        case .text: return true
        }
        return false
    }

    /// The error for a server whose connection broke during a call, so that another one may have replaced it, if that
    /// one only speaks text: it is not sent the rest of the call, which is in the binary protocol.
    ///
    /// The next call begins with detecting its protocol.
    func refusalOfTextServer(_ position: Int, _ operation: Operation) -> MemcachedError? {
        guard let text, !text.undetected.isEmpty, text.dueForDetection.contains(position),
            speaksOnlyText(position, text, operation, until: middleOfCall)
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

    /// Switches to the text protocol permanently; throws if the behaviors don't allow it.
    private func speakText(with server: Server) throws(MemcachedError) {
        var configuration = configuration
        configuration.textOnlyServer = server
        try reconfigure(configuration)
    }
}
