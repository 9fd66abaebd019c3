/// A cache that keeps in the process what is read most, for a short time.
///
/// ```swift
/// let cache = NearCache(pool, bytes: 64 << 20, timeToLive: .seconds(1))
/// ```
///
/// Values that `get`, `getMulti` and their like have read are given again without asking a server, for at most
/// ``NearMemory/timeToLive``: for that long a value may be older than what other processes have written, or have
/// expired. Everything else asks, such as `gets`, `item` and `contains`, and so do misses. Callers that want the same
/// value at the same time share one request.
///
/// Writes through this cache, or another one with the same ``memory``, drop what they change; a later read never gives an
/// older value. If it is not known whether a write was carried out, its key is asked for each time for ten seconds. What
/// this process writes by other ways is like what other processes write; ``NearMemory/remove(_:)`` drops it. After a change
/// of the client's servers or namespace call ``NearMemory/removeAll()``.
///
/// A call that shares another thread's request waits for it for five seconds at most, and then asks itself.
///
/// It may be put around a wrapper or inside one. It is as fit for several threads as the cache that it asks; ``memory``
/// is fit for all of them.
public struct NearCache: ForwardingCommands {
    /// The cache that is asked.
    public let base: any MemcachedCommands
    /// What is kept.
    public let memory: NearMemory

    /// Puts a memory in front of a cache.
    ///
    /// - Parameters:
    ///   - cache: The cache to ask.
    ///   - bytes: How many bytes to keep at most.
    ///   - timeToLive: For how long to give a value, from when it was asked for.
    public init(_ cache: any MemcachedCommands, bytes: Int = 64 << 20, timeToLive: Duration = .seconds(1)) {
        self.init(cache, memory: NearMemory(bytes: bytes, timeToLive: timeToLive))
    }

    /// Puts a memory in front of a cache that others use, too.
    public init(_ cache: any MemcachedCommands, memory: NearMemory) {
        base = cache
        self.memory = memory
    }

    /// What the memory has been good for.
    public var statistics: NearStatistics { memory.statistics }

    /// Answers a request with what is kept, or has the cache carry it out.
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
            let deadline = Moment.now + NearFlight.patience
            for wait in search.waits { try search.take(wait, wait.flight.outcome(until: deadline)) }
        }
        return search.response
    }
}

extension MemcachedRequest.Reading {
    /// Whether a value that was kept is an answer.
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
