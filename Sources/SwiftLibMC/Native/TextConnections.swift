/// The connections of a client to its servers over which some commands go in the text protocol, while the others go in
/// the binary one over libmemcached's.
///
/// They are our own, because libmemcached can't have several requests under way in the text protocol. Where keys live,
/// and which servers are asked, is libmemcached's to say all the same.
final class TextConnections {
    /// One for each server, nil while there is none.
    var streams: [LineStream?]
    /// Servers that have shown that they don't speak the text protocol, or not to us.
    private var refusing: Set<Int> = []
    /// Until when no connection to a server is tried.
    private var pauses: [Int: Moment] = [:]
    /// Servers that have not shown yet that they speak the binary protocol.
    private(set) var strangers: Set<Int>
    /// Whether the present call has less time than one wait may take.
    var callIsShort = false

    /// Prepares them; without any, if they are not used, servers are met all the same.
    init(_ servers: [Server], known: Set<Server>, areUsed: Bool) {
        streams = Array(repeating: nil, count: servers.count)
        if !areUsed { refusing = Set(servers.indices) }
        strangers = Set(servers.indices.filter { !known.contains(servers[$0]) })
    }

    /// Closes all of them.
    func close() {
        for position in streams.indices where streams[position] != nil { streams[position] = nil }
    }

    /// Closes one that has failed.
    func close(_ position: Int) {
        // If that happens each time, the usual way is shorter.
        if let stream = streams[position], stream.callCount <= 1 { pauses[position] = .now + Self.pause }
        streams[position] = nil
    }

    /// Whether it makes sense to try to connect to a server.
    func mayConnect(_ position: Int) -> Bool { !refusing.contains(position) && !isPaused(position) }

    private func isPaused(_ position: Int) -> Bool {
        guard let end = pauses[position] else { return false }
        if Moment.now < end { return true }
        pauses[position] = nil
        return false
    }

    /// Notes what has become of a try to connect.
    func note(_ outcome: Introduction, _ position: Int) {
        switch outcome {
        case .accepted(let stream): streams[position] = stream
        case .refused: refusing.insert(position)
        case .failed: pauses[position] = .now + Self.pause
        }
    }

    private static var pause: Duration { .seconds(2) }

    // MARK: - Strangers

    /// The servers that are to be asked whether they speak the binary protocol, before they are sent anything in it.
    var unmet: [Int] { strangers.filter { !isPaused($0) }.sorted() }

    /// Notes that a server speaks the binary protocol.
    func noteBinary(_ position: Int) { strangers.remove(position) }

    /// Notes that behind a server's address there may be another one from now on.
    func noteStranger(_ position: Int) { strangers.insert(position) }

    /// Notes that a server does not say in time what it speaks.
    func noteSilence(_ position: Int) { pauses[position] = .now + Self.pause }

    /// What came of trying to talk to a server in the text protocol.
    enum Introduction {
        case accepted(LineStream)
        /// The server does not speak it, or not to us.
        case refused
        /// No connection, or no answer.
        case failed
    }
}
