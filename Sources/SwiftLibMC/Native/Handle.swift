internal import CLibMemcached
internal import CPlatform
internal import Synchronization

typealias LibraryPointer = UnsafeMutablePointer<memcached_st>

/// Sole owner of one `memcached_st`; nothing outside this folder sees its pointer.
///
/// libmemcached keeps connections that may have unread replies, and uses them for the next request. The rule here is:
/// after any result that is not clean the handle is *in doubt*, and its connections are closed before the next request
/// is sent.
@safe
final class Handle {
    private(set) var configuration: Configuration
    /// The parts of the configuration that every call needs.
    private(set) var traits: Traits
    /// The servers in libmemcached's order, which `sortHosts` changes.
    private(set) var servers: [Server]
    private(set) var pointer: LibraryPointer

    /// Whether the next call has something to do before its request.
    ///
    /// The only test on the fast path, with `forkStamp`.
    var needsSettling = true
    /// Whether a reply may still be on its way to a connection.
    var inDoubt = false
    /// Servers that have not been asked since the connections were closed, or none was made yet.
    var unasked: Set<Int> = []
    /// The servers to which the present call makes a connection, as far as is known.
    var connecting: Set<Int> = []
    private var forkStamp: UInt32
    private let forkCounter: UnsafePointer<UInt32>
    let keyPointers = KeyPointers()

    /// Whether calls block signals, if that has been set; otherwise they do as long as they are not watched.
    var blocksSignalsIfSaid: Bool? {
        didSet {
            callWatch.mark(CallWatch.blocksSignals, if: blocksSignalsIfSaid == true)
            callWatch.mark(CallWatch.letsSignalsIn, if: blocksSignalsIfSaid == false)
        }
    }
    /// How long a call may take, if that has been set.
    var commandTimeoutIfSaid: Duration? {
        didSet {
            let limit = max(Moment.Distance(commandTimeout).nanoseconds, 1_000_000)
            callWatch.limit.store(limit, ordering: .relaxed)
            if commandTimeoutIfSaid != nil { callWatch.mark(CallWatch.watchesAlways) }
            // Text connections keep the time-out that was set when they were made.
            if commandTimeoutIfSaid != oldValue { text?.close() }
        }
    }
    /// How long a call may take.
    var commandTimeout: Duration { commandTimeoutIfSaid ?? Self.defaultTimeout }
    private static var defaultTimeout: Duration { .seconds(5) }
    let callWatch: CallWatch
    /// How many bytes a value to be read may have.
    var maxValueBytes = ValueLimit.usual { didSet { valueLimit.set(maxValueBytes) } }
    let valueLimit = ValueLimit()
    /// Servers that keep timing out and are not asked for a while.
    var stalls: StallGuard
    /// The first refusal of the credentials by each server; later codes only say that the server is disabled.
    var refusals: [Int: MemcachedError] = [:]
    /// Whether servers that hang up or answer nonsense, time after time, are left alone for a moment: for the clients of
    /// many tasks.
    var sparesBrokenServers = false
    /// Servers that have lately failed on new connections.
    var brokenServers: [Int: Failures] = [:]
    /// Why servers could not be reached; later codes only say that they are not tried.
    var failedConnections: [Int: FailedConnection] = [:]
    /// Servers whose present connection has answered a read, so that a counter command can't end the process (hazard
    /// 60).
    var probed: Set<Int> = []
    /// Servers that have answered in the client's protocol, as far as is known.
    var spoken: Set<Int> = []
    /// Whether the next call begins with finding out again what the servers speak.
    var choosesAnew = false
    /// When servers were last asked, without result, why they hang up.
    var questions: [Int: Moment] = [:]
    /// The server that was sent the first request on a new connection, as long as that has not failed.
    var firstAsked: Int?
    /// How many requests without a reply each server has got since it was last waited for; one at least if there have
    /// been any on the connection.
    var quietWrites: [Int: Int] = [:]
    /// The connections over which some commands go in the text protocol; nil if all go over libmemcached's.
    private(set) var text: TextConnections?
    /// How many connections had come through the tunnels to servers before the present ones.
    var tunnelCounts: [Int: Int] = [:]
    /// The servers that are left out for a while, where libmemcached does not know the names by which keys are placed.
    var ejection: Ejection?
    /// How long a call continues to ask a server that answers with error lines.
    var errorLineLimit = Duration.seconds(5)

