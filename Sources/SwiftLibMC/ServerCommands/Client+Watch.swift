/// An event that a server can report as it happens, by ``Client/watch(_:on:pause:_:)``: an argument of memcached's
/// `watch`.
public enum WatchedEvent: String, CaseIterable, Hashable, Sendable {
    /// Items that are read, and keys without one.
    case fetchers
    /// Items that are stored, or declined.
    case mutations
    /// Items that are dropped for lack of memory.
    case evictions
    /// Connections that are made and closed.
    case connevents
    /// Items that are deleted; memcached has it since 1.6.19.
    case deletions
    /// Requests to the servers behind memcached's own proxy.
    case proxyreqs
    /// Events of memcached's own proxy.
    case proxyevents
    /// Logs of the scripts of memcached's own proxy.
    case proxyuser
}

extension Client {
    /// Receives the events of one of the servers, until told to stop: memcached's `watch`.
    ///
    /// A server that is faster than its listener leaves lines out, and says how many. The command is sent in the ASCII
    /// protocol, over a connection of its own, whatever protocol the client speaks. pylibmc has no such method.
    ///
    /// - Parameters:
    ///   - events: The events to receive; at least one.
    ///   - server: Which server, one of ``servers``.
    ///   - pause: How long to wait for a line before `body` is asked whether to continue.
    ///   - body: Is called with each line as the server writes it, such as
    ///     `ts=1700000000.1 gid=1 type=item_get key=foo status=found`, with control characters written out, and nil
    ///     when there was none for a while. It returns whether to continue.
    /// - Throws: `.notSupported` for servers that don't know `watch` or one of the events, with credentials, and over
    ///   UDP; `.clientError` where it is turned off; a failure of the server, such as its end; and what `body` throws.
    ///   In the body of ``AsyncClient/run(_:)``: `.commandTimeout` when its time is up.
    public final func watch(
        _ events: Set<WatchedEvent>,
        on server: Server,
        pause: Duration = .seconds(1),
        _ body: (String?) throws -> Bool
    ) throws {
        try refusePasswords(.watch, "servers tell what happens")
        guard !events.isEmpty else {
            throw MemcachedError(code: .invalidArguments, operation: .watch, detail: "there is no event to watch")
        }
        let end = handle.endOfPresentCall
        func overdue() -> MemcachedError? {
            guard let end, end <= .now else { return nil }
            return MemcachedError(
                code: .commandTimeout,
                operation: .watch,
                detail: "not done within the call's time",
                server: server
            )
        }
        func listen() throws(MemcachedError) -> AdminConnection {
            do throws(MemcachedError) {
                var connection = try AdminConnection(to: server, handle.patience, for: .watch)
                try connection.startWatching(events)
                return connection
            } catch {
                throw error.code == .timeout ? overdue() ?? error : error
            }
        }
        var connection = try listen()
        repeat {
            if let overdue = overdue() { throw overdue }
            let next = Moment.now + pause
            connection.renew(until: end.map { min($0, next) } ?? next)
        } while try body(connection.nextEvent())
    }
}

extension AdminConnection {
    fileprivate mutating func startWatching(_ events: Set<WatchedEvent>) throws(MemcachedError) {
        try send("watch " + events.map(\.rawValue).sorted().joined(separator: " "))
        let reply = try readLine()
        if reply == "OK" { return }
        if reply == "ERROR" {
            throw failure(.notSupported, "the server does not know `watch`, or not all of these events")
        }
        throw refusal(reply)
    }

    /// Allows another line until then, of any permitted length.
    fileprivate mutating func renew(until moment: Moment) {
        deadline = moment
        budget = Self.longestReply
    }

    /// The next line; nil if none arrived in time.
    fileprivate mutating func nextEvent() throws(MemcachedError) -> String? {
        do throws(MemcachedError) {
            return String(decoding: try readLineBytes(), as: UTF8.self).escapingControls
        } catch {
            guard error.code == .timeout else { throw error }
            return nil
        }
    }
}
