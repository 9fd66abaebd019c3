internal import CLibMemcached

// Servers that take no more connections (memcached's `-c`).

extension Handle {
    /// Explains an error if a server refused a new connection because it has too many.
    ///
    /// It sends a line of text and hangs up, whatever the protocol: in the binary one the line is no reply, in the
    /// ASCII one the library doesn't return its text, and if it is lost, the connection looks broken. So the server is
    /// asked again, on another connection.
    func explainingFullServer(_ error: MemcachedError, at position: Int) -> MemcachedError {
        let mayBeRefusal = error.code == .unknownReadFailure || error.code == .error || error.isHangUp
        guard mayBeRefusal, error.isFirstOfConnection, let words = refusalOfConnections(position) else { return error }
        var error = error
        error.code = .connectionFailure
        error.detail = "the server takes no more connections (\(words.escapingControls))"
        error.systemErrno = nil
        // It has not even read the request on the new connection.
        error.isUnsent = true
        error.isOutcomeUnknown = false
        return error
    }

    /// What a server sends to a new connection if it has too many.
    func refusalOfConnections(_ position: Int) -> String? {
        traits.usesUDP
            ? nil
            : servers[position].refusalOfConnections(listens: !wasQuestioned(position)) {
                patience(for: .milliseconds(500))
            }
    }
}