    /// Makes the library's object from a configuration, always in the same order, because the order decides where keys
    /// live (hazard 70).
    init(_ configuration: Configuration) throws(MemcachedError) {
        try configuration.validate()
        self.configuration = configuration
        traits = Traits(configuration)
        stalls = StallGuard(isShort: traits.ejectsServers)
        unsafe forkCounter = ForkWatch.generation
        forkStamp = unsafe forkCounter.pointee
        unsafe pointer = try Self.makeLibraryObject(configuration)
        unsafe valueLimit.install(in: pointer)
        servers = []
        callWatch = CallWatch(limit: Moment.Distance(Self.defaultTimeout).nanoseconds)
        servers = serversInLibraryOrder()
        unasked = Set(servers.indices)
        prepareText()
        installEjection()
    }

    deinit {
        Watchdog.shared.remove(callWatch)
        // In a forked child, freeing would send `quit` on the parent's sockets.
        if unsafe forkStamp == forkCounter.pointee { unsafe memcached_free(pointer) }
    }

    /// Starts anew with another configuration; nothing changes if it is invalid.
    func reconfigure(_ configuration: Configuration) throws(MemcachedError) {
        try configuration.validate()
        let fresh = unsafe try Self.makeLibraryObject(configuration)
        let isWatched = !callWatch.has(CallWatch.unwatched)
        if unsafe forkStamp == forkCounter.pointee { hangUp() }
        Watchdog.shared.leave(callWatch)
        if unsafe forkStamp == forkCounter.pointee { unsafe memcached_free(pointer) }
        unsafe pointer = fresh
        unsafe valueLimit.install(in: pointer)
        forkStamp = unsafe forkCounter.pointee
        self.configuration = configuration
        traits = Traits(configuration)
        servers = serversInLibraryOrder()
        prepareText()
        if isWatched { watchCalls() }
        stalls = StallGuard(isShort: traits.ejectsServers)
        refusals.removeAll()
        brokenServers.removeAll()
        failedConnections.removeAll()
        spoken.removeAll()
        questions.removeAll()
        firstAsked = nil
        inDoubt = false
        installEjection()
        forgetConnections()
    }

    private func prepareText() {
        text =
            traits.meetsServers
            ? TextConnections(to: servers.count, areUsed: traits.usesBothProtocols) : nil
        choosesAnew = false
    }

    /// Notes that behind a server's address there may be another one from now on.
    func noteBreak(_ position: Int) {
        spoken.remove(position)
        text?.noteUndetected([position])
    }

    /// Starts anew with the same configuration, so that no server is left out for its failures any more.
    func restart() {
        configuration.textOnlyServer = nil
        do throws(MemcachedError) {
            try reconfigure(configuration)
        } catch {
            // There is no memory for it; the penalties pass by themselves.
            disconnect()
        }
    }

    // MARK: - Before a call

    /// Must run before every request.
    @inline(__always)
    func begin(_ operation: Operation, _ key: RawSpan, _ routing: RawSpan) throws(MemcachedError) {
        if _slowPath(mustSettle) { try prepare(operation, key, routing) }
    }

    @inline(__always)
    var mustSettle: Bool { unsafe needsSettling || forkStamp != forkCounter.pointee }

    @inline(never)
    private func prepare(_ operation: Operation, _ key: RawSpan, _ routing: RawSpan) throws(MemcachedError) {
        if isOverdue { throw overdue(operation, at: position(of: routing), key: key.text) }
        settleBefore()
        if choosesAnew { restart() }
        guard !unasked.isEmpty || !stalls.isEmpty else { return }
        if text != nil { try detectProtocol(of: routing, operation, key) }
        let position = position(of: routing)
        if stalls.isClosed(to: position) { throw stalled(position, operation, key: key) }
        stalls.ask(position)
        ask(position)
        if connecting.contains(position) { firstAsked = position }
    }

    /// Must run before the first request of a call with many keys, if ``mustSettle``.
    func settleBefore() {
        if let firstAsked { spoken.insert(firstAsked) }
        firstAsked = nil
        if !brokenServers.isEmpty { forgetBrokenServers() }
        connecting.removeAll(keepingCapacity: true)
        settle()
    }

    /// Closes connections that are in doubt, and abandons those that belong to a parent process.
    func settle() {
        if unsafe forkStamp != forkCounter.pointee { startAfresh() }
        if inDoubt || hasPendingReplies { disconnect() }
        forgetFailedConnection()
        inDoubt = false
        ejection?.refresh()
        needsSettling = !(unasked.isEmpty && connecting.isEmpty && stalls.isEmpty) || ejection?.isActive == true
        if !stalls.isEmpty { leaveOutStalledServers() }
    }

