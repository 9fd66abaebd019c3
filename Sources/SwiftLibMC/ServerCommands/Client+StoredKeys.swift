/// A key that a server holds, found by ``Client/forEachStoredKey(patience:timeLimit:_:)``.
public struct StoredKey: Hashable, Sendable {
    /// The key as the server has it, with any namespace.
    public let bytes: [UInt8]
    /// How much of the server's memory the item takes, in bytes: key, value, and 50 or so for the server.
    public let size: Int
    /// When the item expires, in seconds since 1970; nil for never.
    public let expiration: Int?

    /// The key as text.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension Client {
    /// Finds the keys that the servers hold: what libmemcached's `memcached_dump` and php-memcached's `getAllKeys` are
    /// for, but complete.
    ///
    /// It is for inspection, not for a program's normal work: a server walks through all of its memory, and the items
    /// change meanwhile. Keys are passed on as they arrive, so that a dump of any length takes little memory here. The
    /// call uses the ASCII protocol (`lru_crawler metadump hash`), over a connection of its own, whatever protocol the
    /// client speaks. Servers that are too old for that go through their lists of items instead (`metadump all`), and
    /// skip items that have just been read.
    ///
    /// - Parameters:
    ///   - patience: How long each wait for a server may take; connecting to one of its addresses takes no longer than
    ///     ``Behaviors/connectTimeout``.
    ///   - timeLimit: How long all of it may take, without the time that `body` takes: a server that never finishes is
    ///     given up. In the body of ``AsyncClient/run(_:)`` its time counts as well.
    ///   - body: Is called with each server's keys, in no particular order.
    /// - Throws: `.notSupported` with credentials, over UDP, and for servers that don't list their keys, with their
    ///   reason; `.commandTimeout` when the time is up; a failure of a server; and what `body` throws. The servers are
    ///   asked in their order, and the first failure ends the call.
    public final func forEachStoredKey(
        patience: Duration = .seconds(5),
        timeLimit: Duration = .seconds(600),
        _ body: (Server, StoredKey) throws -> Void
    ) throws {
        try refusePasswords(.forEachStoredKey, "servers list their keys")
        var listing = KeyListing(patience: patience, timeLimit: timeLimit, partOf: handle)
        for server in servers {
            let end = Moment.now + patience
            while try !listing.run(server, isLastAttempt: .now >= end, body) {
                sleepThread(for: .milliseconds(20))
            }
        }
    }
}

/// A walk through the keys of servers, with the time that is left for it.
private struct KeyListing {
    private let patience: Duration
    private let connectTimeout: Duration?
    /// When the servers' time is up; the time that the caller takes is added.
    private var endOfServers: Moment
    /// When the enclosing call has to end.
    private let endOfCall: Moment?
    private let limit: String

    init(patience: Duration, timeLimit: Duration, partOf handle: Handle) {
        self.patience = patience
        connectTimeout = handle.patience.connecting
        endOfServers = .now + timeLimit
        endOfCall = handle.endOfPresentCall
        limit = "\(timeLimit) (timeLimit)"
    }

    private var end: Moment { endOfCall.map { min($0, endOfServers) } ?? endOfServers }

    /// Goes through one server's keys; false if the server is busy doing so for itself or another client.
    mutating func run(
        _ server: Server,
        isLastAttempt: Bool,
        _ body: (Server, StoredKey) throws -> Void
    ) throws -> Bool {
        var connection = try connect(to: server)
        var key: StoredKey?
        do throws(MemcachedError) {
            key = try nextKey(&connection, isFirst: true)
        } catch {
            if error.code == .serverError, !isLastAttempt { return false }
            throw error
        }
        while let found = key {
            let start = Moment.now
            try body(server, found)
            endOfServers = endOfServers + (.now - start)
            key = try nextKey(&connection)
        }
        return true
    }

    private func connect(to server: Server) throws(MemcachedError) -> AdminConnection {
        var patience = Patience(patience, connecting: connectTimeout)
        patience.end = min(patience.end, end)
        do throws(MemcachedError) {
            let connection = try AdminConnection(to: server, patience, for: .forEachStoredKey)
            // This uses the hash table: an item that is moved from one LRU list to another, as happens to each that is
            // read, may be in neither when its turn comes.
            try connection.send("lru_crawler metadump hash")
            return connection
        } catch {
            throw inTime(error)
        }
    }

    private func nextKey(
        _ connection: inout AdminConnection,
        isFirst: Bool = false
    ) throws(MemcachedError) -> StoredKey? {
        let now = Moment.now
        guard now < end else { throw overdue(connection.server) }
        connection.deadline = min(now + patience, end)
        connection.budget = AdminConnection.longestReply
        do throws(MemcachedError) {
            return try connection.nextKey(isFirst: isFirst)
        } catch {
            throw inTime(error)
        }
    }

    /// An error; replaced by another one if the time for all servers is up.
    private func inTime(_ error: MemcachedError) -> MemcachedError {
        error.code == .timeout && end <= .now ? overdue(error.server) : error
    }

    private func overdue(_ server: Server?) -> MemcachedError {
        let isOfCall = endOfCall.map { $0 <= endOfServers } ?? false
        return MemcachedError(
            code: .commandTimeout,
            operation: .forEachStoredKey,
            detail: "not done within \(isOfCall ? "the call's time" : limit)",
            server: server
        )
    }
}

extension AdminConnection {
    /// The next of the keys that the server lists; nil at their end.
    fileprivate mutating func nextKey(isFirst: Bool) throws(MemcachedError) -> StoredKey? {
        var line = try readLine()
        // An older server takes the word for the number of a slab class.
        if isFirst, line.hasPrefix("BADCLASS") {
            try send("lru_crawler metadump all")
            line = try readLine()
        }
        // memcached 1.6.43 and newer first send `OK`.
        if isFirst, line == "OK" { line = try readLine() }
        if line == "END" { return nil }
        try throwIfTurnedAway(line)
        for refusal in ["ERROR", "CLIENT_ERROR", "SERVER_ERROR", "BUSY"] where line.hasPrefix(refusal) {
            let reason = line.dropFirst(refusal.count)
            throw failure(
                refusal == "BUSY" ? .serverError : .notSupported,
                "the server does not list its keys" + (reason.isEmpty ? "" : ":\(reason)")
            )
        }
        guard let key = StoredKey(line) else { throw notMemcached() }
        return key
    }
}

extension StoredKey {
    /// Reads a line such as `key=a%20b exp=-1 la=1700000000 cas=2 fetch=no cls=1 size=63`.
    init?(_ line: String) {
        var fields: [Substring: Substring] = [:]
        for field in line.split(separator: " ") {
            guard let sign = field.firstIndex(of: "=") else { continue }
            fields[field[..<sign]] = field[field.index(after: sign)...]
        }
        guard let key = fields["key"].flatMap(Self.decoded), let size = fields["size"].flatMap({ Int($0) }),
            let expiration = fields["exp"].flatMap({ Int($0) })
        else { return nil }
        self.init(bytes: key, size: size, expiration: expiration < 0 ? nil : expiration)
    }

    /// Undoes the percent encoding of keys.
    private static func decoded(_ text: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let decoded = UInt8(Substring(rest.prefix(2)), radix: 16) else { return nil }
            bytes.append(decoded)
            rest = rest.dropFirst(2)
        }
        return bytes
    }
}
