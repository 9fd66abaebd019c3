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

    /// The same for all servers, before keys are checked for a call with many of them.
    @inline(__always)
    func meetServers(for operation: Operation) {
        if _slowPath(needsCare), let text, !text.strangers.isEmpty { meet(text.unmet, operation) }
    }

    @inline(never)
    private func meet(_ positions: [Int], _ operation: Operation) {
        guard let text else { return }
        for position in positions {
            var patience = Patience(Self.limit)
            patience.end = min(patience.end, endOfCall)
            switch servers[position].language(patience, for: operation) {
            case .binary: noteBinary(position)
            case .unreachable: break
            case .unknown: text.noteSilence(position)
            case .text: if speakText() { return }
            }
        }
    }

    /// Goes over to the text protocol for good; false if the behaviors don't allow it.
    private func speakText() -> Bool {
        var configuration = configuration
        configuration.mustSpeakText = true
        do throws(MemcachedError) {
            try reconfigure(configuration)
            return true
        } catch {
            return false
        }
    }

    /// How long each question waits, at most: a server answers it at once.
    private static var limit: Duration { .milliseconds(250) }
}
