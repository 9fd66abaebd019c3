// Servers that hang up on each new connection, or answer nonsense.

extension Handle {
    /// How often a server has failed on new connections in a row, and when it last did.
    struct Failures {
        var count = 0
        var last = Moment.now
    }

    /// Notes an error; a server that has hung up on a new connection, or sent nonsense on any, ``fewestFailures`` times in
    /// a row is left alone for a moment if ``sparesBrokenServers``.
    ///
    /// Each such call takes several connections. Many of them would take the time of the calls to other servers.
    func noteBroken(_ error: MemcachedError, at position: Int) {
        guard sparesBrokenServers, error.isNonsense || error.isFirstOfConnection && error.isHangUp,
            !stalls.isClosed(to: position)
        else { return }
        // Where others take over the keys of such a server, libmemcached has to see it fail.
        guard !traits.ejectsServers else { return }
        var record = brokenServers[position] ?? Failures()
        if record.last + Self.failureMemory < .now { record.count = 0 }
        record.count += 1
        record.last = .now
        brokenServers[position] = record
        guard record.count >= Self.fewestFailures else { return }
        var error = error
        error.isOutcomeUnknown = false
        error.detail += " (\(record.count) times in a row; the server is asked again within \(Self.pause))"
        refusals[position] = error
        stalls.close(to: position, pause: Self.pause, isBrief: true)
        needsSettling = true
    }

    /// Forgets the failures of servers that have answered on the connections that the last call made.
    func forgetBrokenServers() {
        if inDoubt { return }
        for position in connecting where !unasked.contains(position) { brokenServers[position] = nil }
    }

    private static var fewestFailures: Int { 3 }
    private static var failureMemory: Duration { .seconds(1) }
    private static var pause: Duration { .milliseconds(250) }
}

extension MemcachedError {
    /// Whether the reply made no sense.
    fileprivate var isNonsense: Bool { code == .unknownReadFailure || code == .protocolError }
}
