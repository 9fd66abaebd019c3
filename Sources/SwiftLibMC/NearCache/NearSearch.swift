/// A read through a near cache: the values in memory, the keys to ask for, and the keys that others are asking for
/// already.
///
/// Nothing here waits or asks, so it is the same for synchronous and asynchronous caches. The loop around it:
///
/// 1. ``begin()``: finds the values in memory; done if that is all of them.
/// 2. Ask ``question``, if there is one, and call ``answered(_:)`` or ``failed(_:)``.
/// 3. Wait for each of ``waits``, and call ``take(_:_:)``.
struct NearSearch {
    /// A key that another caller asks for.
    struct Wait {
        fileprivate let index: Int
        let flight: NearFlight
        fileprivate let position: Int
    }

    private let memory: NearMemory
    private let request: MemcachedRequest
    private var results: [MemcachedResponse.Result]
    private var failures: [MemcachedResponse.Failure] = []
    /// The response of the cache behind, if everything was asked for at once.
    private var whole: MemcachedResponse?

    /// The keys without a result yet.
    private var open: [Int]
    /// The keys that this caller asks for.
    private var led: [(index: Int, ticket: NearTicket)] = []
    private var flight: NearFlight?
    private(set) var waits: [Wait] = []
    private var round = 0
    /// Whether other callers' requests did not help, or can't.
    private var isAlone: Bool

    /// Begins a read of keys that are not in memory.
    init(_ request: MemcachedRequest, _ reading: MemcachedRequest.Reading, _ memory: NearMemory) {
        self.memory = memory
        self.request = request
        results = Array(repeating: .unreachable, count: request.keys.count)
        open = Array(results.indices)
        // The threads of the cache may convert values, each to what its own caller wants.
        isAlone = reading.type != nil
    }

    /// Looks for the keys without a result; false if there are none.
    mutating func begin() -> Bool {
        (led, waits, flight) = ([], [], nil)
        let start = Moment.now
        round += 1
        if round > 2 { isAlone = true }
        for index in open { board(index, start) }
        open = []
        return !led.isEmpty || !waits.isEmpty
    }

    /// Finds a value in memory, or the request that asks for it.
    private mutating func board(_ index: Int, _ start: Moment) {
        let (keys, position, isAlone, isFirst) = (request.keys, led.count, isAlone, round == 1)
        let own = flight ?? NearFlight()
        flight = own
        let boarding = keys.withKeyBytes(of: index) { [memory] key, _ in
            let hash = memory.hash(key)
            let group = keys.list[index].group
            return memory.withShard(hash) { shard -> Boarding in
                if let value = shard.look(hash, key, group: group, now: start) { return .found(value) }
                if isFirst { shard.counts.misses &+= 1 }
                let ticket = shard.stripes.ticket(hash, start)
                if isAlone { return .led(ticket) }
                if let flying = shard.flights[hash], flying.group == group, key.equals(flying.key),
                    shard.stripes.isCurrent(flying.ticket), flying.ticket.start + memory.lifetime > start
                {
                    return .joined(Wait(index: index, flight: flying.flight, position: flying.position))
                }
                shard.flights[hash] = NearShard.Flying(
                    key: Array(copying: key),
                    group: group,
                    ticket: ticket,
                    flight: own,
                    position: position
                )
                return .led(ticket)
            }
        }
        switch boarding {
        case .found(let value): results[index] = .found(value)
        case .led(let ticket): led.append((index, ticket))
        case .joined(let wait): waits.append(wait)
        }
    }

    /// How a caller gets a value.
    private enum Boarding {
        case found(MemcachedResponse.Value)
        case led(NearTicket)
        case joined(Wait)
    }

    // MARK: - Asking

    /// The request for the cache behind.
    var question: MemcachedRequest? {
        if led.isEmpty { return nil }
        return led.count == request.keys.count ? request : request.narrowed(to: led.map(\.index))
    }

    /// Takes the response to the question.
    mutating func answered(_ response: MemcachedResponse) {
        if led.count == request.keys.count { whole = response }
        failures += response.failures
        for (asked, result) in zip(led, response.results) {
            results[asked.index] = result
            if case .found(let value) = result, value.object == nil { keep(value, asked.index, asked.ticket) }
        }
        land(.results(Array(response.results)))
    }

    /// The request failed.
    mutating func failed(_ error: MemcachedError) {
        // The others have not been cancelled, and the error may be about another key.
        let isTheirs = error.code != .cancelled && request.keys.list.isOne
        land(isTheirs ? .failed(error) : .abandoned)
    }

    private func keep(_ value: MemcachedResponse.Value, _ index: Int, _ ticket: NearTicket) {
        request.keys.withKeyBytes(of: index) { key, _ in
            let group = request.keys.list[index].group
            memory.withShard(ticket.hash) { $0.keep(value, key, group: group, ticket, for: memory.lifetime) }
        }
    }

    private mutating func land(_ outcome: NearFlight.Outcome) {
        guard let flight else { return }
        for (_, ticket) in led where !isAlone {
            memory.withShard(ticket.hash) { shard in
                // A caller after a write may have begun another request.
                if shard.flights[ticket.hash]?.flight === flight { shard.flights[ticket.hash] = nil }
            }
        }
        flight.finish(outcome)
    }

    // MARK: - Waiting

    /// Takes the outcome of another caller's request.
    ///
    /// - Throws: Its error, if there is one for this key.
    mutating func take(_ wait: Wait, _ outcome: NearFlight.Outcome) throws(MemcachedError) {
        switch outcome {
        case .results(let found) where wait.position < found.count:
            switch found[wait.position] {
            case .unreachable, .refused: isAlone = true
            case let result:
                results[wait.index] = result
                return
            }
        case .failed(let error) where request.keys.list.isOne: throw request.named(error)
        case .failed: isAlone = true
        case .results, .abandoned: break
        }
        open.append(wait.index)
    }

    /// The error for a task that was cancelled while it waited; nil if it was not.
    var cancellation: MemcachedError? {
        guard Task.isCancelled else { return nil }
        return request.named(
            MemcachedError(code: .cancelled, operation: request.operation, detail: "the task was cancelled")
        )
    }

    /// The response for the caller.
    var response: MemcachedResponse {
        if let whole { return whole }
        return MemcachedResponse(request.keys.list.isOne ? .one(results[0]) : .many(results), failures: failures)
    }
}
