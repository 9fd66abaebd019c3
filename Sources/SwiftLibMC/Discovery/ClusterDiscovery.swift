/// Asks the configuration endpoint of a cluster for its servers: AWS's auto-discovery for ElastiCache, which Google's
/// Memorystore for Memcached has, too.
///
/// pylibmc's `autoconf.elasticache`, for any number of inquiries. `Client.elastiCache(endpoint:)` makes a client from
/// the answer, and ``ClusterRefresher`` asks repeatedly.
///
/// Each inquiry is one short TCP connection. An endpoint that demands TLS is asked through the forwarder of
/// `SwiftLibMCTLS`, as are the servers that it names.
public struct ClusterDiscovery: Hashable, Sendable {
    /// The key under which engines before 1.4.14 keep the answer.
    static let oldKey = "AmazonElastiCache:cluster"
    private static let longestText = 1 << 20

    /// The configuration endpoint.
    public let endpoint: Server
    /// How long connecting and the answer may take together.
    ///
    /// Where the name has several addresses, each gets its share of it. Looking up the endpoint's name is included,
    /// except in a program with one thread.
    public let timeout: Duration

    /// Names an endpoint.
    ///
    /// - Parameters:
    ///   - endpoint: Its address, such as `mycluster.fnjyzo.cfg.use1.cache.amazonaws.com:11211`.
    ///   - timeout: How long connecting and the answer may take together.
    /// - Throws: `.invalidServer`.
    public init(endpoint: String, timeout: Duration = .seconds(2)) throws(MemcachedError) {
        self.endpoint = try Server(parsing: endpoint)
        self.timeout = timeout
    }

    /// Names an endpoint that may be behind a forwarder; if so, the servers that it names are, too.
    ///
    /// - Parameters:
    ///   - endpoint: Its address.
    ///   - timeout: How long connecting and the answer may take together.
    public init(endpoint: Server, timeout: Duration = .seconds(2)) {
        self.endpoint = endpoint
        self.timeout = timeout
    }

    /// Asks for the servers and their version.
    ///
    /// It blocks the thread for ``timeout`` at most, except for the look-up of a name in a program with one thread.
    ///
    /// - Throws: `.notSupported` if the endpoint is an ordinary server, `.protocolError` if the answer can't be
    ///   understood, or a failure of the connection.
    public func configuration() throws(MemcachedError) -> ClusterConfiguration {
        var connection = try AdminConnection(to: endpoint, Patience(timeout), for: .discover)
        // The command of engines from 1.4.14 on. All others don't know it, like ordinary servers, and answer with an
        // error.
        try connection.send("config get cluster")
        var text = try Self.text(&connection, "CONFIG", "cluster")
        if text == nil {
            try connection.send("get \(Self.oldKey)")
            text = try Self.text(&connection, "VALUE", Self.oldKey)
        }
        guard let text else {
            let detail = "that is no configuration endpoint: it knows neither \"config get cluster\" nor \(Self.oldKey)"
            throw connection.failure(.notSupported, detail)
        }
        let configuration: ClusterConfiguration
        do throws(ClusterConfiguration.Malformed) {
            configuration = try ClusterConfiguration(parsing: text)
        } catch {
            throw connection.failure(.protocolError, "the cluster's configuration can't be read: \(error.reason)")
        }
        guard let tunnel = endpoint.tunnel else { return configuration }
        return ClusterConfiguration(
            version: configuration.version,
            servers: try tunnel.reaching(configuration.servers)
        )
    }

    /// Asks for the servers.
    ///
    /// It blocks the thread for ``timeout`` at most, except for the look-up of a name in a program with one thread.
    ///
    /// - Throws: As ``configuration()`` does.
    public func servers() throws(MemcachedError) -> [Server] { try configuration().servers }

    /// Reads `word name flags length`, then the text and `END`; nil if there is no such thing there.
    private static func text(
        _ connection: inout AdminConnection,
        _ word: String,
        _ name: String
    ) throws(MemcachedError) -> String? {
        let line = try connection.readLine()
        try connection.throwIfTurnedAway(line)
        if line == "END" || ["ERROR", "CLIENT_ERROR", "SERVER_ERROR"].contains(where: line.hasPrefix) { return nil }
        let parts = line.split(separator: " ")
        guard parts.count == 4, parts[0] == word, parts[1] == name, let length = Int(parts[3]),
            (0...longestText).contains(length)
        else { throw connection.notMemcached() }
        let bytes = try connection.read(length)
        // A line end before the END, however many the text itself has.
        var end = try connection.readLine()
        while end.isEmpty { end = try connection.readLine() }
        guard end == "END", let text = String(validating: bytes, as: UTF8.self) else {
            throw connection.notMemcached()
        }
        return text
    }
}
