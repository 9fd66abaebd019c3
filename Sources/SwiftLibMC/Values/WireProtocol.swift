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
    /// The protocol of a client of these servers: the one in their addresses, otherwise `choice`.
    ///
    /// A client speaks one protocol with all its servers, so that one address decides for all.
    ///
    /// - Throws: `.invalidArguments` if addresses contradict each other, or ask for the binary protocol where the
    ///   client was told not to speak it.
    func wireProtocol(unlessSaid choice: MemcachedProtocol) throws(MemcachedError) -> MemcachedProtocol {
        let wanted = Set(compactMap(\.wireProtocol))
        guard wanted.count < 2 else {
            throw Self.refusal("some addresses say protocol=binary and others protocol=ascii")
        }
        guard let wanted = wanted.first else { return choice }
        guard choice != .text || wanted == .ascii else {
            throw Self.refusal("an address says protocol=binary, but the client is to speak ASCII")
        }
        return wanted == .binary ? .binary : .text
    }

    /// The same servers without protocols in their addresses.
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
