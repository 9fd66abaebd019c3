/// A read that goes from cache to cache until all its keys are found: the same for synchronous and asynchronous caches.
struct FallbackSearch {
    /// The request for the keys that have not been found.
    private(set) var request: MemcachedRequest
    private var results: [MemcachedResponse.Result]
    /// The places of the request's keys in that of the caller.
    private var places: [Int]
    private let isOne: Bool
    private let cacheCount: Int
    private var cache = 0
    private var errors: [MemcachedError] = []

    init(_ request: MemcachedRequest, in cacheCount: Int) {
        self.request = request
        self.cacheCount = cacheCount
        isOne = request.keys.list.isOne
        results = Array(repeating: .unreachable, count: request.keys.count)
        places = Array(results.indices)
    }

    var isOver: Bool { places.isEmpty }

    /// Takes the response of the next cache.
    mutating func found(_ response: MemcachedResponse) throws(MemcachedError) {
        try response.check(request)
        errors += response.failures.map(\.error)
        var missing: [Int] = []
        for (index, result) in response.results.enumerated() {
            let isMissing = if case .missing = result { true } else { false }
            if isMissing || result.isUnreachable { missing.append(index) }
            // A miss in one cache is still a miss if the next cache has failed.
            if !result.isUnreachable { results[places[index]] = result.from(cache, of: cacheCount) }
        }
        request = request.narrowed(to: missing)
        places = missing.map { places[$0] }
        cache += 1
    }

    /// Takes the error of the next cache.
    mutating func failed(_ error: MemcachedError) throws(MemcachedError) {
        // A mistake of the caller, which no other cache would accept either.
        if error.code == .badKey || error.code == .invalidArguments { throw error }
        // The caller no longer waits for an answer.
        if error.code == .cancelled { throw error }
        errors.append(error)
        cache += 1
    }

    /// The combined response; `onError` is called with the failures that have no other effect.
    func conclude(
        _ onError: (@Sendable (MemcachedError) -> Void)?
    ) throws(MemcachedError) -> MemcachedResponse {
        let isIncomplete = results.contains(where: \.isUnreachable)
        if isIncomplete, let first = errors.first, results.allSatisfy(\.isUnreachable) { throw first }
        let failures = isIncomplete ? errors.map { MemcachedResponse.Failure(error: $0) } : []
        if !isIncomplete { for error in errors { onError?(error) } }
        return MemcachedResponse(isOne ? .one(results[0]) : .many(results), failures: failures)
    }
}

extension MemcachedRequest {
    /// The request as it goes to the first of several caches: an item that was read from another one was missing in the
    /// first, and is stored if it still is.
    var forFirstCache: MemcachedRequest {
        guard case .swap(let value, CAS(rawValue: 0), let writing) = action else { return self }
        return MemcachedRequest(operation, keys: keys, .store(.one(value), .ifAbsent, writing))
    }
}

extension CommandPolicies {
    /// The policies of several caches, if these are the first one's.
    func ofFallback(_ onError: (@Sendable (MemcachedError) -> Void)?) -> CommandPolicies {
        var policies = self
        policies.onError = onError ?? policies.onError
        return policies
    }
}

// MARK: - Which cache a value is from

extension MemcachedResponse.Result {
    /// A result of one of several caches: an item that is not from the first has no version there.
    fileprivate func from(_ cache: Int, of count: Int) -> Self {
        guard case .found(let value) = self else { return self }
        var found = cache == 0 ? value : value.at(CAS(rawValue: 0))
        // Those caches may have several, too.
        found.origin = value.origin * UInt32(count) + UInt32(cache)
        return .found(found)
    }
}

extension MemcachedResponse.Value {
    /// Which of several caches the value is from, and the value as that cache knows it.
    func owner(of count: Int) -> (cache: Int, value: Self) {
        var value = self
        value.origin = origin / UInt32(count)
        return (Int(origin) % count, value)
    }
}

/// Stores in the format of the first cache, and reads each value in that of the one it is from.
struct FallbackCodec: ValueCodec {
    let codecs: [any ValueCodec]

    func serialize<V: Encodable>(_ value: V) throws -> Payload { try codecs[0].serialize(value) }

    func deserialize<V: Decodable>(_ bytes: RawSpan, flags: Flags, as type: V.Type) throws -> V {
        try codecs[0].deserialize(bytes, flags: flags, as: type)
    }

    func compress(
        _ payload: Payload,
        _ options: StoreOptions,
        for operation: MemcachedOperation
    ) throws(MemcachedError) -> Payload {
        try codecs[0].compress(payload, options, for: operation)
    }

    func inflate(
        _ value: MemcachedResponse.Value,
        for operation: MemcachedOperation,
        key: @autoclosure () -> String
    ) throws(MemcachedError) -> MemcachedResponse.Value {
        let (cache, value) = value.owner(of: codecs.count)
        return try codecs[cache].inflate(value, for: operation, key: key())
    }

    func decode<V: Decodable>(
        _ stored: MemcachedResponse.Value,
        as type: V.Type,
        for operation: MemcachedOperation,
        key: @autoclosure () -> String
    ) throws(MemcachedError) -> V? {
        let (cache, value) = stored.owner(of: codecs.count)
        return try codecs[cache].decode(value, as: type, for: operation, key: key())
    }
}

/// The same for codecs that any task may use.
struct SendableFallbackCodec: ValueCodec, Sendable {
    let codecs: [any ValueCodec & Sendable]

    private var codec: FallbackCodec { FallbackCodec(codecs: codecs) }

    func serialize<V: Encodable>(_ value: V) throws -> Payload { try codec.serialize(value) }

    func deserialize<V: Decodable>(_ bytes: RawSpan, flags: Flags, as type: V.Type) throws -> V {
        try codec.deserialize(bytes, flags: flags, as: type)
    }

    func compress(
        _ payload: Payload,
        _ options: StoreOptions,
        for operation: MemcachedOperation
    ) throws(MemcachedError) -> Payload {
        try codec.compress(payload, options, for: operation)
    }

    func inflate(
        _ value: MemcachedResponse.Value,
        for operation: MemcachedOperation,
        key: @autoclosure () -> String
    ) throws(MemcachedError) -> MemcachedResponse.Value {
        try codec.inflate(value, for: operation, key: key())
    }

    func decode<V: Decodable>(
        _ stored: MemcachedResponse.Value,
        as type: V.Type,
        for operation: MemcachedOperation,
        key: @autoclosure () -> String
    ) throws(MemcachedError) -> V? {
        try codec.decode(stored, as: type, for: operation, key: key())
    }
}
