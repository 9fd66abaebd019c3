/// An inquiry to a server as a whole, over a separate connection and in the client's protocol.
///
/// libmemcached mixes up or hides the failures of several servers (hazards 25, 78, 79), and believes lengths that a
/// server invents. It is only used where a server wants a SASL mechanism that ``AdminConnection`` does not have.
struct ServerInquiry {
    let handle: Handle
    let position: Int

    var server: Server { handle.servers[position] }
    private var configuration: Configuration { handle.configuration }

    /// Asks the server whether it answers.
    func ping() throws(MemcachedError) {
        try ask(.ping) { connection throws(MemcachedError) in
            _ = try connection.textVersion()
        } binary: { _ throws(MemcachedError) in
            // An open connection means that the server has answered.
        } library: { handle throws(MemcachedError) in
            try handle.ping()
        }
    }

    /// The server's version, such as `1.6.18` or `mcrouter 0.41.0`.
    func version() throws(MemcachedError) -> String {
        try ask(.version) { connection throws(MemcachedError) in
            try connection.textVersion()
        } binary: { connection throws(MemcachedError) in
            try connection.binaryVersion()
        } library: { handle throws(MemcachedError) in
            try handle.version()
        }
    }

    /// Empties the server.
    func flush(delay: UInt32) throws(MemcachedError) {
        try ask(.flushAll) { connection throws(MemcachedError) in
            try connection.textFlush(delay: delay)
        } binary: { connection throws(MemcachedError) in
            try connection.binaryFlush(delay: delay)
        } library: { handle throws(MemcachedError) in
            try handle.flush(expiration: delay)
        }
    }

    /// The server's statistics.
    ///
    /// In the text protocol memcached has more groups than in the binary one, and other answers for unknown ones, so
    /// groups are asked for in the text protocol if the server speaks it.
    func statistics(_ group: String?) throws(MemcachedError) -> [String: String] {
        let call = handle.startCall(asksAtOnce: false)
        defer { handle.endCall(call) }
        let patience = handle.patience
        if let group, configuration.isBinary, configuration.credentials == nil {
            do throws(MemcachedError) {
                var connection = try AdminConnection(to: server, patience, for: .getStats)
                connection.deadline = patience.endOfAnswering
                connection.protocolName = "ASCII"
                return try connection.textStatistics(group)
            } catch {
                let error = handle.inTime(error, .getStats, at: position)
                guard error.mayBeAnotherProtocol else { throw error }
            }
        }
        return try ask(.getStats, patience) { connection throws(MemcachedError) in
            try connection.textStatistics(group)
        } binary: { connection throws(MemcachedError) in
            try connection.binaryStatistics(group)
        } library: { handle throws(MemcachedError) in
            try handle.statistics(group)
        }
    }

    // MARK: - Which connection and protocol

    private func ask<R>(
        _ operation: Operation,
        _ patience: Patience? = nil,
        text: (inout AdminConnection) throws(MemcachedError) -> R,
        binary: (inout AdminConnection) throws(MemcachedError) -> R,
        library: (Handle) throws(MemcachedError) -> R
    ) throws(MemcachedError) -> R {
        let call = handle.startCall(asksAtOnce: false)
        defer { handle.endCall(call) }
        do throws(MemcachedError) {
            let patience = patience ?? handle.patience
            var connection = try AdminConnection(to: server, patience, for: operation)
            connection.protocolName = configuration.isBinary ? "binary" : "ASCII"
            guard configuration.isBinary else { return try converse(&connection, patience, text) }
            if let credentials = configuration.credentials {
                guard try connection.authenticate(credentials) else { return try library(handle.solo(position)) }
            }
            try open(&connection, patience)
            return try binary(&connection)
        } catch {
            throw handle.inTime(error, operation, at: position)
        }
    }

    /// Speaks the text protocol; if that fails, finds out whether the server speaks the binary one only.
    private func converse<R>(
        _ connection: inout AdminConnection,
        _ patience: Patience,
        _ text: (inout AdminConnection) throws(MemcachedError) -> R
    ) throws(MemcachedError) -> R {
        do throws(MemcachedError) {
            return try text(&connection)
        } catch {
            guard error.mayBeAnotherProtocol, server.answersBinary(patience, for: connection.operation),
                server.refusesText(patience, for: connection.operation)
            else { throw error }
            throw connection.failure(.protocolError, MemcachedError.speaksOnlyBinary)
        }
    }

    /// Waits for a first answer in the binary protocol; if there is none, finds out whether the server speaks the text
    /// protocol only.
    private func open(_ connection: inout AdminConnection, _ patience: Patience) throws(MemcachedError) {
        connection.deadline = patience.endOfAnswering
        do throws(MemcachedError) {
            try connection.binaryPing()
        } catch {
            guard error.mayBeAnotherProtocol, configuration.credentials == nil,
                let answer = server.answersText(patience, for: connection.operation),
                server.refusesBinary(patience, for: connection.operation)
            else { throw error }
            throw answer
        }
        connection.deadline = patience.end
    }
}

extension MemcachedError {
    /// Whether the error may come from a server that does not speak the protocol.
    fileprivate var mayBeAnotherProtocol: Bool {
        [.timeout, .readFailure, .unknownReadFailure].contains(code)
    }
}
