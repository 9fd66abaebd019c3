/// pymemcache's rendezvous hashing: a key lives on the server that scores highest with it.
///
/// It finds what a pymemcache `HashClient` with the default hasher has stored, provided that the servers are spelled as
/// there, because the score is MurmurHash 3 of `host:port-key`. Few keys move when a server comes or goes; neither the
/// order of the servers nor their weights matter.
///
/// pymemcache's keys are text, even if not ASCII; what it does with a key of Python's `bytes` is an accident that is
/// not repeated here.
public struct RendezvousSelector: ServerSelector {
    /// The start value of the hash, pymemcache's `seed`.
    public let seed: UInt32

    /// Makes a selector, by default pymemcache's own.
    public init(seed: UInt32 = 0) { self.seed = seed }

    /// Makes the function that chooses among these servers.
    public func chooser(among servers: [Server]) -> @Sendable (_ key: RawSpan) -> Int {
        // Of servers with equal scores the one with the greatest name wins, as in pymemcache.
        let names = servers.enumerated().map { (index: $0.offset, name: Self.name(of: $0.element)) }
        let candidates = names.sorted { $0.name.unicodeScalars.lexicographicallyPrecedes($1.name.unicodeScalars) }
            .map { index, name in
                var start = Murmur3(seed: seed)
                start.combine(name.utf8)
                start.combine(UInt8(ascii: "-"))
                return (index: index, start: start)
            }
        return { key in
            let bytes = Self.characters(of: Array(copying: key))
            var best = (index: 0, score: UInt32(0))
            for (index, start) in candidates {
                var hash = start
                hash.combine(bytes)
                if hash.value >= best.score { best = (index, hash.value) }
            }
            return best.index
        }
    }

    /// The server as pymemcache writes it.
    static func name(of server: Server) -> String {
        switch server.transport {
        case .tcp(let host, let port), .udp(let host, let port): "\(host):\(port)"
        case .unix(let path): path
        }
    }

    /// pymemcache hashes characters, not bytes: only the lowest eight bits of each.
    private static func characters(of key: [UInt8]) -> [UInt8] {
        guard !key.allSatisfy({ $0 < 0x80 }), let text = String(validating: key, as: UTF8.self) else { return key }
        return text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    }
}
