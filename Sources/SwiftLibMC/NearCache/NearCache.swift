/// A cache that keeps the most frequently read values in the process, for a short time.
///
/// ```swift
/// let cache = NearCache(pool, bytes: 64 << 20, timeToLive: .seconds(1))
/// ```
///
/// Values read by `get`, `getMulti` and the like are returned again without asking a server, for at most
/// ``NearMemory/timeToLive``. For that long, a value may be older than what other processes have written, or may have
/// expired on the server. Misses are not kept, and other calls, such as `gets`, `item` and `contains`, always ask the
/// server. Callers that want the same value at the same time share one request.
///
/// A write through this cache, or through another one with the same ``memory``, drops the keys it changes: later reads
/// never return an older value. If a write's outcome is unknown, its key is not kept for the next ten seconds. Writes
/// that bypass the cache count as those of another process; drop their keys by ``NearMemory/remove(_:)``. After a
/// change of the client's servers or namespace, call ``NearMemory/removeAll()``.
///
/// A call that shares another thread's request waits for it for at most five seconds, and then asks the server itself.
///
/// It can wrap another wrapper, or be wrapped by one. It may be shared by threads if the cache inside it may be;
/// ``memory`` may always be shared.
public struct NearCache: ForwardingCommands {
    /// The cache that is asked.
    public let base: any MemcachedCommands
    /// The memory that keeps values.
    public let memory: NearMemory

    /// Puts a memory in front of a cache.
    ///
    /// - Parameters:
    ///   - cache: The cache to ask.
    ///   - bytes: How many bytes to keep at most.
    ///   - timeToLive: How long a value is used, from when it was asked for.
    public init(_ cache: any MemcachedCommands, bytes: Int = 64 << 20, timeToLive: Duration = .seconds(1)) {
        self.init(cache, memory: NearMemory(bytes: bytes, timeToLive: timeToLive))
    }

    /// Puts a memory in front of a cache that others use, too.
    public init(_ cache: any MemcachedCommands, memory: NearMemory) {
        base = cache
        self.memory = memory
    }

    /// How the memory has been used.
    public var statistics: NearStatistics { memory.statistics }

    /// Answers a request from memory, or has the cache carry it out.
    public func execute(_ request: MemcachedRequest) throws(MemcachedError) -> MemcachedResponse {
        if case .fetch(let reading) = request.action, reading.isAnsweredNear {
            if let response = memory.response(to: request) { return response }
            return try search(NearSearch(request, reading, memory))
        }
        guard let write = NearWrite(request, memory) else { return try base.execute(request) }
        do throws(MemcachedError) {
            let response = try base.execute(request)
            write.ended(response)
            return response
        } catch {
            write.failed(error)
            throw error
        }
    }

    private func search(_ search: NearSearch) throws(MemcachedError) -> MemcachedResponse {
        var search = search
        while search.begin() {
            if let question = search.question {
                do throws(MemcachedError) {
                    search.answered(try base.execute(question))
                } catch {
                    search.failed(error)
                    throw error
                }
            }
            let deadline = Moment.now + NearFlight.waitLimit
            for wait in search.waits { try search.take(wait, wait.flight.outcome(until: deadline)) }
        }
        return search.response
    }
}

extension MemcachedRequest.Reading {
    /// Whether a value from memory can answer it.
    var isAnsweredNear: Bool { withBytes && !withVersion && touching == nil }
}

extension NearMemory {
    /// The response to a request for a single key whose value is there.
    @inline(__always)
    func response(to request: MemcachedRequest) -> MemcachedResponse? {
        guard case .one(let key) = request.keys.list else { return nil }
        let value = request.keys.withKeyBytes(of: 0) { bytes, _ in self.value(bytes, in: key.group) }
        return value.map { MemcachedResponse(one: .found($0)) }
    }
}
