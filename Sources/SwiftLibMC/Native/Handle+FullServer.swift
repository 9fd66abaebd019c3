internal import CLibMemcached

// Servers that take no more connections (memcached's `-c`).

extension Handle {
    /// Says so if a server refused a new connection because it has too many.
    ///
    /// It sends a line of text and hangs up, whatever the protocol: to the binary one that is nonsense, in the ASCII one
    /// the library doesn't give its words, and if they were lost on the way, it is a broken connection. So the server is
    /// asked, on another connection, what it has to say.
    func explainingFullServer(_ error: MemcachedError, at position: Int) -> MemcachedError {
        let mayBeRefusal = error.code == .unknownReadFailure || error.code == .error || error.isHangUp
        guard mayBeRefusal, error.isFirstOfConnection, let words = refusalOfConnections(position) else { return error }
        var error = error
        error.code = .connectionFailure
        error.detail = "the server takes no more connections (\(words))"
        error.systemErrno = nil
        // It has not even read what was sent on the new connection.
        error.isUnsent = true
        error.isOutcomeUnknown = false
        return error
    }

    /// What a server says to a new connection if it has too many.
    func refusalOfConnections(_ position: Int) -> String? {
        guard !traits.usesUDP else { return nil }
        // It may hang up on the question so quickly that its words are lost; then it is not asked, but listened to.
        guard let words = greeting(of: position, asking: true) ?? greeting(of: position, asking: false) else {
            return nil
        }
        let lowercased = words.lowercased()
        return lowercased.hasPrefix("error") && lowercased.contains("connection") ? words : nil
    }

    /// The first line that a server sends on a new connection.
    private func greeting(of position: Int, asking: Bool) -> String? {
        let patience = Patience(.milliseconds(500))
        guard var connection = try? AdminConnection(to: servers[position], patience, for: .version) else { return nil }
        if asking { try? connection.send("version") }
        return try? connection.readLine()
    }
}