    /// Puts the connections in doubt: they are reset before the next request.
    func markInDoubt() {
        inDoubt = true
        needsSettling = true
        _ = valueLimit.takeRefused()
    }

    /// Closes every connection, so that no reply can be left over.
    func disconnect() {
        // In a forked child they are its parent's.
        if unsafe forkStamp != forkCounter.pointee { return startAfresh() }
        hangUp()
        inDoubt = false
        forgetConnections()
    }

    /// Says goodbye to the servers.
    ///
    /// Where there were requests without a reply it waits for a moment until the servers have hung up, too: else they
    /// might not have carried them out when the next request comes over another connection. libmemcached does that
    /// where it buffers.
    private func hangUp() {
        guard !quietWrites.isEmpty else { return unsafe memcached_quit(pointer) }
        let pollTimeout = unsafe pointer.pointee.poll_timeout
        unsafe pointer.pointee.poll_timeout = min(pollTimeout, Self.longestFarewell)
        unsafe pointer.pointee.flags.buffer_requests = !inDoubt
        unsafe memcached_quit(pointer)
        unsafe pointer.pointee.flags.buffer_requests = false
        unsafe pointer.pointee.poll_timeout = pollTimeout
        quietWrites.removeAll(keepingCapacity: true)
    }

    /// How many milliseconds a server may take to hang up that does not answer.
    private static var longestFarewell: Int32 { 250 }

    /// After a fork: leaks the parent's object, since closing its sockets politely would end the parent's connections.
    private func startAfresh() {
        guard let fresh = unsafe try? Self.makeLibraryObject(configuration) else { return }
        unsafe pointer = fresh
        unsafe valueLimit.install(in: pointer)
        forkStamp = unsafe forkCounter.pointee
        inDoubt = false
        quietWrites.removeAll()
        text?.forgetPausesOfDetection()
        installEjection()
        forgetConnections()
        // The parent's watchdog does not look here.
        if !callWatch.has(CallWatch.unwatched) { watchCalls() }
    }

    // MARK: - Servers

    /// The position of the server that holds the keys routed by these bytes.
    @inline(__always)
    func position(of routing: RawSpan) -> Int {
        if servers.count == 1 { return 0 }
        return unsafe routing.withUnsafeBytes { bytes in
            unsafe Int(memcached_generate_hash(pointer, bytes.characters, bytes.count))
        }
    }

    /// Lets libmemcached place keys anew if it is time to try a server again that was left out.
    ///
    /// It does so before each request, but not when it is asked where a key lives.
    func refreshPlacement() {
        if traits.ejectsServers { unsafe memcached_autoeject(pointer) }
    }

    /// Keeps keys on their servers from one request to the next.
    func suspendPlacement() -> time_t {
        defer { unsafe pointer.pointee.ketama.next_distribution_rebuild = 0 }
        return unsafe pointer.pointee.ketama.next_distribution_rebuild
    }

    func resumePlacement(_ rebuild: time_t) {
        unsafe pointer.pointee.ketama.next_distribution_rebuild = rebuild
    }

    func instance(_ position: Int) -> OpaquePointer? {
        unsafe memcached_server_instance_by_position(pointer, UInt32(position))
    }

    /// How many replies a server still owes.
    @inline(__always)
    func pendingReplies(_ position: Int) -> Int {
        unsafe Int(memcached_server_response_count(instance(position)))
    }

    var hasPendingReplies: Bool {
        // After a hit the ASCII protocol leaves its "END" unread by design.
        guard traits.isBinary else { return false }
        return servers.indices.contains { pendingReplies($0) != 0 }
    }

    private func serversInLibraryOrder() -> [Server] {
        guard configuration.behaviors.sortHosts == true else { return configuration.servers }
        return configuration.servers.indices.map { position in
            let instance = unsafe instance(position)
            let name = unsafe String(cString: memcached_server_name(instance))
            let port = unsafe Int(memcached_server_port(instance))
            return configuration.servers.first { server in
                switch server.transport {
                case .tcp(let host, let itsPort), .udp(let host, let itsPort): host == name && itsPort == port
                case .unix(let path): path == name
                }
            } ?? configuration.servers[position]
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The bytes as C's `char`.
    @inline(__always)
    var characters: UnsafePointer<CChar>? { unsafe baseAddress?.assumingMemoryBound(to: CChar.self) }
}
