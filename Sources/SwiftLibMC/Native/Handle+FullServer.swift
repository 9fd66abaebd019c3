internal import CLibMemcached

// Servers that take no more connections (memcached's `-c`).

extension Handle {
    /// Says so if a server refused a new connection because it has too many.
    ///
    /// It sends a line of text and hangs up, whatever the protocol: to the binary one that is nonsense, in the ASCII one
    /// the library doesn't give its words, and if they were lost on the way, it is a broken connection. So the server is
    /// asked, on another connection, what it has to say.
    func explainingFullServer(_ error: MemcachedError, at position: Int) -> MemcachedError {
        let mayBeRefusal =
            error.code == .unknownReadFailure || error.isHangUp ? error.isFirstOfConnection : error.code == .error
        guard mayBeRefusal, !traits.usesUDP, let words = greeting(of: position) else { return error }
        let lowercased = words.lowercased()
        guard lowercased.contains("error"), lowercased.contains("connection") else { return error }
        var error = error
        error.code = .connectionFailure
        error.detail = "the server takes no more connections (\(words))"
        error.systemErrno = nil
        // It has not even read what was sent on the new connection.
        error.isUnsent = true
        error.isOutcomeUnknown = false
        return error
    }

    /// The line that a server sends on a new connection without having been asked, as only one does that takes no more.
    private func greeting(of position: Int) -> String? {
        // Not asked for anything: it would hang up on the question, and its words might be lost.
        let patience = Patience(.milliseconds(250))
        guard var connection = try? AdminConnection(to: servers[position], patience, for: .version) else { return nil }
        return try? connection.readLine()
    }
}
