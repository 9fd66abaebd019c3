/// memcached2's placements, as long as all servers are up: `HasherCMemcache` with one of its selectors.
///
/// The order of the servers matters, their weights do not.
public struct Memcached2Selector: ServerSelector {
    /// How the hash of a key chooses a server.
    public enum Method: Hashable, Sendable {
        /// `SelectorAvailableServers` and `SelectorFractalSharding`, memcached2's own choices: the remainder of its
        /// division by the number of servers.
        case remainder
        /// `SelectorConsistentHashing`: the place on a circle of buckets.
        case consistent
    }

    /// How the hash of a key chooses a server.
    public let method: Method

    /// Makes a selector, by default memcached2's own.
    public init(_ method: Method = .remainder) { self.method = method }

    /// Makes the function that chooses among these servers.
    public func chooser(among servers: [Server]) -> @Sendable (_ key: RawSpan) -> Int {
        let count = servers.count
        guard method == .consistent else { return { key in Self.hash(Array(copying: key)) % count } }
        let circle = Self.circle(of: count)
        return { key in Self.server(at: Self.hash(Array(copying: key)), on: circle) }
    }

    private static func hash(_ key: some Sequence<UInt8>) -> Int { max(CRC32.memcacheHash(key), 1) }

    private typealias Bucket = (hash: Int, server: Int)

    /// As many buckets as the square of the number of servers, minus those that are replaced by another one with the
    /// same hash.
    private static func circle(of count: Int) -> [Bucket] {
        let pairs = (0..<count * count).map { (hash(String($0).utf8), $0 % count) }
        return Dictionary(pairs) { _, last in last }.sorted { $0.key < $1.key }.map { (hash: $0.key, server: $0.value) }
    }

    private static func server(at hash: Int, on circle: [Bucket]) -> Int {
        guard hash >= circle[0].hash else { return circle[circle.count - 1].server }
        // A bucket of the first server with exactly this hash is skipped: memcached2 searches for the pair (hash, 0).
        let next = circle.first { $0.hash > hash || $0.hash == hash && $0.server > 0 } ?? circle[0]
        return next.server
    }
}
