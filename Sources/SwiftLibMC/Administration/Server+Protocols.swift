// Which of the two protocols a server speaks, as far as its replies show, and whether it answers at all. A reply that
// is lost or late proves nothing.

extension Server {
    /// The error for a server that speaks the text protocol instead of the binary one, even if only to refuse
    /// everything; nil if it does not answer in it in time.
    func answersText(_ patience: Patience, for operation: Operation) -> MemcachedError? {
        do throws(MemcachedError) {
            var connection = try AdminConnection(to: self, patience, for: operation)
            connection.deadline = patience.endOfAnswering
            do throws(MemcachedError) {
                _ = try connection.textVersion()
            } catch {
                if error.isAuthenticationFailure { return error }
                // A refusal is an answer, too.
                guard [.notSupported, .clientError, .serverError].contains(error.code) else { return nil }
            }
            return connection.textOnly()
        } catch {
            return nil
        }
    }

    /// Whether the server speaks the binary protocol, even if only to refuse everything.
    func answersBinary(_ patience: Patience, for operation: Operation) -> Bool {
        answer(to: BinaryOpcode.noop.request(), patience, operation) == .bytes(BinaryReply.magic)
    }

    /// Whether the server shows that it does not speak the binary protocol: by text, or by hanging up each time.
    func refusesBinary(_ patience: Patience, for operation: Operation) -> Bool {
        refuses(Self.binaryQuestion, patience, operation) { $0 != BinaryReply.magic }
    }

    /// Whether the server shows that it does not speak the text protocol: by other bytes, or by hanging up each time.
    func refusesText(_ patience: Patience, for operation: Operation) -> Bool {
        // A server that reads headers of 24 bytes would wait for the end of one.
        let question = Array(repeatElement("version\r\n", count: 3).joined().utf8)
        return refuses(question, patience, operation) { $0 == BinaryReply.magic }
    }

    /// The protocol that a server turns out to speak.
    enum DetectedProtocol {
        /// The binary protocol, and perhaps the text one as well.
        case binary
        /// The text protocol alone.
        case text
        /// There is no connection to it.
        case unreachable
        /// It does not answer in time.
        case unknown
    }

    /// Finds out whether the server speaks the binary protocol, even if only to refuse everything, before a request is
    /// sent that would mean something else in the text protocol.
    func detectProtocol(_ patience: Patience, for operation: Operation) -> DetectedProtocol {
        switch answer(to: Self.binaryQuestion, patience, operation) {
        case .bytes(BinaryReply.magic): .binary
        case .bytes, .hangUp: answersText(patience, for: operation) == nil ? .unknown : .text
        case .silence: .unknown
        case .unreachable: .unreachable
        }
    }

    /// What a server sends to a new connection if it has too many.
    ///
    /// It may hang up on the question so quickly that its words are lost. So a second connection only listens, which
    /// takes a while if the server has nothing to say.
    ///
    /// `patience` says for each question how long it may take.
    func refusalOfConnections(listens: Bool = true, _ patience: () -> Patience) -> String? {
        for question in listens ? ["version\r\n", ""] : ["version\r\n"] {
            let words = try? conversation(Array(question.utf8), patience(), for: .version) {
                connection throws(MemcachedError) in try connection.readLine()
            }
            guard let words else { continue }
            return AdminConnection.refusesConnections(words) ? words : nil
        }
        return nil
    }

    // MARK: -

    /// A server that reads lines would wait for the end of one.
    private static var binaryQuestion: [UInt8] { BinaryOpcode.noop.request() + Array("\r\n".utf8) }

    /// Sends something on a connection of its own, and listens.
    private func conversation<R>(
        _ question: [UInt8],
        _ patience: Patience,
        for operation: Operation,
        _ listen: (inout AdminConnection) throws(MemcachedError) -> R
    ) throws(MemcachedError) -> R {
        var connection = try AdminConnection(to: self, patience, for: operation)
        connection.deadline = patience.endOfAnswering
        if !question.isEmpty { try connection.send(question) }
        return try listen(&connection)
    }

    private enum Answer: Equatable {
        /// The first byte.
        case bytes(UInt8)
        case hangUp
        case silence
        case unreachable
    }

    private func refuses(
        _ question: [UInt8],
        _ patience: Patience,
        _ operation: Operation,
        isRefusal: (UInt8) -> Bool
    ) -> Bool {
        // A connection that breaks once proves nothing.
        for _ in 0..<3 {
            switch answer(to: question, patience, operation) {
            case .bytes(let first): return isRefusal(first)
            case .silence, .unreachable: return false
            case .hangUp: continue
            }
        }
        return true
    }

    private func answer(to question: [UInt8], _ patience: Patience, _ operation: Operation) -> Answer {
        do throws(MemcachedError) {
            return .bytes(
                try conversation(question, patience, for: operation) { connection throws(MemcachedError) in
                    try connection.peek()
                }
            )
        } catch {
            switch error.code {
            case .readFailure, .writeFailure: return .hangUp
            case .connectionFailure, .hostLookupFailure: return .unreachable
            default: return .silence
            }
        }
    }
}
