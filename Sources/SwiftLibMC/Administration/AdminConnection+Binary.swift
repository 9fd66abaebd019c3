// Commands for a server as a whole, in the binary protocol.

extension AdminConnection {
    /// Makes sure that the server answers, and does so without further credentials; "no such command" is an answer,
    /// too.
    ///
    /// It is sent first: a server that refuses a request hangs up, and if a second one is in flight then, the refusal
    /// may be lost.
    mutating func binaryPing() throws(MemcachedError) {
        try send(BinaryOpcode.noop.request())
        let reply = try readReply(to: .noop)
        switch reply.status {
        case 0, Self.unknownStatus: return
        case Self.refusedStatus: throw failure(.authFailure, MemcachedError.wantsCredentials)
        default: throw refusal(reply)
        }
    }

    /// The version that the server reports.
    mutating func binaryVersion() throws(MemcachedError) -> String {
        try send(BinaryOpcode.version.request())
        let reply = try readReply(to: .version)
        guard reply.status == 0 else { throw refusal(reply) }
        guard let version = String(validating: reply.value, as: UTF8.self) else { throw notMemcached() }
        return version
    }

    /// Empties the server, now or after a number of seconds.
    mutating func binaryFlush(delay: UInt32) throws(MemcachedError) {
        let extras = delay == 0 ? [] : BinaryReply.bytes(of: delay)
        let reply: BinaryReply
        do throws(MemcachedError) {
            try send(BinaryOpcode.flush.request(extras: extras))
            reply = try readReply(to: .flush)
        } catch {
            throw error.ofWrite
        }
        // It has answered the ping, so it isn't credentials that are missing: memcached answers this with `-F`.
        if reply.status == Self.refusedStatus { throw failure(.clientError, "the server is set not to allow it") }
        guard reply.status == 0 else { throw refusal(reply) }
    }

    /// The server's statistics.
    ///
    /// - Throws: `.unknownStatKey` if the server knows no such group.
    mutating func binaryStatistics(_ group: String?) throws(MemcachedError) -> [String: String] {
        // memcached forgets the end after `sizes_enable`; then the answer to the next request shows it.
        try send(BinaryOpcode.statistics.request(key: group ?? "") + BinaryOpcode.noop.request())
        var statistics: [String: String] = [:]
        while true {
            let reply = try readReply(to: .statistics, .noop)
            if reply.status == Self.notFoundStatus { throw unknownGroup() }
            guard reply.status == 0 else { throw refusal(reply) }
            if reply.opcode == .noop { return statistics }
            if reply.key.isEmpty {
                // There may be none; but a server that answers everything this way proves nothing.
                if statistics.isEmpty { _ = try readReply(to: .noop) }
                return statistics
            }
            for (name, value) in reply.statistics where statistics[name] == nil { statistics[name] = value }
        }
    }

    /// Logs in by SASL's `PLAIN`, if the server offers nothing stronger; false if it does.
    mutating func authenticate(_ credentials: Credentials) throws(MemcachedError) -> Bool {
        try send(BinaryOpcode.mechanisms.request())
        var reply = try readReply(to: .mechanisms)
        guard reply.status == 0 else { throw failure(.authProblem, MemcachedError.knowsNoCredentials) }
        let mechanisms = String(decoding: reply.value, as: UTF8.self).split(separator: " ")
        guard mechanisms.contains("PLAIN"), mechanisms.allSatisfy(Self.weakMechanisms.contains) else { return false }
        let message = "\0\(credentials.username)\0\(credentials.password)"
        try send(BinaryOpcode.authenticate.request(key: "PLAIN", value: Array(message.utf8)))
        reply = try readReply(to: .authenticate)
        guard reply.status == 0 else { throw failure(.authFailure, MemcachedError.refusedCredentials) }
        return true
    }

    // MARK: - Replies

    private static let weakMechanisms: [Substring] = ["PLAIN", "LOGIN", "ANONYMOUS"]
    private static let notFoundStatus: UInt16 = 0x01
    private static let refusedStatus: UInt16 = 0x20
    private static let unknownStatus: UInt16 = 0x81

    private mutating func readReply(to opcodes: BinaryOpcode...) throws(MemcachedError) -> BinaryReply {
        guard try peek() == BinaryReply.magic else { throw try notBinary() }
        guard let header = BinaryReply.Header(try read(BinaryReply.headerLength)), opcodes.contains(header.opcode)
        else {
            throw notMemcached()
        }
        return BinaryReply(header, body: try read(header.bodyLength))
    }

    /// The error for a reply that is not in the binary protocol.
    private mutating func notBinary() throws(MemcachedError) -> MemcachedError {
        let line = String(decoding: try readLineBytes(), as: UTF8.self)
        let error = refusal(line)
        return [.notSupported, .clientError, .serverError].contains(error.code) ? textOnly() : error
    }

    /// The error for a server that does not speak the binary protocol.
    func textOnly() -> MemcachedError {
        failure(.protocolError, MemcachedError.speaksOnlyText)
    }

    private func refusal(_ reply: BinaryReply) -> MemcachedError {
        let code: MemcachedError.Code =
            switch reply.status {
            case 0x04: .clientError
            case Self.refusedStatus: .authFailure
            case Self.unknownStatus, 0x83: .notSupported
            case 0x82: .serverMemoryAllocationFailure
            default: .serverError
            }
        let text = String(decoding: reply.value, as: UTF8.self)
        return failure(code, "the server refuses" + (text.isEmpty ? ", status \(reply.status)" : ": \(text)"))
    }
}

extension BinaryReply {
    /// One entry; or, of `detail dump`, all of them, as in the text protocol.
    fileprivate var statistics: [(name: String, value: String)] {
        let name = String(decoding: key, as: UTF8.self)
        guard name == "detailed" else { return [(name, String(decoding: value, as: UTF8.self))] }
        return value.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }.compactMap { line in
            if case .entry(let name, let value) = TextStatistic(Array(line)) { (name, value) } else { nil }
        }
    }
}

extension MemcachedError {
    /// The same error, for a request that changes something and got no answer.
    var ofWrite: MemcachedError {
        var error = self
        error.isOutcomeUnknown = [.timeout, .readFailure, .writeFailure, .systemError].contains(code)
        return error
    }
}
