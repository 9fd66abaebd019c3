extension Server {
    /// One of memcached's two protocols.
    public enum WireProtocol: String, CaseIterable, Hashable, Sendable {
        /// The binary protocol.
        case binary
        /// The ASCII protocol, which memcached's own documents call text as well.
        case ascii

        /// Reads `binary`, `ascii` or `text`, in capitals or not.
        init?(parsing text: String) {
            switch text.lowercased() {
            case "binary": self = .binary
            case "ascii", "text": self = .ascii
            default: return nil
            }
        }
    }
}

extension [Server] {
    /// Whether a client of these servers speaks the binary protocol: as their addresses say, else as it was told.
    ///
    /// A client speaks one protocol with all its servers, so that one address speaks for all.
    ///
    /// - Throws: `.invalidArguments` if addresses contradict each other, or ask for the binary protocol where the
    ///   client was told not to speak it. (That it was told to speak it can't be seen: it is the usual thing.)
    func isBinary(unlessSaid binary: Bool) throws(MemcachedError) -> Bool {
        let wanted = Set(compactMap(\.wireProtocol))
        guard wanted.count < 2 else {
            throw Self.refusal("some addresses say protocol=binary and others protocol=ascii")
        }
        guard let wanted = wanted.first else { return binary }
        guard binary || wanted == .ascii else {
            throw Self.refusal("an address says protocol=binary, but the client is to speak ASCII")
        }
        return wanted == .binary
    }

    /// The same servers without a word about the protocol.
    var withoutProtocols: Self {
        map { server in
            var plain = server
            plain.wireProtocol = nil
            return plain
        }
    }

    private static func refusal(_ reason: String) -> MemcachedError {
        MemcachedError(
            code: .invalidArguments,
            operation: .create,
            detail: "the protocol is not clear: \(reason); a client speaks one protocol with all its servers"
        )
    }
}
