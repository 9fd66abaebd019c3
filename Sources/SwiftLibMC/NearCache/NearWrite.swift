/// A write through a near cache: from its beginning, the values that it may change are not used any more, and they are
/// kept again only after it has ended with a known outcome.
struct NearWrite {
    private enum Subject {
        case keys(OneOrMany<UInt64>)
        /// All keys, which vanish some seconds after the command.
        case all(delay: UInt32)
    }

    private let memory: NearMemory
    private let subject: Subject
    private let noreply: Bool

    /// How long a write may still take effect after its call has ended without a known outcome.
    private static let unknownOutcomeTime = Duration.seconds(10)
    /// How long a write with `noreply` may take to arrive.
    private static let noreplyTime = Duration.seconds(1)

    /// Begins the write; nil if the request is not a write.
    init?(_ request: MemcachedRequest, _ memory: NearMemory) {
        self.memory = memory
        switch request.action {
        case .fetch(let reading):
            guard reading.touching != nil else { return nil }
            noreply = false
        case .store(_, _, let writing), .swap(_, _, let writing): noreply = writing.noreply
        case .extend(_, _, let noreply), .delete(let noreply): self.noreply = noreply
        case .touch, .count: noreply = false
        case .flush(let time):
            noreply = false
            subject = .all(delay: time.flushDelay())
            memory.beginFlush()
            return
        case .disconnect, .statistics, .version, .ping, .computation, .location, .decode: return nil
        }
        switch request.keys.list {
        case .one: subject = .keys(.one(memory.beginWrite(request.keys, 0)))
        case .many(let list):
            subject = .keys(.many(list.indices.map { memory.beginWrite(request.keys, $0) }))
        }
    }

    /// The cache behind has carried it out, or part of it.
    func ended(_ response: MemcachedResponse) {
        let now = Moment.now
        switch subject {
        case .keys(let hashes):
            let results = response.results
            for (index, hash) in hashes.enumerated() {
                let isKnown = index < results.count && !results[index].isUnreachable
                let knownTime = noreply ? Self.noreplyTime : .zero
                memory.endWrite(hash, quietUntil: now + (isKnown ? knownTime : Self.unknownOutcomeTime))
            }
        case .all(let delay):
            let quietUntil = now + (response.isComplete ? .zero : Self.unknownOutcomeTime)
            memory.endFlush(quietUntil: quietUntil, later: later(delay, now))
        }
    }

    /// It has failed.
    func failed(_ error: MemcachedError) {
        let now = Moment.now
        let quietUntil = now + (error.isCertainRefusal ? .zero : Self.unknownOutcomeTime)
        switch subject {
        case .keys(let hashes): for hash in hashes { memory.endWrite(hash, quietUntil: quietUntil) }
        case .all(let delay): memory.endFlush(quietUntil: quietUntil, later: later(delay, now))
        }
    }

    /// The time around which a delayed flush takes place: servers' clocks count seconds, and some may be ahead or
    /// behind.
    private func later(_ delay: UInt32, _ now: Moment) -> Range<Moment>? {
        guard delay > 0 else { return nil }
        // A date, for servers that are told the time of the day.
        let isDate = delay > 30 * 24 * 3600
        let seconds = isDate ? max(0, Int64(delay) - Expiration.currentUnixTime()) : Int64(delay)
        return now + .seconds(max(0, seconds - 2))..<now + .seconds(seconds + 2)
    }
}

extension MemcachedError {
    /// Whether the error means that nothing was written, and nothing will be.
    fileprivate var isCertainRefusal: Bool {
        if isOutcomeUnknown { return false }
        return switch code {
        case .badKey, .invalidArguments, .serialization, .notSupported, .notNumeric, .overloaded, .poolExhausted: true
        default: code.isOutcome
        }
    }
}
