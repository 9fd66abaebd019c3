internal import CPlatform

/// The connections of a client to its servers over which some commands go in the text protocol, while the others go in
/// the binary one over libmemcached's.
///
/// They don't use libmemcached, which can't have several requests in flight in the text protocol. But libmemcached
/// still decides where keys live, and which servers are asked.
final class TextConnections {
    /// One for each server, nil while there is none.
    var streams: [LineStream?]
    /// Servers that have shown that they don't speak the text protocol, or not to this client.
    private var refusing: Set<Int> = []
    /// Until when no connection to a server is attempted.
    private var pauses: [Int: Moment] = [:]
    /// Until when a server is not asked what it speaks either.
    private var pausesOfDetection: [Int: Moment] = [:]
    /// Until when libmemcached leaves a server alone, if it does so.
    private var retries: [Int: Moment] = [:]
    /// Servers that are not known yet to speak the binary protocol.
    private(set) var undetected: Set<Int>
    /// Whether the present call has less time than one wait may take.
    var callIsShort = false

    /// Prepares them; even if none are used, the protocols of servers are still detected.
    init(to serverCount: Int, areUsed: Bool) {
        streams = Array(repeating: nil, count: serverCount)
        undetected = Set(streams.indices)
        if !areUsed { refusing = undetected }
    }

    /// Closes all of them.
    func close() {
        for position in streams.indices where streams[position] != nil { streams[position] = nil }
    }

    /// Closes one that has failed.
    func close(_ position: Int) {
        // If that happens each time, the usual path is faster.
        if let stream = streams[position], stream.callCount <= 1 { pauses[position] = .now + Self.pause }
        streams[position] = nil
    }

    /// Whether it makes sense to try to connect to a server.
    func mayConnect(_ position: Int) -> Bool {
        !refusing.contains(position) && !isIn(pauses, position) && !isIn(pausesOfDetection, position)
    }

    private func isIn(_ pauses: [Int: Moment], _ position: Int) -> Bool { pauses[position].map { .now < $0 } ?? false }

    /// Notes the outcome of an attempt to connect.
    func note(_ outcome: Opening, _ position: Int) {
        switch outcome {
        case .accepted(let stream): streams[position] = stream
        case .refused: refusing.insert(position)
        case .failed: pauses[position] = .now + Self.pause
        }
    }

    /// Notes that libmemcached could not connect to a server.
    ///
    /// After some failures it leaves the server alone. It counts whole seconds of the time of day, and tries again when
    /// more than the retry time-out has gone by since the last failure. What is noted is a little earlier, because a server
    /// has to be asked for its protocol before libmemcached connects.
    func noteFailedConnection(_ position: Int, retryTimeout seconds: Int) {
        let second: Int64 = 1_000_000_000
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        // As if it had happened a quarter of a second ago, and a tenth of a second before the end.
        let sinceFullSecond = (Int64(time.tv_nsec) + second * 3 / 4) % second
        let rest = (Int64(max(0, seconds)) + 1) * second - sinceFullSecond - second * 35 / 100
        retries[position] = Moment.now + Duration.nanoseconds(rest)
    }

    /// Notes that libmemcached leaves a server alone: so does this client.
    func noteLeftAlone(_ position: Int) {
        guard let end = retries.removeValue(forKey: position) else { return }
        pausesOfDetection[position] = max(pausesOfDetection[position] ?? end, end)
    }

    /// Notes that libmemcached's object is a new one, which leaves no server alone.
    func forgetPausesOfDetection() {
        retries.removeAll()
        pausesOfDetection.removeAll()
    }

    private static var pause: Duration { .seconds(2) }

    // MARK: - Detecting protocols

    /// The servers that have to be asked whether they speak the binary protocol before anything else is sent to them.
    var dueForDetection: [Int] { undetected.filter { !isIn(pausesOfDetection, $0) }.sorted() }

    /// Notes that a server speaks the binary protocol.
    func noteBinary(_ position: Int) { undetected.remove(position) }

    /// Notes that behind the addresses of servers there may be others from now on.
    func noteUndetected(_ positions: Set<Int>) { undetected.formUnion(positions) }

    /// Notes that a server's protocol could not be detected in time.
    func noteSilence(_ position: Int) { pausesOfDetection[position] = .now + Self.pause }

    /// Notes that a server has just failed to answer: a moment later it is the same.
    func noteTimeout(_ position: Int) {
        let end = Moment.now + .milliseconds(100)
        pausesOfDetection[position] = max(pausesOfDetection[position] ?? end, end)
    }

    /// The outcome of opening a connection for the text protocol.
    enum Opening {
        case accepted(LineStream)
        /// The server does not speak it, or not to this client.
        case refused
        /// No connection, or no answer.
        case failed
    }
}
