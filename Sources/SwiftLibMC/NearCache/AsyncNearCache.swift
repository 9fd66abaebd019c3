/// A cache that keeps the most frequently read values in the process, for a short time: ``NearCache`` for tasks.
///
/// ```swift
/// let cache = AsyncNearCache(client, bytes: 64 << 20, timeToLive: .seconds(1))
/// ```
///
/// A task that waits for another task's request continues at once when it is cancelled. If the other task is cancelled,
/// the waiting one asks the server itself. Nothing is kept for a client whose class has its own format, because its
/// threads convert the values.
public struct AsyncNearCache: AsyncForwardingCommands {
    /// The cache that is asked.
    public let base: any AsyncMemcachedCommands
    /// The memory that keeps values.
    public let memory: NearMemory

    /// Puts a memory in front of a cache.
    ///
    /// - Parameters:
    ///   - cache: The cache to ask.
    ///   - bytes: How many bytes to keep at most.
    ///   - timeToLive: How long a value is used, from when it was asked for.
    public init(_ cache: any AsyncMemcachedCommands, bytes: Int = 64 << 20, timeToLive: Duration = .seconds(1)) {
        self.init(cache, memory: NearMemory(bytes: bytes, timeToLive: timeToLive))
    }

    /// Puts a memory in front of a cache that others use, too.
    public init(_ cache: any AsyncMemcachedCommands, memory: NearMemory) {
        base = cache
        self.memory = memory
    }

    /// How the memory has been used.
    public var statistics: NearStatistics { memory.statistics }

    /// Answers a request from memory, or has the cache carry it out.
    public func execute(_ request: MemcachedRequest) async throws(MemcachedError) -> MemcachedResponse {
        if case .fetch(let reading) = request.action, reading.isAnsweredNear {
            if let response = memory.response(to: request) { return response }
            return try await search(NearSearch(request, reading, memory))
        }
        guard let write = NearWrite(request, memory) else { return try await base.execute(request) }
        do throws(MemcachedError) {
            let response = try await base.execute(request)
            write.ended(response)
            return response
        } catch {
            write.failed(error)
            throw error
        }
    }

    private func search(_ search: NearSearch) async throws(MemcachedError) -> MemcachedResponse {
        var search = search
        while search.begin() {
            if let question = search.question {
                do throws(MemcachedError) {
                    search.answered(try await base.execute(question))
                } catch {
                    search.failed(error)
                    throw error
                }
            }
            for wait in search.waits {
                let outcome = await wait.flight.outcome()
                if case .abandoned = outcome, let cancellation = search.cancellation { throw cancellation }
                try search.take(wait, outcome)
            }
        }
        return search.response
    }
}
