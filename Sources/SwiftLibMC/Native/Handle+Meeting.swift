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
        if _slowPath(needsCare), let text, !text.strangers.isEmpty { try meetStrangers(of: keys) }
    }

    @inline(never)
    private func meetStrangers(of keys: KeyList) throws(MemcachedError) {
        guard let unmet = text?.unmet, !unmet.isEmpty else { return }
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
        // The other half is for the command itself, to those that answer.
        let now = Moment.now
        let end = now + (max(endOfCall, now) - now).half
        for position in positions {
            // The look-up of the server's name is not counted: libmemcached could not go on without it either.
            var patience = Patience(Self.limit, connecting: Self.limit)
            patience.end = end
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

    /// How long a question waits for the connection, and then for the answer: a server gives it at once.
    private static var limit: Duration { .milliseconds(250) }
}
